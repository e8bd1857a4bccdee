import { work } from '../scan/work.ts';
import { emptyChars, otherChars, type BorderKind, type PatternChars, type PatternNode } from './token-pattern.ts';

/** A text to match in, and the secret part of the last match; `secretStart` is -1 where the pattern marks none. */
export interface MatchInput {
  readonly text: string;
  /** Matches neither read nor begin before it. */
  readonly floor: number;
  readonly end: number;
  secretStart: number;
  secretEnd: number;
}

/** End of the match that begins at `at`, or -1. Counts what it reads in `work`. */
export type Matcher = (input: MatchInput, at: number) => number;

/** A matcher and the characters that can come first; undefined where it may succeed without reading one. */
interface Step {
  readonly run: Matcher;
  readonly first: PatternChars | undefined;
}

/** Repetitions of groups are written out; what says `*` of a group gets so many. */
const maxCopies = 8;
const asciiEnd = otherChars;

/**
 * Compiles a pattern to functions, each of which knows what follows it. A run of characters is read once and given back
 * only where what follows could begin within it, so that nearly all patterns never go back; what they read is counted
 * against the leaf's work budget in any case.
 */
export function compilePattern(node: PatternNode): Matcher {
  const { run, first } = compile(node, { run: (_input, at) => at, first: undefined });
  if (first === undefined) return run;
  return (input, at) => (at < input.end && has(first, input.text.charCodeAt(at)) ? run(input, at) : -1);
}

function compile(node: PatternNode, next: Step): Step {
  if (node.kind === 'chars') return single(node.set, next);
  if (node.kind === 'sequence') return node.items.reduceRight((following, item) => compile(item, following), next);
  if (node.kind === 'choice') return choice(node.options, next);
  if (node.kind === 'secret') return secret(node.item, next);
  if (node.kind === 'border') return border(node.at, next);
  return node.item.kind === 'chars' ? charRun(node.item.set, node, next) : copies(node, next);
}

function single(set: PatternChars, { run }: Step): Step {
  return {
    first: set,
    run: (input, at) => (at < input.end && has(set, input.text.charCodeAt(at)) ? run(input, at + 1) : -1),
  };
}

function choice(options: readonly PatternNode[], next: Step): Step {
  const steps = options.map((option) => compile(option, next));
  return {
    first: union(steps.map(({ first }) => first)),
    run: (input, at) => {
      for (const { run } of steps) {
        work.read += 1;
        const end = run(input, at);
        if (end >= 0) return end;
      }
      return -1;
    },
  };
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly lazy: boolean;
  readonly possessive?: true;
}

function charRun(set: PatternChars, { min, max, lazy, possessive }: Bounds, next: Step): Step {
  const { run, first } = next;
  const shape = { set, min, max, run };
  const isDecided = possessive ?? !mayFollowWithin(set, first);
  const matcher = isDecided ? possessiveRun(shape) : lazy ? lazyRun(shape) : greedyRun(shape);
  return { run: matcher, first: min > 0 ? set : union([set, first]) };
}

/** What follows could begin with a character of the run. */
function mayFollowWithin(set: PatternChars, first: PatternChars | undefined): boolean {
  return first === undefined || first.some((flag, index) => flag === 1 && set[index] === 1);
}

interface RunShape {
  readonly set: PatternChars;
  readonly min: number;
  readonly max: number;
  readonly run: Matcher;
}

/** What follows cannot begin within the run, so there is one end only. */
function possessiveRun({ set, min, max, run }: RunShape): Matcher {
  return (input, at) => {
    const stop = runStop(set, input, at, max);
    return stop - at < min ? -1 : run(input, stop);
  };
}

function greedyRun({ set, min, max, run }: RunShape): Matcher {
  return (input, at) => {
    for (let stop = runStop(set, input, at, max); stop >= at + min; stop -= 1) {
      work.read += 1;
      const end = run(input, stop);
      if (end >= 0) return end;
    }
    return -1;
  };
}

function lazyRun({ set, min, max, run }: RunShape): Matcher {
  return (input, at) => {
    const last = runStop(set, input, at, max);
    for (let stop = at + min; stop <= last; stop += 1) {
      work.read += 1;
      const end = run(input, stop);
      if (end >= 0) return end;
    }
    return -1;
  };
}

