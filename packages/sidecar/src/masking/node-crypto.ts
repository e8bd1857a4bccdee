import { createHmac, hash } from 'node:crypto';
import { unzipSync } from 'node:zlib';
import type { MaskCrypto } from '@tachograph/masking';

/** What the pure masker borrows from Node. */
export const nodeMaskCrypto: MaskCrypto = {
  sha256: (text) => hash('sha256', text),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
  inflate: (bytes, maxBytes) => {
    try {
      return unzipSync(bytes, { maxOutputLength: maxBytes });
    } catch {
      return undefined;
    }
  },
};
