import { hasVerhoeffDigit } from './checksums.ts';

/** An Aadhaar number: twelve digits, the first 2–9, no palindrome, the last by Verhoeff (UIDAI numbering scheme). */
export function isInAadhaar(number: string): boolean {
  if (!/^[2-9]\d{11}$/.test(number) || isPalindrome(number)) return false;
  return hasVerhoeffDigit(number);
}

function isPalindrome(text: string): boolean {
  const middle = Math.floor(text.length / 2);
  for (let i = 0; i < middle; i += 1) {
    if (text.charAt(i) !== text.charAt(text.length - 1 - i)) return false;
  }
  return true;
}
