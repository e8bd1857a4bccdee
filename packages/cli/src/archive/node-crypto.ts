import { createPublicKey, hash, verify } from 'node:crypto';
import type { Crypto } from '@tachograph/archive';

/** The format's primitives from Node. */
export const nodeCrypto: Crypto = {
  // By way of a text: Node makes the Buffer of a digest five times as slowly.
  sha256: (bytes) => Buffer.from(hash('sha256', bytes, 'binary'), 'latin1'),
  sha256Hex: (bytes) => hash('sha256', bytes, 'hex'),
  sha256Text: (bytes) => hash('sha256', bytes, 'binary'),
  ed25519Verify(publicKeySpkiDer, message, signature) {
    try {
      const key = createPublicKey({ key: Buffer.from(publicKeySpkiDer), format: 'der', type: 'spki' });
      return key.asymmetricKeyType === 'ed25519' && verify(null, message, key, signature);
    } catch {
      return false;
    }
  },
};
