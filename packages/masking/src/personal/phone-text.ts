import { isDigitCode, isWordCode } from './candidate.ts';

/** One or two characters between groups: ` (`, `) `, `-`. */
const group = '\\d{1,15}';
const joint = '(?:[ \\u00a0.\\-/()]|\\) |\\)-| \\(| - )';
const extension = '(?:[ ,]{0,2}(?:x|ext)\\.? ?\\d{1,6})?';
/** A telephone number as written, from its first digit, bracket or `+` on. */
export const writtenPhone = new RegExp(
  `(?:\\+ ?)?\\(?${group}(?:${joint}${group}){0,7}${extension}(?![0-9A-Za-z_])`,
  'y',
);
/** Characters a written number may take. */
export const maxPhone = 36;

const backward = new Set('0123456789 .-()/+x');

/**
 * Start of the number whose last digit is `text[to - 1]`, or -1: characters of written numbers backwards, from the
 * outermost digit, bracket or `+`.
 */
export function phoneStart(text: string, floor: number, to: number): number {
  if (to <= floor || !isDigitCode(text.charCodeAt(to - 1))) return -1;
  const lowest = Math.max(floor, to - maxPhone);
  let start = to;
  while (start > lowest && backward.has(text.charAt(start - 1))) start -= 1;
  if (start > floor && isWordCode(text.charCodeAt(start - 1))) return -1;
  while (start < to && !isOpening(text, start)) start += 1;
  return start;
}

function isOpening(text: string, at: number): boolean {
  const char = text.charAt(at);
  return isDigitCode(text.charCodeAt(at)) || char === '+' || char === '(';
}
