/** The primitives from Node, and keys, for tests only: nothing that `index.ts` exports reaches this file. */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import type { Crypto, Sign } from '../crypto.ts';

export const nodeCrypto: Crypto = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  ed25519Verify(publicKeySpkiDer, message, signature) {
    try {
      const key = createPublicKey({ key: Buffer.from(publicKeySpkiDer), format: 'der', type: 'spki' });
      return key.asymmetricKeyType === 'ed25519' && verify(null, message, key, signature);
    } catch {
      return false;
    }
  },
};

/** A fresh Ed25519 key. `publicKey`: SPKI DER. */
export interface TestKey {
  readonly publicKey: Uint8Array;
  readonly sign: Sign;
}

export function createTestKey(): TestKey {
  const pair = generateKeyPairSync('ed25519');
  return { publicKey: spkiOf(pair.publicKey), sign: (message) => sign(null, message, pair.privateKey) };
}

function spkiOf(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }));
}
