import { isMaskToken } from '../mask-token.ts';
import { isSecretValue, type ValueShape } from './assigned-value.ts';
import { containsAny, hasChar, runEnd, toCharSet } from './char-set.ts';
import type { Detector, Finding, KeywordMatch } from './detector.ts';
import type { KeyClass, KeyMatcher } from './key-matcher.ts';

const nameChars = toCharSet('a-z', 'A-Z', '0-9', '_.', '-');
const closers = toCharSet('\\"\'`]');
const blanks = toCharSet(' \t');
const quotes = toCharSet('"\'`');
const lineEnds = toCharSet('\r\n');
const valueEnds = toCharSet(' \t\r\n', '"\'`', ',;&|)}]>');
const headerEnds = toCharSet('\r\n', '"\'`');
const maxName = 64;
const maxClosers = 4;
const maxBlanks = 16;
const maxQuoted = 4096;

/** `key: value`, `KEY=value`, `"key": "value"`, `key => value`, `<key>value</key>` and `--key value` in free text. */
export function createAssignmentDetector(keys: KeyMatcher, keywords: readonly string[]): Detector {
  return { id: 'assignment', keywords, verify: (match) => verifyAssignment(keys, match), isPlausible: mayBeAssigned };
}

const afterName = toCharSet('\\"\'`]', ':=>');

/** Behind the name, or a name of several words in JSON, must come what ends it: a quote, an escape, an operator. */
function mayBeAssigned(text: string, from: number, to: number): boolean {
  return containsAny(afterName, text, to, to + maxName) || followsDashes(text, from);
}

function followsDashes(text: string, from: number): boolean {
  return text.slice(Math.max(0, from - maxName), from).includes('--');
}

interface Name {
  readonly start: number;
  readonly end: number;
  readonly key: KeyClass;
}

interface Operator {
  readonly kind: 'equals' | 'colon' | 'tag' | 'flag';
  /** Where the value begins, blanks skipped. */
  readonly valueStart: number;
  readonly tight: boolean;
}

function verifyAssignment(keys: KeyMatcher, match: KeywordMatch): Finding | undefined {
  const name = readName(keys, match);
  if (name === undefined) return undefined;
  const operator = readOperator(match, name);
  if (operator === undefined) return undefined;
  const value = readValue(match, name, operator);
  if (value.end <= value.start || isMaskToken(match.text, value.start, value.end)) return undefined;
  if (!isSecretValue(match.text, value)) return undefined;
  const { start, end } = value;
  const isNumber = value.isQuotedName && !value.quoted && /^-?\d{1,40}$/.test(match.text.slice(start, end));
  return { rule: name.key.rule, start, end, ...(isNumber ? { isNumber } : {}) };
}

function readName(keys: KeyMatcher, { text, floor, end, from, to }: KeywordMatch): Name | undefined {
  const nameEnd = runEnd(nameChars, text, to, Math.min(end, to + maxName));
  // A keyword this far from the end of the name does not decide what the name is.
  if (nameEnd < end && hasChar(nameChars, text.charCodeAt(nameEnd))) return undefined;
  let start = from;
  while (start > Math.max(floor, from - maxName) && hasChar(nameChars, text.charCodeAt(start - 1))) start -= 1;
  if (isInMaskToken(text, start)) return undefined;
  const key = keys.classify(text.slice(start, nameEnd));
  return key === undefined ? undefined : { start, end: nameEnd, key };
}

/** Rules have the names of keys: `[REDACTED:token]: x` assigns nothing to a token. */
function isInMaskToken(text: string, start: number): boolean {
  return text.startsWith('[REDACTED:', start - 10);
}

function readOperator({ text, floor, end }: KeywordMatch, name: Name): Operator | undefined {
  const closed = runEnd(closers, text, name.end, Math.min(end, name.end + maxClosers));
  const at = runEnd(blanks, text, closed, Math.min(end, closed + maxBlanks));
  const width = operatorWidth(text, at);
  if (width > 0) {
    const valueStart = runEnd(blanks, text, at + width, Math.min(end, at + width + maxBlanks));
    const kind = text.charAt(at + width - 1) === ':' ? 'colon' : 'equals';
    return { kind, valueStart, tight: at === closed && valueStart === at + width };
  }
  if (text.charAt(closed) === '>' && name.start > floor && text.charAt(name.start - 1) === '<') {
    return { kind: 'tag', valueStart: closed + 1, tight: true };
  }
  const isFlag = at > name.end && closed === name.end && text.startsWith('--', name.start);
  return isFlag ? { kind: 'flag', valueStart: at, tight: true } : undefined;
}

function operatorWidth(text: string, at: number): number {
  const first = text.charAt(at);
  const second = text.charAt(at + 1);
  if (first === '=') return second === '>' ? 2 : second === '=' || second === '~' ? 0 : 1;
  if (first !== ':') return 0;
  return second === '=' ? 2 : second === ':' ? 0 : 1;
}

function readValue(match: KeywordMatch, name: Name, operator: Operator): ValueShape {
  const { text, end } = match;
  const shape = {
    operator: operator.kind,
    tight: operator.tight,
    isQuotedName: hasChar(quotes, text.charCodeAt(name.end)) || text.charAt(name.end) === '\\',
    name: text.slice(name.start, name.end),
    rule: name.key.rule,
  };
  const quoted = readQuoted(text, operator.valueStart, end);
  if (quoted !== undefined) return { ...shape, ...quoted, quoted: true };
  const isHeader = name.key.rule === 'cookie' || name.key.rule === 'authorization';
  const stops = operator.kind === 'tag' ? toTagEnds : isHeader ? headerEnds : valueEnds;
  const start = operator.valueStart;
  return {
    ...shape,
    start,
    end: trimEnd(text, start, findAny(stops, text, bracketEnd(text, start, end), end)),
    quoted: false,
  };
}

const toTagEnds = toCharSet('<', '\r\n');

/** A mask token stands as a whole, though `]` ends other values. */
function bracketEnd(text: string, start: number, end: number): number {
  if (!text.startsWith('[REDACTED:', start)) return start;
  const close = text.slice(start, Math.min(end, start + 96)).indexOf(']');
  return close < 0 ? start : start + close + 1;
}

/** A value between quotes, which may themselves stand behind backslashes; the closing quote has as many. */
function readQuoted(text: string, from: number, end: number): { start: number; end: number } | undefined {
  let open = from;
  while (open < end && open < from + maxClosers && text.charAt(open) === '\\') open += 1;
  if (open >= end || !hasChar(quotes, text.charCodeAt(open))) return undefined;
  const quote = text.charCodeAt(open);
  const slashes = open - from;
  for (let i = open + 1; i < Math.min(end, open + maxQuoted); i += 1) {
    const code = text.charCodeAt(i);
    if (code === quote && isClosing(text, i, slashes)) return { start: open + 1, end: i - slashes };
    if (hasChar(lineEnds, code)) return undefined;
  }
  return undefined;
}

function isClosing(text: string, at: number, slashes: number): boolean {
  let count = 0;
  while (count <= slashes && text.charAt(at - 1 - count) === '\\') count += 1;
  return slashes === 0 ? count % 2 === 0 : count === slashes;
}

function findAny(set: Uint8Array, text: string, from: number, end: number): number {
  let i = from;
  while (i < end && !hasChar(set, text.charCodeAt(i))) i += 1;
  return i;
}

function trimEnd(text: string, start: number, end: number): number {
  let i = end;
  while (i > start && hasChar(blanks, text.charCodeAt(i - 1))) i -= 1;
  return i;
}
