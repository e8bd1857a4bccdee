/** HMAC-SHA-256 by two one-shot hashes: `createHmac` makes a key object each time, which costs several times the hashing. */
import { createHash, hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

const blockBytes = 64;
const digestBytes = 32;
/** Longer messages are not copied behind the key: a hash object costs less than that. */
const reusedBytes = 16 * 1024;

/** A keyed digest in hex (RFC 2104). `key`: at most 64 bytes. */
export function createKeyedDigest(key: Uint8Array): (message: Uint8Array | string) => string {
  if (key.length > blockBytes) throw new RangeError(`key of at most ${blockBytes} bytes expected, got ${key.length}`);
  const outer = padded(key, 0x5c, digestBytes);
  const reused = padded(key, 0x36, reusedBytes);
  return (message) => {
    outer.write(innerHash(reused, message), blockBytes, 'hex');
    return hash('sha256', outer, 'hex');
  };
}

const turnBytes = 256 * 1024;

/** The same digest of a long message, in stretches between which others have their turn (a quarter of a millisecond each). */
export function createKeyedDigestInTurns(key: Uint8Array): (message: Uint8Array) => Promise<string> {
  const digest = createKeyedDigest(key);
  const inner = padded(key, 0x36, 0);
  const outer = padded(key, 0x5c, digestBytes);
  return async (message) => {
    if (message.length <= turnBytes) return digest(message);
    const hashing = createHash('sha256').update(inner);
    for (let at = 0; at < message.length; at += turnBytes) {
      if (at > 0) await setImmediate();
      hashing.update(message.subarray(at, at + turnBytes));
    }
    outer.write(hashing.digest('hex'), blockBytes, 'hex');
    return hash('sha256', outer, 'hex');
  };
}

function padded(key: Uint8Array, pad: number, room: number): Buffer {
  const bytes = Buffer.alloc(blockBytes + room);
  for (let at = 0; at < blockBytes; at++) bytes[at] = (key[at] ?? 0) ^ pad;
  return bytes;
}

/** Hash of the padded key with the message after it. */
function innerHash(reused: Buffer, message: Uint8Array | string): string {
  const length = typeof message === 'string' ? Buffer.byteLength(message) : message.length;
  if (length > reusedBytes) {
    return createHash('sha256').update(reused.subarray(0, blockBytes)).update(message).digest('hex');
  }
  if (typeof message === 'string') reused.write(message, blockBytes);
  else reused.set(message, blockBytes);
  return hash('sha256', reused.subarray(0, blockBytes + length), 'hex');
}
