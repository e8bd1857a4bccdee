import { hasMod1110Digit, weightedSum } from './checksums.ts';

/** The check digit alone of a PESEL: weights 1, 3, 7, 9 … (Dz.U. 2010 nr 217 poz. 1427). */
export function hasPeselCheckDigit(number: string): boolean {
  const sum = weightedSum(number, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]);
  return sum !== undefined && sum % 10 === 0;
}

/** A PESEL: year, month plus 80, 0, 20, 40 or 60 for the century, day, serial, check digit. */
export function isPlPesel(number: string): boolean {
  const month = Number(number.slice(2, 4)) % 20;
  const day = Number(number.slice(4, 6));
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 && hasPeselCheckDigit(number);
}

/** The elfproef alone of a BSN or RSIN: weights 9 … 2, -1, sum divisible by 11; leading zeros may be left out. */
export function hasBsnChecksum(number: string): boolean {
  const sum = weightedSum(number.padStart(9, '0'), [9, 8, 7, 6, 5, 4, 3, 2, -1]);
  return sum !== undefined && sum % 11 === 0;
}

/** A burgerservicenummer: eight or nine digits with the elfproef (Wet algemene bepalingen burgerservicenummer). */
export function isNlBsn(number: string): boolean {
  return /^\d{8,9}$/.test(number) && Number(number) > 9_999_999 && !/^(\d)\1*$/.test(number) && hasBsnChecksum(number);
}

/**
 * A Steuer-Identifikationsnummer: eleven digits, no leading zero, no digit more than three times among the first ten,
 * check digit by ISO/IEC 7064 MOD 11,10 (§ 139b AO, BZSt).
 */
export function isDeSteuerId(number: string): boolean {
  if (!/^[1-9]\d{10}$/.test(number)) return false;
  const counts = new Map<string, number>();
  for (const char of number.slice(0, 10)) counts.set(char, (counts.get(char) ?? 0) + 1);
  return Math.max(...counts.values()) <= 3 && hasMod1110Digit(number);
}
