const encoder = new TextEncoder();
const hexOf: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += hexOf[byte];
  return hex;
}

/** Reads lower-case hex; `undefined` when malformed. */
export function fromHex(hex: string): Uint8Array | undefined {
  if (hex.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(hex.length / 2);
  return writeHex(hex, bytes, 0) ? bytes : undefined;
}

/** Reads lower-case hex into `to`, from `at` on; false when malformed. */
export function writeHex(hex: string, to: Uint8Array, at: number): boolean {
  for (let i = 0; 2 * i < hex.length; i += 1) {
    const high = valueOfDigit(hex.charCodeAt(2 * i));
    const low = valueOfDigit(hex.charCodeAt(2 * i + 1));
    if (high < 0 || low < 0) return false;
    to[at + i] = high * 16 + low;
  }
  return true;
}

function valueOfDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}

/** Standard base64 with padding (RFC 4648 section 4). For keys, hashes and signatures, not for bulk. */
export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Reads canonical standard base64; `undefined` when malformed or when encoding it again gives another text. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const binary = atob(text);
  // Non-zero bits after the last byte would give one signature several spellings.
  if (btoa(binary) !== text) return undefined;
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

/** All parts, one after the other. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Same bytes. Not constant-time: nothing that is compared here is secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
