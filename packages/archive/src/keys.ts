import { concatBytes, equalBytes, toHex } from './bytes.ts';
import { ArchiveError } from './archive-error.ts';
import type { Crypto } from './crypto.ts';

/** SPKI DER of Ed25519 keys differs only in its last 32 bytes (RFC 8410 section 4). */
const spkiPrefix = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);

/** First 32 hex digits of SHA-256 of the SPKI DER. */
export function keyId(crypto: Crypto, publicKeySpkiDer: Uint8Array): string {
  return toHex(crypto.sha256(publicKeySpkiDer)).slice(0, 32);
}

/** SPKI DER of a raw 32-byte Ed25519 key. Throws `bad_key` on another length. */
export function spkiOfRawKey(raw: Uint8Array): Uint8Array {
  if (raw.length !== 32) throw new ArchiveError('bad_key', `ed25519 key of ${raw.length} bytes, expected 32`);
  return concatBytes(spkiPrefix, raw);
}

/** The raw 32 bytes of an Ed25519 key's SPKI DER; `undefined` when it is none. */
export function rawKeyOfSpki(spkiDer: Uint8Array): Uint8Array | undefined {
  if (spkiDer.length !== spkiPrefix.length + 32) return undefined;
  return equalBytes(spkiDer.subarray(0, spkiPrefix.length), spkiPrefix) ? spkiDer.slice(spkiPrefix.length) : undefined;
}
