/** What masking hid, sealed for one approver (`revealText` in `protocol`): the controller between cannot read it. */
import { createCipheriv, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto';
import { maxRevealedBytes, revealText, type RevealBinding, type RevealedCall } from '@tachograph/protocol';

/** The box; `undefined` for a key that is none, and for more than may be handed over. Never throws. */
export function sealReveal(key: string, binding: RevealBinding, call: RevealedCall): string | undefined {
  const text = Buffer.from(JSON.stringify({ tool: call.tool, arguments: call.arguments }));
  if (text.length > maxRevealedBytes) return undefined;
  const secret = shareSecret(key);
  if (secret === undefined) return undefined;
  const { own, bytes } = secret;
  const cipher = createCipheriv('aes-256-gcm', bytes.subarray(0, 32), bytes.subarray(32)).setAAD(
    Buffer.from(revealText(binding)),
  );
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([own, sealed, cipher.getAuthTag()]).toString('base64url');
}

interface SharedSecret {
  /** Our public key, made for this box alone. */
  readonly own: Buffer;
  /** Key and nonce: used once. */
  readonly bytes: Buffer;
}

function shareSecret(key: string): SharedSecret | undefined {
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: key }, format: 'jwk' });
    const pair = generateKeyPairSync('x25519');
    const own = Buffer.from(String(pair.publicKey.export({ format: 'jwk' }).x), 'base64url');
    // Throws for keys of low order.
    const shared = diffieHellman({ privateKey: pair.privateKey, publicKey });
    const salt = Buffer.concat([own, Buffer.from(key, 'base64url')]);
    return { own, bytes: Buffer.from(hkdfSync('sha256', shared, salt, 'tachograph/reveal/v1', 44)) };
  } catch {
    return undefined;
  }
}
