/** The installation's key that session keys are wrapped under: whoever copies the key store alone reads nothing. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ControllerError } from '../controller-error.ts';
import { secretNames } from '../keys/secret-names.ts';
import { loadOrCreate } from '../keys/signing-key.ts';
import type { Secrets } from '../ports.ts';

export interface WrappingKey {
  /** Base64 of nonce ‖ ciphertext ‖ tag (AES-256-GCM), bound to the session. */
  wrap(session: string, key: Uint8Array): string;
  /** Throws `internal` for what this installation did not wrap for this session. */
  unwrap(session: string, wrapped: string): Buffer;
}

/** Made once, and the same for all replicas. */
export async function loadWrappingKey(secrets: Secrets): Promise<WrappingKey> {
  const data = await loadOrCreate(secrets, secretNames.sessionKeyWrap, () => ({
    key: randomBytes(32).toString('base64'),
  }));
  const key = Buffer.from(data['key'] ?? '', 'base64');
  if (key.length !== 32)
    throw new ControllerError('internal', `secret ${secretNames.sessionKeyWrap} has no key of 32 bytes`);
  return createWrappingKey(key);
}

function contextOf(session: string): Buffer {
  return Buffer.from(`tachograph/session-key/v1\n${session}\n`);
}

function createWrappingKey(wrapping: Uint8Array): WrappingKey {
  return {
    wrap(session, key) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', wrapping, nonce).setAAD(contextOf(session));
      return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]).toString('base64');
    },
    unwrap(session, wrapped) {
      const bytes = Buffer.from(wrapped, 'base64');
      try {
        const decipher = createDecipheriv('aes-256-gcm', wrapping, bytes.subarray(0, 12));
        decipher.setAAD(contextOf(session)).setAuthTag(bytes.subarray(-16));
        return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
      } catch (error) {
        throw new ControllerError('internal', `the key of session ${session} is not one that was kept here`, {
          cause: error,
        });
      }
    },
  };
}
