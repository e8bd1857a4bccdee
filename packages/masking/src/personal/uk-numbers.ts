import { weightedSum } from './checksums.ts';

/** An NHS number: ten digits, the last by weights 10 … 2 modulo 11 (NHS Data Dictionary, "NHS NUMBER"). */
export function isUkNhs(number: string): boolean {
  if (/^(\d)\1*$/.test(number)) return false;
  const sum = weightedSum(number, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  return sum !== undefined && sum % 11 === 0;
}

/** A National Insurance number: prefix letters as issued, six digits, suffix A–D (HMRC, NIM39110). Any case. */
export function isUkNino(text: string): boolean {
  return /^(?!BG|GB|NK|KN|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/i.test(text);
}
