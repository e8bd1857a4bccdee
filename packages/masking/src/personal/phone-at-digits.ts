import type { Finding, KeywordMatch } from '../detectors/detector.ts';
import { work } from '../scan/work.ts';
import { charIn, compactOf, isMadeUp, wordAt } from './candidate.ts';
import { isFree } from './card-at-digits.ts';
import { isApart } from './dashed-number.ts';
import { isInternationalPhone, isNationalPhone, isNorthAmericanArea, likelyRegions } from './phone-number.ts';

const maxBefore = 18;
const maxWritten = 32;
const northAmerican = /(?:(?:\+?1|001)[-. ]?)?(?:\([2-9]\d\d\) ?|[2-9]\d\d([-.]))[2-9]\d\d[-.]$/;
const trunkZero =
  /^(?!\d{3}-\d\d-\d{4}|\d{5}-\d{4}(?!\d))0[1-9]\d{0,3}([ -])\d{2,7}(?:\1\d{2,4}){0,3}(?![0-9A-Za-z_:]|[-./+]\w)/;
const trunkGroups = /0[1-9]\d{0,2}([ -])(?:\d{2,4}\1)?$/;
const doubleZero = /^00[1-9]\d{0,2}(?:[- ]\d{1,9}){2,6}(?![0-9A-Za-z])/;

/** `(415) 555-0132`, `415-555-0132`, `415.555.0132`: the run is the last four digits. */
export function findNorthAmerican(match: KeywordMatch): Finding | undefined {
  const { text, end, to } = match;
  const start = northAmericanStart(match);
  if (start < 0 || !isApart(match, start, to)) return undefined;
  const written = text.slice(start, to);
  const digits = compactOf(written).slice(-10);
  if (isMadeUp(digits) || !isNorthAmericanArea(digits.slice(0, 3))) return undefined;
  const extension = /^ ?(?:x|ext\.? ?)\d{1,6}(?![0-9A-Za-z])/.exec(text.slice(to, Math.min(end, to + 12)))?.[0] ?? '';
  return { rule: 'phone', start, end: to + extension.length };
}

function northAmericanStart(match: KeywordMatch): number {
  const { text, floor, from, to } = match;
  const joint = charIn(match, from - 1);
  if (to - from !== 4 || !'-.'.includes(joint)) return -1;
  work.read += maxBefore;
  const found = northAmerican.exec(text.slice(Math.max(floor, from - maxBefore), from));
  return found === null || (found[1] ?? joint) !== joint ? -1 : from - found[0].length;
}

/** `0494 92 82 32`, `085 175 7641`: the trunk 0 of many countries, groups with one separator, valid in one of them. */
export function findTrunkZero(match: KeywordMatch): Finding | undefined {
  const { text, end, from, to } = match;
  if (to - from > 5) return undefined;
  const start = trunkStart(match);
  if (start < 0) return undefined;
  work.read += maxWritten;
  const longest = trunkZero.exec(text.slice(start, Math.min(end, start + maxWritten)))?.[0] ?? '';
  const written = withoutExcess(longest);
  const digits = compactOf(written);
  const isLong = digits.length >= 9 && digits.length <= 11 && !isMadeUp(digits);
  if (!isLong || !isNationalPhone(written, likelyRegions(digits))) return undefined;
  return { rule: 'phone', start, end: start + written.length };
}

/** Without the groups of a number that follows. */
function withoutExcess(longest: string): string {
  let written = longest;
  while (compactOf(written).length > 11) written = written.slice(0, Math.max(0, written.search(/[ -]\d+$/)));
  return written;
}

/** Where the group with the 0 begins: at the digits, or up to two groups before them. */
function trunkStart(match: KeywordMatch): number {
  const { text, floor, from } = match;
  work.read += maxBefore;
  const groups = trunkGroups.exec(text.slice(Math.max(floor, from - 11), from))?.[0] ?? '';
  const start = from - groups.length;
  if (text.charAt(start) !== '0' || text.charAt(start + 1) === '0') return -1;
  return wordAt(match, start - 1) || '.-/+:,'.includes(charIn(match, start - 1)) ? -1 : start;
}

/** `0041 85 806 98 67`, `001-518-640-0854`: the international prefix that is dialled. */
export function findDoubleZero(match: KeywordMatch): Finding | undefined {
  const { text, end, from, to } = match;
  if (!text.startsWith('00', from) || to - from > 5 || !isFree(match)) return undefined;
  work.read += maxWritten;
  const written = doubleZero.exec(text.slice(from, Math.min(end, from + maxWritten)))?.[0];
  if (written === undefined || !isInternationalPhone(written)) return undefined;
  return { rule: 'phone', start: from, end: from + written.length };
}
