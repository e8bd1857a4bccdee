import { createPublicKey, hash, verify } from 'node:crypto';
import type { Crypto } from '@tachograph/archive';

/** The format's primitives from Node. */
export const nodeCrypto: Crypto = {
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
  ed25519Verify(publicKeySpkiDer, message, signature) {
    try {
      const key = createPublicKey({ key: Buffer.from(publicKeySpkiDer), format: 'der', type: 'spki' });
      return key.asymmetricKeyType === 'ed25519' && verify(null, message, key, signature);
    } catch {
      return false;
    }
  },
};
