import type { FF1 } from '@noble/ciphers/ff1.js';

/** NIST SP 800-38G rev. 1 asks for a domain of a million at least. */
const minDigits = 6;
const maxDigits = 36;
const maxWalks = 64;
const separators = /^[\d .\-()/+]+$/;

/** FF1 of the library. */
export type CreateCipher = typeof FF1;

/** The library builds tables while it loads, which takes longer than all else; so it loads only for who asks. */
export async function loadCipher(): Promise<CreateCipher> {
  const library = await import('@noble/ciphers/ff1.js');
  return library.FF1;
}

/**
 * The digits of a number encrypted by FF1, its separators kept; undefined for what holds anything else or too few digits.
 * `keepsLead`: the first digit stays other than zero, as in a JSON number (walking the cycle until it does).
 */
export function encryptDigits(
  createCipher: CreateCipher,
  value: string,
  { key, tweak, keepsLead }: { readonly key: Uint8Array; readonly tweak: string; readonly keepsLead: boolean },
): string | undefined {
  const plain = Array.from(value.replaceAll(/\D/g, ''), Number);
  if (plain.length < minDigits || plain.length > maxDigits || !separators.test(value)) return undefined;
  const cipher = createCipher(10, key, new TextEncoder().encode(tweak));
  let out = cipher.encrypt(plain);
  if (keepsLead) {
    for (let walk = 0; out[0] === 0 && walk < maxWalks; walk += 1) out = cipher.encrypt(out);
    if (out[0] === 0) return undefined;
  }
  let next = 0;
  return value.replaceAll(/\d/g, () => String(out[next++] ?? 0));
}
