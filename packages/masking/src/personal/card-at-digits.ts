import type { Finding, KeywordMatch } from '../detectors/detector.ts';
import { work } from '../scan/work.ts';
import { charIn, compactOf, digitAt, wordAt } from './candidate.ts';
import { isDistinctiveCard } from './payment-card.ts';

const maxWritten = 24;
/** 4-4-4-4, 4-4-4-4-3, 4-6-4, 4-6-5 with one separator throughout, or any two to four long groups with blanks. */
const inGroups = /^\d{4}([- ])(?:\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|\d{6}\1\d{4,5})(?!\d)/;
const inBlanks = /^\d{4,8}(?: \d{3,8}){1,3}(?!\d)/;

/** A payment card that needs no word beside it, from its first four digits on. */
export function findCard(match: KeywordMatch): Finding | undefined {
  const { text, from, to } = match;
  const length = to - from;
  if (length > 19 || (length > 8 && length < 12) || !isFree(match)) return undefined;
  const end = length >= 12 ? to : groupsEnd(match);
  if (end === from || !isDistinctiveCard(compactOf(text.slice(from, end)))) return undefined;
  return { rule: 'payment-card', start: from, end };
}

/** End of the groups that begin with the digits, or their beginning. */
function groupsEnd(match: KeywordMatch): number {
  const { text, end, from, to } = match;
  if (!' -'.includes(charIn(match, to)) || !startsWithDigits(match, to + 1)) return from;
  work.read += maxWritten;
  const window = text.slice(from, Math.min(end, from + maxWritten));
  const written = (inGroups.exec(window) ?? inBlanks.exec(window))?.[0] ?? '';
  return wordAt(match, from + written.length) ? from : from + written.length;
}

/** Four digits: dates and years have fewer. */
function startsWithDigits(match: KeywordMatch, at: number): boolean {
  return digitAt(match, at) && digitAt(match, at + 1) && digitAt(match, at + 2) && digitAt(match, at + 3);
}

/** Whether the digits `[from, to)` stand by themselves: no piece of an id, a path, a fraction or a hexadecimal number. */
export function isFree(match: KeywordMatch): boolean {
  const { from, to } = match;
  if (wordAt(match, from - 1) || wordAt(match, to)) return false;
  if ('.-/+#&%@'.includes(charIn(match, from - 1)) && wordAt(match, from - 2)) return false;
  const after = charIn(match, to);
  return !'/@%'.includes(after) && (after !== '.' || !digitAt(match, to + 1));
}
