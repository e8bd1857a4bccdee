import type { PathRules, PathStates, PathVerdict } from './path-rules.ts';

/** The rules of a message and where a document stands in it: at its root, or in a string of it. */
export interface PathScope {
  readonly rules: PathRules;
  readonly start: PathStates;
  /** The verdict on what holds the document. */
  readonly verdict?: PathVerdict | undefined;
}

interface Level {
  states: PathStates;
  verdict: PathVerdict | undefined;
}

/** Follows a walk through the paths of rules, one level for each open container. The inner of two rules holds. */
export class PathCursor {
  readonly #rules: PathRules;
  readonly #root: Level;
  readonly #levels: Level[] = [];
  #current: Level;

  constructor({ rules, start, verdict }: PathScope) {
    this.#rules = rules;
    this.#root = { states: start, verdict };
    this.#current = this.#root;
  }

  /** What the rules say of the current value. */
  get verdict(): PathVerdict | undefined {
    return this.#current.verdict;
  }

  /** The current value is a container at `depth`. */
  open(depth: number): void {
    this.#levels[depth] = this.#current;
  }

  /** The current value is `key` of the container at `depth`. */
  enter(depth: number, key: string | number): void {
    const parent = this.#levels[depth] ?? this.#root;
    const { states, verdict } = this.#rules.step(parent.states, key);
    this.#current = { states, verdict: verdict ?? parent.verdict };
  }

  /** The current value is a message of a batch: paths begin in it. */
  restart(): void {
    this.#current = this.#root;
  }

  /** For JSON in the current string: as if it stood there, and in the text of a result as if it were its structured content. */
  scopeBelow(pointer: string): PathScope {
    const { states, verdict } = this.#current;
    if (!contentText.test(pointer)) return { rules: this.#rules, start: states, verdict };
    const result = this.#rules.step(this.#root.states, 'result');
    const twin = this.#rules.step(result.states, 'structuredContent');
    const start = [...new Set([...states, ...twin.states])];
    return { rules: this.#rules, start, verdict: verdict ?? twin.verdict ?? result.verdict };
  }
}

const contentText = /^(?:\/\d+)?\/result\/content\/\d+\/text$/;
