import { lastRun, work } from '../scan/work.ts';
import { hasChar, runEnd, toCharSet } from './char-set.ts';

/** `text[start, end)`; `next` is behind the closing quote. */
export interface ValueSpan {
  readonly start: number;
  readonly end: number;
}

const quotes = toCharSet('"\'`');
const lineEnds = toCharSet('\r\n');
/** Another statement, another name or another object begins. */
const wrapEnds = toCharSet('\r\n;=:{}');
const blanks = toCharSet(' \t');
const maxSlashes = 4;
const maxQuoted = 4096;
const minRemembered = 256;
const prefixStarts = toCharSet('bBrRuUfFLN@$[(');
const stringPrefixes = /^(?:[bBrRuUfFLN@$]|br|rb|@\$|\[\]byte\(|\(string\)\s?)(?=["'`])/;

export function isQuote(code: number): boolean {
  return hasChar(quotes, code);
}

/** A value between quotes, which may themselves stand behind backslashes or a prefix; the closing quote has as many. */
export function readQuoted(text: string, from: number, end: number): ValueSpan | undefined {
  const at = from + prefixLength(text, from, end);
  let open = at;
  while (open < end && open < at + maxSlashes && text.charAt(open) === '\\') open += 1;
  if (open >= end || !isQuote(text.charCodeAt(open))) return undefined;
  const width = runOf(text, text.charCodeAt(open), open, Math.min(end, open + 4));
  if (isEmptyString(text, open, width, open - at)) return undefined;
  return readToQuote(text, open + width, end, open - at);
}

/** `b'…'`, `@"…"`, `[]byte("…")`. */
function prefixLength(text: string, from: number, end: number): number {
  if (!hasChar(prefixStarts, text.charCodeAt(from))) return 0;
  return stringPrefixes.exec(text.slice(from, Math.min(end, from + 10)))?.[0].length ?? 0;
}

/** Two quotes are an empty string, unless a value follows: doubled backquotes, SQL in SQL. */
function isEmptyString(text: string, open: number, width: number, slashes: number): boolean {
  return width === 2 && slashes === 0 && !isValueChar(text.charCodeAt(open + 2));
}

function readToQuote(text: string, start: number, end: number, slashes: number): ValueSpan | undefined {
  const quote = text.charCodeAt(start - 1);
  for (let i = start; i < Math.min(end, start + maxQuoted); i += 1) {
    const code = text.charCodeAt(i);
    if (code === quote && isClosing(text, i, slashes)) return { start, end: i - slashes };
    if (hasChar(lineEnds, code)) return undefined;
  }
  return undefined;
}

function isValueChar(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

function runOf(text: string, code: number, from: number, end: number): number {
  let i = from;
  while (i < end && text.charCodeAt(i) === code) i += 1;
  return i - from;
}

function isClosing(text: string, at: number, slashes: number): boolean {
  let count = 0;
  while (count <= slashes && text.charAt(at - 1 - count) === '\\') count += 1;
  return slashes === 0 ? count % 2 === 0 : count === slashes;
}

/** A value without quotes: up to a character of `stops`, blanks before it not counted. */
export function readBare(text: string, from: number, end: number, stops: Uint8Array): ValueSpan {
  let stop = bareStop(text, from, end, stops);
  while (stop > from && hasChar(blanks, text.charCodeAt(stop - 1))) stop -= 1;
  return { start: from, end: stop };
}

function bareStop(text: string, from: number, end: number, stops: Uint8Array): number {
  let stop = bracketEnd(text, from, end);
  const isKnown = lastRun.text === text && lastRun.stops === stops && lastRun.end === end;
  if (stop === from && isKnown && from >= lastRun.from && from < lastRun.stop) return lastRun.stop;
  while (stop < end && !hasChar(stops, text.charCodeAt(stop))) stop += 1;
  stop = pemStart(text, from, stop);
  work.read += stop - from;
  if (stop - from > minRemembered) Object.assign(lastRun, { text, stops, from, stop, end });
  return stop;
}

/** A key in PEM is not part of a value before it: without its first line the rest could not be told. */
function pemStart(text: string, from: number, end: number): number {
  const at = text.slice(from, end).indexOf('-----BEGIN');
  return at < 0 ? end : from + at;
}

/** A mask token stands as a whole, though `]` ends other values. */
function bracketEnd(text: string, start: number, end: number): number {
  if (!text.startsWith('[REDACTED:', start)) return start;
  const close = text.slice(start, Math.min(end, start + 96)).indexOf(']');
  return close < 0 ? start : start + close + 1;
}

/** The first quoted value on the rest of the line, at most `reach` characters away. */
export function readNextQuoted(text: string, from: number, end: number, reach: number): ValueSpan | undefined {
  const stop = Math.min(end, from + reach);
  for (let i = from; i < stop; i += 1) {
    const code = text.charCodeAt(i);
    if (hasChar(wrapEnds, code)) return undefined;
    if (isQuote(code)) return readQuoted(text, i, end);
  }
  return undefined;
}

export function skipBlanks(text: string, from: number, end: number, most: number): number {
  return runEnd(blanks, text, from, Math.min(end, from + most));
}
