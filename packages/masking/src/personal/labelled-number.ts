import type { Detector, Finding, KeywordMatch } from '../detectors/detector.ts';
import { work } from '../scan/work.ts';
import { compactOf, countDigits, isLetterCode, mayHaveDigitsBefore, mayHaveDigitsBehind } from './candidate.ts';
import { isWordGap } from './gap.ts';
import { numberLabels } from './labels.ts';
import { numberRules, type NumberRule } from './number-rules.ts';

/** How far behind its word a number begins, and how long it may be. */
const maxGap = 40;
const maxNumber = 44;
/** How far before its word a number ends ("… is my SSN"). */
const maxBackGap = 24;
const minDigits = 6;
const joints = [' ', '_', '-', ''];
const backslash = 0x5c;

/** Numbers beside a word for them. A rule's validator still decides; the word takes the place of a strong shape. */
export function createLabelledNumberDetectors(off: ReadonlySet<string>): readonly Detector[] {
  return numberLabels.flatMap(({ rule, words }) => {
    const numberRule = off.has(rule) ? undefined : numberRules.get(rule);
    return numberRule === undefined ? [] : [toDetector(numberRule, words)];
  });
}

function toDetector(rule: NumberRule, words: readonly string[]): Detector {
  const keywords = words.flatMap((word) => joints.map((joint) => word.replaceAll(' ', joint)));
  return {
    id: rule.id,
    keywords: [...new Set(keywords)],
    verify: (match) => (isWholeWord(match) ? verifyLabelled(rule, match) : undefined),
    isPlausible: (text, from, to) =>
      mayBeginWord(text, from) &&
      isWordEnd(text, text.length, to) &&
      (mayHaveDigitsBehind(text, to, maxGap + maxNumber, minDigits) ||
        mayHaveDigitsBefore(text, from, maxBackGap + maxNumber, minDigits)),
  };
}

/** Not within a word; `userSsn`, `SSNNumber` and `ssn_2` have it as a word of their own. */
export function isWholeWord({ text, floor, end, from, to }: KeywordMatch): boolean {
  if (from > floor && isLetterCode(text.charCodeAt(from - 1))) {
    if (!isUpper(text, from) || isUpper(text, from - 1)) return false;
  }
  return isWordEnd(text, end, to);
}

/** In a string still escaped: a letter behind a backslash may be the end of an escape. */
function mayBeginWord(text: string, from: number): boolean {
  if (!isLetterCode(text.charCodeAt(from - 1)) || text.charCodeAt(from - 2) === backslash) return true;
  return isUpper(text, from) && !isUpper(text, from - 1);
}

function isWordEnd(text: string, end: number, to: number): boolean {
  if (to >= end || !isLetterCode(text.charCodeAt(to))) return true;
  const isPlural = text.charAt(to) === 's' && !isLetterCode(text.charCodeAt(to + 1));
  return isPlural || (isUpper(text, to) && !isUpper(text, to - 1));
}

function isUpper(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x41 && code <= 0x5a;
}

function verifyLabelled(rule: NumberRule, match: KeywordMatch): Finding | undefined {
  const { text, floor, end, from, to } = match;
  return findBehind(rule, text, to, end) ?? findBefore(rule, text, floor, from);
}

function findBehind(rule: NumberRule, text: string, to: number, end: number): Finding | undefined {
  const stop = Math.min(end, to + maxGap + maxNumber);
  if (countDigits(text, to, stop, minDigits) < minDigits) return undefined;
  work.read += stop - to;
  const window = text.slice(to, stop);
  for (const found of window.matchAll(rule.written)) {
    if (found.index > maxGap || !isWordGap(window.slice(0, found.index))) return undefined;
    if (!rule.isValid(compactOf(found[0]))) continue;
    return { rule: rule.id, start: to + found.index, end: to + found.index + found[0].length };
  }
  return undefined;
}

function findBefore(rule: NumberRule, text: string, floor: number, from: number): Finding | undefined {
  const low = Math.max(floor, from - maxBackGap - maxNumber);
  if (countDigits(text, low, from, minDigits) < minDigits) return undefined;
  work.read += from - low;
  const found = [...text.slice(low, from).matchAll(rule.written)].at(-1);
  if (found === undefined || !rule.isValid(compactOf(found[0]))) return undefined;
  const start = low + found.index;
  const stop = start + found[0].length;
  // Joined to the word it is a piece of an id: `99535cc79`.
  const isNear = stop < from && from - stop <= maxBackGap && /^[\p{L} ,.'’()-]*$/u.test(text.slice(stop, from));
  const isWhole = start > low || low === floor;
  return isNear && isWhole ? { rule: rule.id, start, end: stop } : undefined;
}
