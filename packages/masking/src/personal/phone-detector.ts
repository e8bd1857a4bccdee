import type { Detector, Finding, KeywordMatch } from '../detectors/detector.ts';
import { work } from '../scan/work.ts';
import { countDigits, isDigitCode, isWordCode, mayHaveDigitsBefore, mayHaveDigitsBehind } from './candidate.ts';
import { isWholeWord } from './labelled-number.ts';
import { behindMask } from './gap.ts';
import { contextWords, isNamedPhone, maxSuffixGap, suffixGapLength } from './phone-context.ts';
import { isInternationalPhone, isPhoneShaped } from './phone-number.ts';
import { maxPhone, phoneStart, writtenPhone } from './phone-text.ts';

const maxGap = 40;
/** Fewer than any number has, since a prefix may hold one. */
const minPhoneDigits = 6;
const maxOwner = 24;
const prefixes = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'].flatMap((digit) => [
  `+${digit}`,
  `+ ${digit}`,
  `+(${digit}`,
]);

/** Telephone numbers beside a word for them, and international ones (E.164, with `+`) anywhere. */
export const phoneDetector: Detector = {
  id: 'phone',
  keywords: [...contextWords, ...prefixes],
  verify: (match) => (match.text.charAt(match.from) === '+' ? verifyInternational(match) : verifyWord(match)),
  isPlausible: (text, from, to) =>
    mayHaveDigitsBehind(text, to, maxGap + maxPhone, minPhoneDigits) ||
    (text.charAt(from) !== '+' && mayHaveDigitsBefore(text, from, maxPhone + maxSuffixGap, minPhoneDigits)),
};

function verifyInternational(match: KeywordMatch): Finding | undefined {
  const { text, floor, from } = match;
  if (from > floor && (isWordCode(text.charCodeAt(from - 1)) || /[)\]+=/.-]/.test(text.charAt(from - 1)))) {
    if (text.charAt(from - 1) !== '=') return undefined;
  }
  const found = readPhone(match, from);
  if (found === undefined || !isInternationalPhone(found)) return undefined;
  return { rule: 'phone', start: from, end: from + found.length };
}

function readPhone({ text, end }: KeywordMatch, at: number): string | undefined {
  if (countDigits(text, at, Math.min(end, at + maxPhone), 7) < 7) return undefined;
  work.read += maxPhone;
  writtenPhone.lastIndex = 0;
  return writtenPhone.exec(text.slice(at, Math.min(end, at + maxPhone)))?.[0];
}

function verifyWord(match: KeywordMatch): Finding | undefined {
  if (!isWholeWord(match)) return undefined;
  const { text, from, to } = match;
  const word = text.slice(from, to).toLowerCase();
  return findBefore(match, word) ?? findBehind(match, word);
}

/** "416 60 039 office", "788-063-Office", "467 3395 is my new number". */
function findBefore({ text, floor, from }: KeywordMatch, word: string): Finding | undefined {
  const gap = suffixGapLength(word, text.slice(Math.max(floor, from - maxSuffixGap), from));
  if (gap < 0) return undefined;
  const to = from - gap;
  const start = phoneStart(text, floor, to);
  work.read += maxPhone;
  if (start < 0 || !isPhoneShaped(text.slice(start, to))) return undefined;
  return { rule: 'phone', start, end: to };
}

function findBehind(match: KeywordMatch, word: string): Finding | undefined {
  const { text, floor, from, to } = match;
  const start = numberStart(match);
  if (start === undefined) return undefined;
  const found = readPhone(match, start);
  if (found === undefined || !isPhoneShaped(found)) return undefined;
  const before = behindMask(text.slice(Math.max(floor, from - maxOwner), from));
  if (!isNamedPhone(found, word, text.slice(to, start), before)) return undefined;
  return { rule: 'phone', start, end: start + found.length };
}

/** Where the first number behind the word begins, with its `+` and bracket. */
function numberStart({ text, end, to }: KeywordMatch): number | undefined {
  const stop = Math.min(end, to + maxGap);
  let at = to;
  while (at < stop && !isDigitCode(text.charCodeAt(at))) at += 1;
  work.read += at - to;
  if (at >= stop || at === to || isWordCode(text.charCodeAt(at - 1))) return undefined;
  let start = at;
  while (start > to && '+('.includes(text.charAt(start - 1))) start -= 1;
  return start;
}
