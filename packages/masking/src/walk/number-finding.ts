import type { Finding } from '../detectors/detector.ts';
import type { TextScanner } from '../scan/text-scanner.ts';

const minDigits = 9;
const maxDigits = 19;
const maxKeyLength = 64;

/** Cheap: a JSON number that may be a card, a bank's or a person's number is a whole one of 9 to 19 digits. */
export function mayBePersonal(text: string, start: number, end: number): boolean {
  if (end - start < minDigits || end - start > maxDigits) return false;
  for (let i = start; i < end; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

const maxWritten = 48;
const minWrittenDigits = 6;
const backslash = 0x5c;

/** Cheap: a string without escapes and with digits enough for a number of a person or a card. */
export function mayBeNamedNumber(text: string, start: number, end: number): boolean {
  if (end - start < minWrittenDigits || end - start > maxWritten) return false;
  let digits = 0;
  for (let i = start; i < end; i += 1) {
    const code = text.charCodeAt(i);
    if (code === backslash) return false;
    if (code >= 0x30 && code <= 0x39) digits += 1;
  }
  return digits >= minWrittenDigits;
}

/**
 * The rule that takes a number for what its key says. One random number in ten passes a check digit, so the digits alone
 * are believed for the record only.
 */
export function findInNumber(
  lexeme: string,
  key: string | undefined,
  scanner: TextScanner,
): Pick<Finding, 'rule' | 'weak'> | undefined {
  if (key === undefined || key.length > maxKeyLength) {
    const alone = findWhole(scanner, '', lexeme);
    return alone === undefined ? undefined : toWeak(alone);
  }
  const named = findWhole(scanner, `${toWords(key)}: `, lexeme);
  if (named === undefined) return undefined;
  if (named.weak === true) return toWeak(named);
  const alone = namesIt(key, named.rule) ? undefined : findWhole(scanner, '', lexeme);
  return alone === undefined || alone.weak === true ? { rule: named.rule } : toWeak(named);
}

function findWhole(scanner: TextScanner, before: string, lexeme: string): Finding | undefined {
  const text = before + lexeme;
  return scanner.find(text, 0, text.length).find(({ start, end }) => start === before.length && end === text.length);
}

function toWeak({ rule }: Finding): Pick<Finding, 'rule' | 'weak'> {
  return { rule, weak: true };
}

/** `cardNumber` is `card Number`. */
function toWords(key: string): string {
  return key.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll(/[_-]+/g, ' ');
}

/** Believed without a name by its digits; here the name has to say so too. */
function namesIt(key: string, rule: string): boolean {
  const words = toWords(key).toLowerCase().split(' ');
  const named = cardWords.has(rule) ? cardWords.get(rule) : rule.split('-');
  return words.some((word) => named?.includes(word) === true);
}

const cardWords: ReadonlyMap<string, readonly string[]> = new Map([
  ['payment-card', ['card', 'cc', 'pan', 'credit', 'debit', 'visa', 'mastercard', 'amex', 'maestro']],
  ['phone', ['phone', 'telephone', 'mobile', 'cell', 'tel', 'fax', 'msisdn', 'whatsapp']],
]);
