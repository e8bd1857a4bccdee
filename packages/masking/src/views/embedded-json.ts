import { skipBlanks } from '../walk/json-scalars.ts';

export interface JsonSpan {
  readonly start: number;
  readonly end: number;
}

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;
const maxBlanks = 16;
const minString = 12;
const maxLine = 64 * 1024;

/**
 * Stretches of a text that may be JSON objects, arrays or strings with escapes, in order and apart: lines of NDJSON, the
 * end of a log line. Brackets are matched outside strings; where they do not match, the search goes on behind the point that
 * was reached, so every character is read once.
 */
export function findJsonSpans(text: string): readonly JsonSpan[] {
  const spans: JsonSpan[] = [];
  let at = 0;
  while (at < text.length) {
    const start = nextStart(text, at);
    if (start < 0) break;
    const isString = text.charCodeAt(start) === quote;
    const reached = isString ? stringEnd(text, start) : bracketsEnd(text, start);
    if (reached.isWhole && (!isString || isWorthDecoding(text, start, reached.end)))
      spans.push({ start, end: reached.end });
    at = Math.max(reached.end, start + 1);
  }
  return spans;
}

/** An object, an array of things that are none of arithmetic, or a string behind `=` or `:`. */
const starts = /[{[]\s{0,64}["{[]|(?<=[=:] ?)"/g;

function nextStart(text: string, from: number): number {
  starts.lastIndex = from;
  return starts.exec(text)?.index ?? -1;
}

/** A string without escapes reads as it stands; in a short one a name and a value have no room. */
function isWorthDecoding(text: string, start: number, end: number): boolean {
  return end - start >= minString && text.slice(start, end).includes('\\');
}

interface Reached {
  readonly end: number;
  readonly isWhole: boolean;
}

const steps: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 };

/** Behind the bracket that closes the one at `start`, or where it shows that none does. */
function bracketsEnd(text: string, start: number): Reached {
  let depth = 0;
  for (let i = start; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (char === '"') {
      const { end, isWhole } = stringEnd(text, i);
      if (!isWhole) return { end, isWhole };
      i = end - 1;
      continue;
    }
    if (char === '\n' && isNewLineOfJson(text, i)) return { end: i + 1, isWhole: false };
    depth += steps[char] ?? 0;
    if (depth === 0) return { end: i + 1, isWhole: true };
  }
  return { end: text.length, isWhole: false };
}

/** A line that begins as JSON behind one that was complete: what is open was cut short. */
function isNewLineOfJson(text: string, newlineAt: number): boolean {
  const next = text.charAt(newlineAt + 1);
  if (next !== '{' && next !== '[') return false;
  const last = text
    .slice(Math.max(0, newlineAt - maxBlanks), newlineAt)
    .trimEnd()
    .slice(-1);
  return !',[{:'.includes(last);
}

/** No string of JSON holds a line end. */
function stringEnd(text: string, start: number): Reached {
  for (let i = start + 1; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === quote) return { end: i + 1, isWhole: true };
    if (code === newline) return { end: i + 1, isWhole: false };
    if (code === backslash) i += 1;
  }
  return { end: text.length, isWhole: false };
}

const maxPrefix = 256;
const logPrefix = /\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d|\b(?:trace|debug|info|notice|warn|warning|error|fatal)\b/i;

/**
 * True where the span is data for certain, so that its names decide whatever their values look like: the lines of NDJSON,
 * the end of a log line. Elsewhere it may be an example in documentation or an object of a program.
 */
export function isDataLine(text: string, { start, end }: JsonSpan): boolean {
  if (text.slice(start, Math.min(end, start + maxLine)).includes('\n')) return false;
  const lineStart = text.lastIndexOf('\n', start) + 1;
  const prefix = text.slice(Math.max(lineStart, start - maxPrefix), start);
  return prefix.trim() === '' ? isBesideJson(text, lineStart, end) : logPrefix.test(prefix);
}

/** The line is a span from end to end, and the one before or behind it begins as one. */
function isBesideJson(text: string, lineStart: number, end: number): boolean {
  if (!/^[\r ]*(?:\n|$)/.test(text.slice(end, end + maxBlanks))) return false;
  const before = lineStart > 1 ? text.lastIndexOf('\n', lineStart - 2) + 1 : -1;
  const behind = text.indexOf('\n', end) + 1;
  return (before >= 0 && text.charAt(before) === '{') || (behind > 0 && text.charAt(behind) === '{');
}

/** True where the whole text begins as JSON that can hold something. */
export function looksLikeJson(text: string): boolean {
  const first = text.charAt(skipBlanks(text, 0));
  return first === '{' || first === '[' || first === '"';
}
