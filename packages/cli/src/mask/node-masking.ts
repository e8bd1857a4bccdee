import { createHash, createHmac } from 'node:crypto';
import { unzipSync } from 'node:zlib';
import { createMasker, type Masker } from '@tachograph/masking';
import type { MaskingSpec } from '@tachograph/protocol';

/** The masker of the sidecar, with Node's hashes. */
export function createNodeMasker(spec: MaskingSpec): Masker {
  return createMasker(spec, {
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
    inflate,
  });
}

function inflate(bytes: Uint8Array, maxBytes: number): Uint8Array | undefined {
  try {
    return unzipSync(bytes, { maxOutputLength: maxBytes });
  } catch {
    return undefined;
  }
}
