import { hash } from 'node:crypto';
import type { Crypto } from '@tachograph/archive';
import { verifyEd25519 } from './signing-key.ts';

/** The archive's two primitives on Node's own crypto. */
export const nodeCrypto: Crypto = {
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
  ed25519Verify: verifyEd25519,
};

/** Hex SHA-256. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex');
}
