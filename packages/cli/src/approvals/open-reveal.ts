/** The approver's end of a reveal (`revealText` in `protocol`): a key pair for one answer, and what was sealed for it. */
import { createDecipheriv, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto';
import { revealedCall, revealText, type RevealBinding, type RevealedCall } from '@tachograph/protocol';

export interface RevealKey {
  /** Raw X25519 public key, base64url. */
  readonly publicKey: string;
  /** `undefined` for a box that was not sealed for this key and binding. Never throws. */
  open(box: string, binding: RevealBinding): RevealedCall | undefined;
}

const keyBytes = 32;
const tagBytes = 16;

/** The private half never leaves this process. */
export function createRevealKey(): RevealKey {
  const pair = generateKeyPairSync('x25519');
  const publicKey = String(pair.publicKey.export({ format: 'jwk' }).x);
  return {
    publicKey,
    open(box, binding) {
      const bytes = Buffer.from(box, 'base64url');
      const theirs = bytes.subarray(0, keyBytes);
      try {
        const key = createPublicKey({
          key: { kty: 'OKP', crv: 'X25519', x: theirs.toString('base64url') },
          format: 'jwk',
        });
        const shared = diffieHellman({ privateKey: pair.privateKey, publicKey: key });
        const salt = Buffer.concat([theirs, Buffer.from(publicKey, 'base64url')]);
        const secret = Buffer.from(hkdfSync('sha256', shared, salt, 'tachograph/reveal/v1', 44));
        const decipher = createDecipheriv('aes-256-gcm', secret.subarray(0, 32), secret.subarray(32))
          .setAAD(Buffer.from(revealText(binding)))
          .setAuthTag(bytes.subarray(-tagBytes));
        const sealed = bytes.subarray(keyBytes, -tagBytes);
        const text = Buffer.concat([decipher.update(sealed), decipher.final()]).toString();
        return revealedCall.parse(JSON.parse(text));
      } catch {
        return undefined;
      }
    },
  };
}
