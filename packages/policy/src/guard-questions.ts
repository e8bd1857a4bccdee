/** From the guards of a bundle to the texts of one call that they judge (`masking.md` §5). */
import type { BundleGuard, GuardFinding } from '@tachograph/protocol';
import { compileGlobs } from './glob.ts';
import { guardTargets, raiseByHint, type GuardTarget } from './guards/guard-targets.ts';
import type { Judgement } from './guards/guard-verdict.ts';

/** One text to judge, and the guard that asks for it, by index in the bundle. */
export interface GuardQuestion {
  readonly guard: number;
  readonly target: GuardTarget;
  /** What a tool says of itself counts. */
  readonly isRaisedByHint: boolean;
}

/** The questions that a bundle's guards have about one call of a tool; `args` as the server gets them. */
export type GuardQuestions = (tool: string, args: unknown) => readonly GuardQuestion[];

const maxTexts = 64;
const maxDepth = 64;
/** More than can be looked at is one text that nobody can read, so that it needs approval. */
const unreadable = '\0';

/** Compiles a bundle's guards; `undefined` where there are none. */
export function compileGuardQuestions(guards: readonly BundleGuard[]): GuardQuestions | undefined {
  if (guards.length === 0) return undefined;
  const compiled = guards.map((guard, index) => ({
    guard,
    index,
    isTool: guard.tools === undefined ? () => true : compileGlobs(guard.tools),
  }));
  return (tool, args) =>
    compiled
      .filter(({ isTool }) => isTool(tool))
      .flatMap(({ guard, index }) =>
        targetsOf(guard, tool, args).map((target) => ({
          guard: index,
          target,
          isRaisedByHint: guard.destructiveHint === 'raise',
        })),
      );
}

/**
 * What a judgement says to the guard that asked: every verdict that was found, the worst first, since a policy may let
 * the worst pass and not another. `destructiveHint`: what the tool's definition says.
 */
export function toGuardFindings(
  { guard, target, isRaisedByHint }: GuardQuestion,
  judgement: Judgement,
  destructiveHint = false,
): readonly GuardFinding[] {
  const { verdict, verdicts, reasons } = isRaisedByHint ? raiseByHint(judgement, destructiveHint) : judgement;
  return [...new Set([verdict, ...verdicts])].map((found) => ({ kind: target.kind, verdict: found, reasons, guard }));
}

function targetsOf(
  { kind, dialect, arguments: names }: BundleGuard,
  tool: string,
  args: unknown,
): readonly GuardTarget[] {
  if (names === undefined) {
    const found = guardTargets(tool, args, { dialect, sniff: kind === 'sql' });
    return found
      .filter((target) => target.kind === kind || target.path === '#over')
      .map((target) => ({ ...target, kind }));
  }
  return names.flatMap((name) => {
    const path = toPath(name);
    return textsUnder(valueAt(args, path), kind).map((text): GuardTarget => {
      const at = `/${path.map(escapePointer).join('/')}`;
      return kind === 'sql' ? { kind, text, path: at, dialect } : { kind, text, path: at };
    });
  });
}

/** Keys and indexes behind `$`; no wildcards, no filters. */
export function isArgumentPath(text: string): boolean {
  return /^\$\.[^.[\]]+(\.[^.[\]]+|\[\d+\])*$/.test(text);
}

/** `name` alone is a top-level argument, whatever characters it has; `$.a.b[0]` leads further. */
function toPath(name: string): readonly string[] {
  if (!isArgumentPath(name)) return [name];
  return [...name.slice(1).matchAll(/\.([^.[\]]+)|\[(\d+)\]/g)].map(([, key, index]) => key ?? index ?? '');
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = new Map(Object.entries(at)).get(key);
  }
  return at;
}

type Text = string | readonly string[];

/** Every text at a named place, however it is wrapped: a server may take the list or the object for the text in it. */
function textsUnder(value: unknown, kind: 'sql' | 'shell'): readonly Text[] {
  const texts: Text[] = [];
  collectTexts(value, { kind, texts, depth: 0 });
  return texts.length > maxTexts ? [unreadable] : texts;
}

interface Collecting {
  readonly kind: 'sql' | 'shell';
  readonly texts: Text[];
  readonly depth: number;
}

function collectTexts(value: unknown, { kind, texts, depth }: Collecting): void {
  if (texts.length > maxTexts) return;
  if (typeof value === 'string') texts.push(value);
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxDepth) {
    texts.push(unreadable);
    return;
  }
  const words = kind === 'shell' ? wordsOf(value) : undefined;
  if (words !== undefined) texts.push(words);
  // A list of commands, one a line, looks the same as the words of one command.
  const members = words === undefined ? Object.values(value) : words.filter((word) => /\s/.test(word));
  for (const member of members) collectTexts(member, { kind, texts, depth: depth + 1 });
}

function wordsOf(value: object): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const words = value.filter((member) => typeof member === 'string');
  return words.length > 0 && words.length === value.length ? words : undefined;
}

function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
