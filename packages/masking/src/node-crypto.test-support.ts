import { createHmac, hash } from 'node:crypto';
import type { MaskCrypto } from './index.ts';

/** What the sidecar gives the masker. */
export const nodeCrypto: MaskCrypto = {
  sha256: (text) => hash('sha256', text),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
};
