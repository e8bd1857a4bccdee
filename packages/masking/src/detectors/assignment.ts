import { holdsMaskToken } from '../mask-token.ts';
import type { ValueOperator, ValueShape } from './assigned-value.ts';
import { containsAny, toCharSet } from './char-set.ts';
import type { Detector, Finding, KeywordMatch } from './detector.ts';
import { createNameClassifier } from './free-text-names.ts';
import type { KeyMatcher } from './key-matcher.ts';
import { createNameReader, type Name, type NameReader } from './name-reader.ts';
import { judgeValue } from './secret-judge.ts';
import { readOperator, type Operator } from './value-operator.ts';
import { isQuote, readBare, readNextQuoted, readQuoted, type ValueSpan } from './value-reader.ts';

const valueEnds = toCharSet(' \t\r\n', '"\'`', ',;&|)}]>');
const headerEnds = toCharSet('\r\n', '"\'`');
const toTagEnds = toCharSet('<', '\r\n');
const maxName = 64;
const wrapReach = 72;
const onlyQuoted: ReadonlySet<ValueOperator> = new Set(['call', 'comma', 'default', 'prose']);

/** `key: value`, `KEY=value`, `"key": "value"`, `key => value`, `<key>value</key>`, `--key value`, `key("value")` in free text. */
export function createAssignmentDetector(keys: KeyMatcher, keywords: readonly string[]): Detector {
  const readName = createNameReader(createNameClassifier(keys));
  return {
    id: 'assignment',
    keywords,
    verify: (match) => firstSecret(readAssigned(readName, match)),
    isPlausible: mayBeAssigned,
  };
}

const afterName = toCharSet('\\"\'`]', ':=>(|?,');

/** Behind the name, or a name of several words in JSON, must come what ends it: a quote, an escape, an operator. */
function mayBeAssigned(text: string, from: number, to: number): boolean {
  return containsAny(afterName, text, to, to + maxName) || followsDashes(text, from);
}

function followsDashes(text: string, from: number): boolean {
  return text.slice(Math.max(0, from - maxName), from).includes('-');
}

function firstSecret(values: readonly ValueShape[]): Finding | undefined {
  for (const value of values) {
    const verdict = judgeValue(value);
    if (verdict === 'harmless') continue;
    const { start } = value;
    const end = listEnd(value);
    const isNumber = value.isQuotedName && !value.quoted && /^-?\d{1,40}$/.test(value.text.slice(start, end));
    const weak = verdict === 'suspect';
    return { rule: value.class.rule, start, end, ...(isNumber ? { isNumber } : {}), ...(weak ? { weak } : {}) };
  }
  return undefined;
}

const maxListed = 32;
const listed = /^["']\s{0,4},\s{0,4}["']([\w+/=.-]{6,128})(?=["'])/;

/** `"tokens": ["…", "…"]`: the list goes as one, so that JSON in text stays JSON. */
function listEnd({ text, start, end, limit, quoted, wrapped }: ValueShape): number {
  if (!quoted || !wrapped || !text.slice(Math.max(0, start - 6), start).includes('[')) return end;
  let stop = end;
  for (let count = 0; count < maxListed; count += 1) {
    const next = listed.exec(text.slice(stop, Math.min(limit, stop + 144)));
    if (next === null) break;
    stop += next[0].length;
  }
  return stop;
}

/** What may be the value of the name around a keyword: what stands there, then what is handed to the call that stands there. */
export function readAssigned(readName: NameReader, match: KeywordMatch): readonly ValueShape[] {
  const name = readName(match);
  const operator = name === undefined ? undefined : readOperator(match, name);
  if (name === undefined || operator === undefined) return [];
  return readValues(match, operator, stopsOf(name, operator)).map((value) => toShape(match, name, operator, value));
}

interface ReadValue extends ValueSpan {
  readonly quoted: boolean;
  readonly wrapped: boolean;
}

/** Values that are masked already end the reading; a private key in PEM is another detector's. */
function readValues(
  { text, end }: KeywordMatch,
  { kind, valueStart }: Operator,
  stops: Uint8Array,
): readonly ReadValue[] {
  const isLeft = (span: ValueSpan): boolean =>
    text.startsWith('-----BEGIN', span.start) || holdsMaskToken(text, span.start, span.end);
  const isValue = (span: ValueSpan): boolean => span.end > span.start && !isLeft(span);
  const quoted = readQuoted(text, valueStart, end);
  if (quoted !== undefined) return readArguments(text, end, kind, quoted).filter(isValue);
  const bare = onlyQuoted.has(kind) ? undefined : readBare(text, valueStart, end, stops);
  if (bare !== undefined && (isLeft(bare) || isZero(text, bare))) return [];
  const direct = bare !== undefined && isValue(bare) ? [{ ...bare, quoted: false, wrapped: false }] : [];
  const inner = readNextQuoted(text, valueStart, end, wrapReach);
  return inner !== undefined && isValue(inner) ? [...direct, { ...inner, quoted: true, wrapped: true }] : direct;
}

/** What masking leaves of a number; what follows it is not its name's value. */
function isZero(text: string, { start, end }: ValueSpan): boolean {
  return end - start === 1 && text.charAt(start) === '0';
}

/** Of a call the first two arguments: `new Credential("alice", "…")`. */
function readArguments(text: string, end: number, kind: ValueOperator, first: ValueSpan): readonly ReadValue[] {
  const wrapped = kind === 'call';
  const comma = wrapped ? /^["'`]\s{0,4},\s{0,4}/.exec(text.slice(first.end, Math.min(end, first.end + 10))) : null;
  const second = comma === null ? undefined : readQuoted(text, first.end + comma[0].length, end);
  return [first, ...(second === undefined ? [] : [second])].map((span) => ({ ...span, quoted: true, wrapped }));
}

function toShape(match: KeywordMatch, name: Name, operator: Operator, value: ReadValue): ValueShape {
  const { text, floor, end: limit } = match;
  return {
    ...value,
    text,
    floor,
    limit,
    operator: operator.kind,
    tight: operator.tight,
    isQuotedName: isQuote(text.charCodeAt(name.end)) || text.charAt(name.end) === '\\',
    name: text.slice(name.start, name.end),
    nameStart: name.start,
    class: name.class,
  };
}

function stopsOf(name: Name, operator: Operator): Uint8Array {
  if (operator.kind === 'tag') return toTagEnds;
  const isHeader = name.class.rule === 'cookie' || name.class.rule === 'authorization';
  return isHeader ? headerEnds : valueEnds;
}
