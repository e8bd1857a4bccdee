import type { Detector, Finding, KeywordMatch } from '../detectors/detector.ts';
import { work } from '../scan/work.ts';
import { countDigits, isDigitCode, isWordCode, mayHaveDigitsBefore, mayHaveDigitsBehind } from './candidate.ts';
import { isWholeWord } from './labelled-number.ts';
import { callWords, phoneSuffixes, phoneWords } from './labels.ts';
import {
  digitsOf,
  isGrouped,
  isInternationalPhone,
  isNationalPhone,
  isPhoneShaped,
  likelyRegions,
} from './phone-number.ts';
import { maxPhone, phoneStart, writtenPhone } from './phone-text.ts';

const maxGap = 40;
/** Fewer than any number has, since a prefix may hold one. */
const minPhoneDigits = 6;
/** Between "phone" and its number. */
const phoneGap =
  /^(?![^:=]*(?:[_ .](?:id|at|time|date|count|size|len|length|max|min|width|height|version|port|offset|code)\b|Id|At|Size|Code))[^0-9;!?{}]{0,40}$/;
/** Between "call" and its number. */
const callGap =
  /^(?: (?:me|us|him|her|them|you|back|to|from|via|using|by|my|our|your|his|their|the|a|this|on|at|number|no|phone|contact|sent|is|was|now|please|cell|line|new|registered)\b\.?){0,6}(?: (?:on|at|to|is|number|registered|from|this|via)|\s?[:=#])[:\s]{1,3}$/;
const maxOwner = 24;
/** "my new number", "her contact number". */
const somebodys = /\b(?:my|his|her|their|our|your|new|contact|another)\s(?:[a-z]{2,9}\s)?$/i;
/** Numbers of other things. */
const otherNumber =
  /(?:account|order|card|id|ssn|security|licen[cs]e|passport|invoice|reference|ticket|serial|model|version|case|tracking|routing|insurance|policy|member|customer|part|flight|room|line|issue|build|port|iban|tax)['’s]*[\s_-]$/i;
const words = new Set(phoneWords);
const suffixes = new Set(phoneSuffixes);
const prefixes = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'].flatMap((digit) => [
  `+${digit}`,
  `+ ${digit}`,
  `+(${digit}`,
]);

/** Telephone numbers beside a word for them, and international ones (E.164, with `+`) anywhere. */
export const phoneDetector: Detector = {
  id: 'phone',
  keywords: [...new Set([...phoneWords, ...callWords, ...phoneSuffixes, ...prefixes])],
  verify: (match) => (match.text.charAt(match.from) === '+' ? verifyInternational(match) : verifyWord(match)),
  isPlausible: (text, from, to) =>
    mayHaveDigitsBehind(text, to, maxGap + maxPhone, minPhoneDigits) ||
    (text.charAt(from) !== '+' && mayHaveDigitsBefore(text, from, maxPhone + 3, minPhoneDigits)),
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
  return (suffixes.has(word) ? findBefore(match) : undefined) ?? findBehind(match, word);
}

/** "416 60 039 office", "788-063-Office". */
function findBefore({ text, floor, from }: KeywordMatch): Finding | undefined {
  let to = from;
  while (to > floor && from - to < 3 && ' -–('.includes(text.charAt(to - 1))) to -= 1;
  const start = phoneStart(text, floor, to);
  if (start < 0 || from === to) return undefined;
  work.read += maxPhone;
  return isPhoneShaped(text.slice(start, to)) ? { rule: 'phone', start, end: to } : undefined;
}

function findBehind(match: KeywordMatch, word: string): Finding | undefined {
  const start = numberStart(match);
  if (start === undefined) return undefined;
  const found = readPhone(match, start);
  if (found === undefined || !isPhoneShaped(found)) return undefined;
  const gap = match.text.slice(match.to, start);
  const isBelieved = words.has(word) ? phoneGap.test(gap) : callGap.test(gap) && isLikely(match, found, word);
  return isBelieved ? { rule: 'phone', start, end: start + found.length } : undefined;
}

/** "number" says little but with somebody's before it: groups, and a region where it is valid. */
function isLikely({ text, floor, from }: KeywordMatch, found: string, word: string): boolean {
  if (word !== 'number') return true;
  const before = text.slice(Math.max(floor, from - maxOwner), from);
  if (otherNumber.test(before)) return false;
  if (somebodys.test(before)) return true;
  return found.startsWith('+')
    ? isInternationalPhone(found)
    : isGrouped(found) && isNationalPhone(found, likelyRegions(digitsOf(found)));
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
