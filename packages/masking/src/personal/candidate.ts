import type { KeywordMatch } from '../detectors/detector.ts';

/** Letters and digits of `text[start, end)`. */
export function compactOf(text: string): string {
  return text.replaceAll(/[^0-9A-Za-z]+/g, '');
}

/** Whether the match's text has a letter, digit or `_` at `at`; outside of its bounds there is none. */
export function wordAt({ text, floor, end }: KeywordMatch, at: number): boolean {
  return at >= floor && at < end && isWordCode(text.charCodeAt(at));
}

/** Whether the match's text has a digit at `at`. */
export function digitAt({ text, floor, end }: KeywordMatch, at: number): boolean {
  return at >= floor && at < end && isDigitCode(text.charCodeAt(at));
}

/** The character at `at`, or a blank outside of the match's bounds. */
export function charIn({ text, floor, end }: KeywordMatch, at: number): string {
  return at >= floor && at < end ? text.charAt(at) : ' ';
}

export function isDigitCode(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** ASCII letters, digits and `_`. */
export function isWordCode(code: number): boolean {
  return isDigitCode(code) || isLetterCode(code) || code === 0x5f;
}

export function isLetterCode(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** How many digits `text[from, to)` has, counting at most `enough`. */
export function countDigits(text: string, from: number, to: number, enough: number): number {
  let count = 0;
  const stop = Math.min(to, text.length);
  for (let i = from; i < stop && count < enough; i += 1) {
    if (isDigitCode(text.charCodeAt(i))) count += 1;
  }
  return count;
}

/** `1234567890`, `0000000`, `5555555555`: made up. */
export function isMadeUp(digits: string): boolean {
  return /^(\d)\1*$/.test(digits) || '01234567890123456789'.includes(digits) || '98765432109876543210'.includes(digits);
}

const backslash = 0x5c;
const quote = 0x22;

/**
 * Whether `enough` digits stand within `reach` characters behind `at` in a JSON string that is still escaped. Backslashes
 * do not count, so that the reach is not shorter than in the decoded text.
 */
export function mayHaveDigitsBehind(text: string, at: number, reach: number, enough: number): boolean {
  return mayHaveDigits(text, at, reach, enough);
}

/** The same before `at`. */
export function mayHaveDigitsBefore(text: string, at: number, reach: number, enough: number): boolean {
  return mayHaveDigits(text, at - 1, -reach, enough);
}

/** From the character at `from` on; a negative `reach` goes towards the start. */
function mayHaveDigits(text: string, from: number, reach: number, enough: number): boolean {
  const step = Math.sign(reach);
  let digits = 0;
  let left = Math.abs(reach);
  for (let i = from; left > 0 && i >= 0 && i < text.length; i += step) {
    const code = text.charCodeAt(i);
    if (isDigitCode(code)) digits += 1;
    if (digits >= enough) return true;
    if (code === backslash) continue;
    if (code === quote && text.charCodeAt(i - 1) !== backslash) return false;
    left -= 1;
  }
  return false;
}
