/** Checksums that numbers of persons and payment carry. All take compact text and are false for other characters. */

const asciiDigits = /^[0-9]+$/;

/** ISO/IEC 7812-1 annex B ("Luhn"): the last digit checks the others. */
export function hasLuhnDigit(number: string): boolean {
  if (!asciiDigits.test(number) || number.length < 2) return false;
  let sum = 0;
  for (let i = 0; i < number.length; i += 1) {
    const digit = digitAt(number, number.length - 1 - i);
    const doubled = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += i % 2 === 0 ? digit : doubled;
  }
  return sum % 10 === 0;
}

/** ISO/IEC 7064 MOD 97-10 over digits and letters (A is 10 … Z is 35): the remainder, 1 where the number is right. */
export function mod97(text: string): number {
  let rest = 0;
  for (let i = 0; i < text.length; i += 1) {
    const value = Number.parseInt(text.charAt(i), 36);
    rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
  }
  return rest;
}

/** ISO/IEC 7064 MOD 11,10, a hybrid system: the last digit checks the others. */
export function hasMod1110Digit(number: string): boolean {
  if (!asciiDigits.test(number)) return false;
  let product = 10;
  for (let i = 0; i < number.length - 1; i += 1) {
    const sum = (digitAt(number, i) + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (11 - product) % 10 === digitAt(number, number.length - 1);
}

/** Sum of the digits times their weights; `undefined` where a character is no digit or the lengths differ. */
export function weightedSum(number: string, weights: readonly number[]): number | undefined {
  if (number.length !== weights.length || !asciiDigits.test(number)) return undefined;
  return weights.reduce((sum, weight, index) => sum + weight * digitAt(number, index), 0);
}

const dihedral: readonly string[] = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
];
const permutation = '1576283094';

/** Verhoeff (1969), over the dihedral group of order 10: the last digit checks the others. */
export function hasVerhoeffDigit(number: string): boolean {
  if (!asciiDigits.test(number)) return false;
  let check = 0;
  for (let i = 0; i < number.length; i += 1) {
    const permuted = permute(digitAt(number, number.length - 1 - i), i % 8);
    check = digitAt(dihedral[check] ?? '', permuted);
  }
  return check === 0;
}

function permute(digit: number, times: number): number {
  let value = digit;
  for (let i = 0; i < times; i += 1) value = digitAt(permutation, value);
  return value;
}

function digitAt(number: string, at: number): number {
  return number.charCodeAt(at) - 0x30;
}
