import { work } from '../scan/work.ts';

/** A set of ASCII characters. */
export type CharSet = Uint8Array;

/** From characters and ranges: `toCharSet('a-z', '0-9', '_')`; a lone `-` is itself. */
export function toCharSet(...parts: readonly string[]): CharSet {
  const set = new Uint8Array(128);
  for (const part of parts) addPart(set, part);
  return set;
}

function addPart(set: CharSet, part: string): void {
  if (part.length === 3 && part.charAt(1) === '-') {
    set.fill(1, part.charCodeAt(0), part.charCodeAt(2) + 1);
    return;
  }
  for (let i = 0; i < part.length; i += 1) set[part.charCodeAt(i)] = 1;
}

export function hasChar(set: CharSet, code: number): boolean {
  return code < 128 && set[code] === 1;
}

/** First index in `[from, end)` whose character is not in the set, else `end`. */
export function runEnd(set: CharSet, text: string, from: number, end: number): number {
  let i = from;
  while (i < end && hasChar(set, text.charCodeAt(i))) i += 1;
  work.read += i - from + 1;
  return i;
}

/** True where `[start, end)` has at least one character of the set. */
export function containsAny(set: CharSet, text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) {
    if (hasChar(set, text.charCodeAt(i))) return true;
  }
  return false;
}

export const digits = toCharSet('0-9');
export const lowerCase = toCharSet('a-z');
export const upperCase = toCharSet('A-Z');
export const alphanumeric = toCharSet('a-z', 'A-Z', '0-9');
export const wordChars = toCharSet('a-z', 'A-Z', '0-9', '_');
export const base64Url = toCharSet('a-z', 'A-Z', '0-9', '_', '-');
export const base64 = toCharSet('a-z', 'A-Z', '0-9', '+/=');
