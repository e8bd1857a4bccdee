/**
 * A NIR (numéro de sécurité sociale): sex, year, month, place, order and a key, 97 less the rest modulo 97 (INSEE). The
 * Corsican departments 2A and 2B count as 19 and 18. Compact, any case.
 */
export function isFrNir(text: string): boolean {
  if (!/^[1-478]\d{4}(?:\d\d|2[AB])\d{8}$/i.test(text)) return false;
  const digits = text.slice(0, 13).replace(/2A/i, '19').replace(/2B/i, '18');
  return 97 - Number(BigInt(digits) % 97n) === Number(text.slice(13));
}
