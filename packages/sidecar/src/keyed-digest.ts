/** HMAC-SHA-256 by two one-shot hashes: `createHmac` makes a key object each time, which costs several times the hashing. */
import { hash } from 'node:crypto';

const blockBytes = 64;
const digestBytes = 32;
/** Longer messages get a buffer of their own. */
const reusedBytes = 64 * 1024;

/** A keyed digest in hex (RFC 2104). `key`: at most 64 bytes. */
export function createKeyedDigest(key: Uint8Array): (message: Uint8Array | string) => string {
  if (key.length > blockBytes) throw new RangeError(`key of at most ${blockBytes} bytes expected, got ${key.length}`);
  const outer = padded(key, 0x5c, digestBytes);
  const reused = padded(key, 0x36, reusedBytes);
  return (message) => {
    const inner = fill(reused, message);
    outer.write(hash('sha256', inner, 'hex'), blockBytes, 'hex');
    return hash('sha256', outer, 'hex');
  };
}

function padded(key: Uint8Array, pad: number, room: number): Buffer {
  const bytes = Buffer.alloc(blockBytes + room);
  for (let at = 0; at < blockBytes; at++) bytes[at] = (key[at] ?? 0) ^ pad;
  return bytes;
}

/** The padded key with the message after it. */
function fill(reused: Buffer, message: Uint8Array | string): Uint8Array {
  const length = typeof message === 'string' ? Buffer.byteLength(message) : message.length;
  const buffer = length <= reusedBytes ? reused : Buffer.concat([reused.subarray(0, blockBytes), Buffer.alloc(length)]);
  if (typeof message === 'string') buffer.write(message, blockBytes);
  else buffer.set(message, blockBytes);
  return buffer.subarray(0, blockBytes + length);
}
