import type { ValueOperator } from './assigned-value.ts';
import { hasChar, runEnd, toCharSet } from './char-set.ts';
import type { KeywordMatch } from './detector.ts';
import { isQuote, readQuoted, skipBlanks } from './value-reader.ts';

/** What stands between a name and its value. */
export interface Operator {
  readonly kind: ValueOperator;
  /** Where the value begins, blanks skipped. */
  readonly valueStart: number;
  readonly tight: boolean;
}

interface NameSpan {
  readonly start: number;
  readonly end: number;
}

const closers = toCharSet('\\"\'`])');
const maxClosers = 4;
const maxBlanks = 16;
const maxRead = 64;

const signStarts = toCharSet('=!.:+?|(,', 'a-z', 'A-Z', '_');
const colon = 0x3a;
const pipe = 0x7c;
const greater = 0x3e;
/** The first that fits counts. */
const operators: readonly (readonly [ValueOperator, RegExp])[] = [
  ['compare', /^(?:===?|!==?|\.[eE]quals\()/],
  ['equals', /^(?::=|[+?|:]?=(?![=~])>?)/],
  ['default', /^(?:\|\||\?\?|\?:|or\b)/],
  ['colon', /^:(?!:)/],
  ['call', /^\(/],
  ['prose', /^(?:is|was)\b:?/],
  ['comma', /^,/],
];
/** `name="DB_PASSWORD" value="…"`, `"name": "DB_PASSWORD", "value": "…"`. */
const sibling = /^\\?["'`]\s{0,8},?\s{0,8}\\?["'`]?(?:value|Value|VALUE)\\?["'`]?\s{0,2}[:=]\s{0,4}/;
/** `name: Type = value`, `name string = value`. */
const typed = /^:?\s{0,4}[A-Za-z_][\w.<>[\]|?*]{0,40}\s{1,4}:?=\s/;

/** Reads at most about a hundred characters behind the name. */
export function readOperator(match: KeywordMatch, name: NameSpan): Operator | undefined {
  const { text, end } = match;
  const closed = runEnd(closers, text, name.end, Math.min(end, name.end + maxClosers));
  const at = skipBlanks(text, closed, end, maxBlanks);
  if (isTag(match, name, closed)) return { kind: 'tag', valueStart: closed + 1, tight: true };
  const paired = closed > name.end ? sibling.exec(text.slice(name.end, Math.min(end, name.end + maxRead))) : null;
  if (paired !== null) return { kind: 'sibling', valueStart: name.end + paired[0].length, tight: true };
  const sign = readSign(text, closed, at, end);
  if (sign !== undefined) {
    const blanksEnd = skipBlanks(text, at + sign.width, end, maxBlanks);
    const valueStart = sign.kind === 'colon' ? blockStart(text, blanksEnd, end) : blanksEnd;
    return { kind: sign.kind, valueStart, tight: at === closed && valueStart === at + sign.width };
  }
  const kind = at > closed && closed === name.end ? unsignedKind(match, name, at) : undefined;
  return kind === undefined ? undefined : { kind, valueStart: at, tight: true };
}

/** `--password x`, `PASSWORD 'x'`, `set PASSWORD x`, `login bob password x` of netrc, `auth token 4f3a…`: only blanks stand between. */
function unsignedKind({ text, floor, end }: KeywordMatch, name: NameSpan, at: number): ValueOperator | undefined {
  if (text.startsWith('-', name.start)) return 'flag';
  if (readQuoted(text, at, end) !== undefined || isSet(text, floor, name.start)) return 'command';
  const isLong = runEnd(blobChars, text, at, Math.min(end, at + minLong)) === at + minLong;
  return isLong && longRandom.test(text.slice(at, at + minLong)) ? 'command' : undefined;
}

const blobChars = toCharSet('a-z', 'A-Z', '0-9', '_+/=');
const minLong = 24;
const longRandom = /^(?=\D{0,12}\d)[^A-Za-z]{0,12}[A-Za-z]/;

function isSet(text: string, floor: number, nameStart: number): boolean {
  const before = text.slice(Math.max(floor, nameStart - maxRead), nameStart);
  return (
    !before.includes('[REDACTED:') &&
    /(?:^|[\s\\])(?:(?:set|setenv|ENV|ARG)[ \t]|login\s{1,4}\S{1,40}\s{1,4})$/.test(before)
  );
}

/** The operator at `at`; the name and what closes it end at `closed`. */
function readSign(
  text: string,
  closed: number,
  at: number,
  end: number,
): { kind: ValueOperator; width: number } | undefined {
  const code = text.charCodeAt(at);
  if (!hasChar(signStarts, code)) return undefined;
  const rest = text.slice(at, Math.min(end, at + maxRead));
  if (rest.includes('=') && (at > closed || code === colon)) {
    const declared = typed.exec(rest);
    if (declared !== null) return { kind: 'equals', width: declared[0].length };
  }
  return readWord(rest, isQuote(text.charCodeAt(closed - 1)));
}

function readWord(rest: string, isClosed: boolean): { kind: ValueOperator; width: number } | undefined {
  for (const [kind, pattern] of operators) {
    const width = pattern.exec(rest)?.[0].length ?? 0;
    if (width > 0) return kind === 'comma' && !isClosed ? undefined : { kind, width };
  }
  return undefined;
}

/** `key: |` and `key: >` of YAML: the value begins on the next line. */
function blockStart(text: string, at: number, end: number): number {
  const code = text.charCodeAt(at);
  if (code !== pipe && code !== greater) return at;
  return (
    at + (/^[|>][+-]?[ \t]{0,8}\r?\n[ \t]{1,40}/.exec(text.slice(at, Math.min(end, at + maxRead)))?.[0].length ?? 0)
  );
}

function isTag({ text, floor }: KeywordMatch, name: NameSpan, closed: number): boolean {
  return text.charAt(closed) === '>' && name.start > floor && text.charAt(name.start - 1) === '<';
}
