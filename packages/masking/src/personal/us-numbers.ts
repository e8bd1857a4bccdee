import { hasLuhnDigit, weightedSum } from './checksums.ts';

/** Published in advertisements or as examples, so nobody's. */
const sampleSsns: ReadonlySet<string> = new Set([
  '078051120',
  '219099999',
  '123456789',
  '987654321',
  '457555462',
  '111223333',
]);

/**
 * A Social Security number: area 001–899 but 666, group and serial not all zero (SSA, POMS RM 10201.030: the ranges
 * since randomisation in 2011). There is no check digit.
 */
export function isUsSsn(number: string): boolean {
  if (!/^\d{9}$/.test(number) || /^(\d)\1*$/.test(number) || sampleSsns.has(number)) return false;
  const area = number.slice(0, 3);
  return area !== '000' && area !== '666' && area < '900' && number.slice(3, 5) !== '00' && number.slice(5) !== '0000';
}

/** An Individual Taxpayer Identification Number: 9xx, group 50–65, 70–88, 90–92 or 94–99 (IRS, Publication 4757). */
export function isUsItin(number: string): boolean {
  return /^9\d\d(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])\d{4}$/.test(number);
}

/** The checksum alone of an ABA routing number: weights 3, 7, 1, sum divisible by 10 (ANSI X9.100-160). */
export function hasAbaChecksum(number: string): boolean {
  const sum = weightedSum(number, [3, 7, 1, 3, 7, 1, 3, 7, 1]);
  return sum !== undefined && sum % 10 === 0;
}

/** An ABA routing number of a Federal Reserve district (01–12), thrift (21–32) or electronic (61–72) prefix, or 80. */
export function isUsAbaRouting(number: string): boolean {
  return /^(?:0[1-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)/.test(number) && hasAbaChecksum(number);
}

/** The check digit alone of a National Provider Identifier: Luhn behind the prefix 80840 (45 CFR 162.406). */
export function hasNpiCheckDigit(number: string): boolean {
  return /^\d{10}$/.test(number) && hasLuhnDigit(`80840${number}`);
}

/** A National Provider Identifier: begins with 1 or 2 and is not one digit repeated. */
export function isUsNpi(number: string): boolean {
  return /^[12]/.test(number) && !/^(\d)\1{8}/.test(number) && hasNpiCheckDigit(number);
}
