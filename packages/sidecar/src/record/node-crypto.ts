import { createPublicKey, hash, verify, type KeyObject } from 'node:crypto';
import type { Crypto } from '@tachograph/archive';

/** The archive's primitives on Node's own crypto. */
export const nodeCrypto: Crypto = {
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
  ed25519Verify(publicKeySpkiDer, message, signature) {
    const key = parsePublicKey(publicKeySpkiDer);
    return key !== undefined && signature.length === 64 && verify(null, message, key, signature);
  },
};

function parsePublicKey(spkiDer: Uint8Array): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spkiDer), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}