function runStop(set: PatternChars, { text, end }: MatchInput, at: number, max: number): number {
  const last = Math.min(end, at + max);
  let i = at;
  while (i < last && has(set, text.charCodeAt(i))) i += 1;
  work.read += i - at + 1;
  return i;
}

/** A group so many times: written out from the last to the first. */
function copies({ item, min, max }: { item: PatternNode } & Bounds, next: Step): Step {
  let step = next;
  for (let extra = Math.min(max, min + maxCopies) - min; extra > 0; extra -= 1) step = optional(item, step, next);
  for (let needed = min; needed > 0; needed -= 1) step = compile(item, step);
  return step;
}

function optional(item: PatternNode, more: Step, next: Step): Step {
  const taken = compile(item, more);
  return {
    first: union([taken.first, next.first]),
    run: (input, at) => {
      work.read += 1;
      const end = taken.run(input, at);
      return end >= 0 ? end : next.run(input, at);
    },
  };
}

function secret(item: PatternNode, next: Step): Step {
  const close: Step = {
    first: next.first,
    run: (input, at) => {
      const end = next.run(input, at);
      if (end >= 0) input.secretEnd = at;
      return end;
    },
  };
  const inner = compile(item, close);
  return {
    first: inner.first,
    run: (input, at) => {
      const end = inner.run(input, at);
      if (end >= 0) input.secretStart = at;
      return end;
    },
  };
}

function border(kind: BorderKind, { run, first }: Step): Step {
  const holds = borderTests[kind];
  return { first: borderFirst[kind] ?? first, run: (input, at) => (holds(input, at) ? run(input, at) : -1) };
}

const wordChars = toSet((char) => /\w/.test(char));
const tokenChars = toSet((char) => /[\w+/=-]/.test(char));
const hyphen = 0x2d;
const pemOpening = '-----BEGIN ';
/** A token's own characters but the hyphen, which may begin a private key. */
const afterToken = tokenChars.map((flag, code) => (code === hyphen ? 1 : 1 - flag));
const valueEnds = toSet((char) => /[\s'"\x60;,)}\]<&\\|]/.test(char));

/** What comes behind these is known without what follows. */
const borderFirst: Readonly<Partial<Record<BorderKind, PatternChars>>> = { close: afterToken, 'value-end': valueEnds };

const borderTests: Readonly<Record<BorderKind, (input: MatchInput, at: number) => boolean>> = {
  word: (input, at) => isBefore(wordChars, input, at) !== isAt(wordChars, input, at),
  'text-start': ({ floor }, at) => at <= floor,
  'text-end': ({ end }, at) => at >= end,
  open: (input, at) => !isBefore(wordChars, input, at),
  close: (input, at) => !isAt(tokenChars, input, at) || isAtPem(input, at),
  'value-end': (input, at) => at >= input.end || isAt(valueEnds, input, at),
};

/** A private key directly behind a token is masked itself: what stands in its place would end the token the next time. */
function isAtPem({ text, end }: MatchInput, at: number): boolean {
  return at + pemOpening.length <= end && text.startsWith(pemOpening, at);
}

function isBefore(set: PatternChars, { text, floor }: MatchInput, at: number): boolean {
  return at > floor && has(set, text.charCodeAt(at - 1));
}

function isAt(set: PatternChars, { text, end }: MatchInput, at: number): boolean {
  return at < end && has(set, text.charCodeAt(at));
}

function toSet(isIn: (char: string) => boolean): PatternChars {
  const set = emptyChars();
  for (let code = 0; code < asciiEnd; code += 1) set[code] = isIn(String.fromCharCode(code)) ? 1 : 0;
  return set;
}

function union(sets: readonly (PatternChars | undefined)[]): PatternChars | undefined {
  const all = emptyChars();
  for (const set of sets) {
    if (set === undefined) return undefined;
    for (let i = 0; i < all.length; i += 1) if (set[i] === 1) all[i] = 1;
  }
  return all;
}

function has(set: PatternChars, code: number): boolean {
  return set[code < asciiEnd ? code : otherChars] === 1;
}
