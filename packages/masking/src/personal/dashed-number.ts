import type { Finding, KeywordMatch } from '../detectors/detector.ts';
import { isBrCnpj } from './br-numbers.ts';
import { charIn, compactOf, wordAt } from './candidate.ts';
import { isUsItin, isUsSsn } from './us-numbers.ts';

/** `ddd-dd-dddd`, a Social Security number: the run is the last four digits. */
export function findSsn(match: KeywordMatch): Finding | undefined {
  return findDashed(match, 'us-ssn', isUsSsn);
}

/** `9dd-dd-dddd`, a taxpayer's number: the run is the last four digits. */
export function findItin(match: KeywordMatch): Finding | undefined {
  return findDashed(match, 'us-itin', isUsItin);
}

function findDashed(match: KeywordMatch, rule: string, isValid: (number: string) => boolean): Finding | undefined {
  const { text, floor, from, to } = match;
  const start = from - 7;
  if (to - from !== 4 || start < floor || text.charAt(from - 1) !== '-') return undefined;
  const written = text.slice(start, to);
  if (!/^\d{3}-\d{2}-\d{4}$/.test(written) || !isApart(match, start, to)) return undefined;
  return isValid(compactOf(written)) ? { rule, start, end: to } : undefined;
}

/** `dd.ddd.ddd/dddd-dd`, a CNPJ: the run is the four digits behind the slash. */
export function findCnpj(match: KeywordMatch): Finding | undefined {
  const { text, floor, end, from, to } = match;
  const start = from - 11;
  if (to - from !== 4 || start < floor || text.charAt(from - 1) !== '/' || to + 3 > end) return undefined;
  const written = text.slice(start, to + 3);
  if (!/^[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}\/\d{4}-\d\d$/.test(written)) return undefined;
  return isBrCnpj(compactOf(written)) ? { rule: 'br-cnpj', start, end: to + 3 } : undefined;
}

/** Whether `[start, stop)` is no part of a longer number, path or word. */
export function isApart(match: KeywordMatch, start: number, stop: number): boolean {
  if (wordAt(match, start - 1) || wordAt(match, stop)) return false;
  if ('-./+'.includes(charIn(match, start - 1))) return false;
  return !'-/'.includes(charIn(match, stop)) || !wordAt(match, stop + 1);
}
