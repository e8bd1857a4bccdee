import type { Finding, KeywordMatch } from '../detectors/detector.ts';
import { work } from '../scan/work.ts';
import { charIn, isDigitCode, isLetterCode, isWordCode, wordAt } from './candidate.ts';
import { ibanLength, isIban } from './iban.ts';

/** An IBAN has at most 34 characters; printed, a blank stands after every four. */
const maxPrinted = 44;
/** Behind so many characters at the latest an IBAN has four digits in a row. */
const maxBefore = 24;

/** An IBAN, printed or compact, around four digits in a row. */
export function findIban(match: KeywordMatch): Finding | undefined {
  const { text, floor, from } = match;
  const lowest = Math.max(floor, from - maxBefore);
  for (let start = from; start >= lowest; start -= 1) {
    if (start < from && !isIbanChar(text, start)) return undefined;
    if (start <= from - 2 && isCountryAt(text, floor, start)) {
      const stop = ibanEnd(match, start);
      if (stop !== undefined) return { rule: 'iban', start, end: stop };
    }
  }
  return undefined;
}

function isIbanChar(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return isDigitCode(code) || isLetterCode(code) || code === 0x20 || code === 0x2d;
}

function isCountryAt(text: string, floor: number, at: number): boolean {
  if (!isLetterCode(text.charCodeAt(at)) || !isLetterCode(text.charCodeAt(at + 1))) return false;
  if (!isDigitCode(text.charCodeAt(at + 2)) || !isDigitCode(text.charCodeAt(at + 3))) return false;
  return at === floor || !isWordCode(text.charCodeAt(at - 1));
}

/** End of the IBAN that begins at `start`: as many letters and digits as its country has, single blanks or dashes between. */
function ibanEnd(match: KeywordMatch, start: number): number | undefined {
  const length = ibanLength(match.text.slice(start, start + 2).toUpperCase());
  if (length === undefined) return undefined;
  const stop = start + maxPrinted;
  let compact = '';
  let i = start;
  work.read += maxPrinted;
  for (; i < stop && compact.length < length; i += 1) {
    const char = charIn(match, i);
    if (isAlphanumeric(char)) compact += char;
    else if ((char !== ' ' && char !== '-') || !wordAt(match, i + 1)) return undefined;
  }
  return !wordAt(match, i) && isIban(compact) ? i : undefined;
}

function isAlphanumeric(char: string): boolean {
  const code = char.charCodeAt(0);
  return isDigitCode(code) || isLetterCode(code);
}
