import { headText } from '@tachograph/protocol';
import { fromBase64, toBase64, toHex, utf8 } from './bytes.ts';
import type { Crypto, Sign } from './crypto.ts';

/** The end of a chain: `hash` is the line's, in hex. */
export interface Head {
  readonly stream: string;
  readonly seq: number;
  readonly hash: string;
}

/** Hex SHA-256 of a stored line, its LF excluded. */
export function hashLine(crypto: Crypto, line: Uint8Array): string {
  return crypto.sha256Hex?.(line) ?? toHex(crypto.sha256(line));
}

/** Base64 signature of a head (`headText` in `protocol`). */
export function signHead(head: Head, sign: Sign): string {
  return toBase64(sign(utf8(headText(head.stream, head.seq, head.hash))));
}

/** Whether `sig` (base64) is the key's signature over the head. Any text is safe. */
export function verifyHead(crypto: Crypto, publicKeySpkiDer: Uint8Array, head: Head, sig: string): boolean {
  const signature = fromBase64(sig);
  if (signature === undefined || signature.length !== 64) return false;
  return crypto.ed25519Verify(publicKeySpkiDer, utf8(headText(head.stream, head.seq, head.hash)), signature);
}
