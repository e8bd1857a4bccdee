import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { ControllerError } from '../controller-error.ts';
import type { Secrets } from '../ports.ts';

/** An Ed25519 key of the installation. */
export interface SigningKey {
  readonly keyId: string;
  /** SPKI DER. */
  readonly publicKey: Uint8Array;
  sign(bytes: Uint8Array | string): Buffer;
}

/** First 32 hex digits of SHA-256 of the SPKI DER (`contracts.md`, Bytes). */
export function keyIdOf(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex').slice(0, 32);
}

/** `sha256:<hex>` of the SPKI DER: what the webhook writes into a sidecar's spec. */
export function fingerprintOf(spki: Uint8Array): string {
  return `sha256:${createHash('sha256').update(spki).digest('hex')}`;
}

export function toSigningKey(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem);
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new ControllerError(
      'internal',
      `signing key is ${privateKey.asymmetricKeyType ?? 'unknown'}; expected ed25519`,
    );
  }
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    sign: (bytes) => sign(null, Buffer.from(bytes), privateKey),
  };
}

/** A new private key, PKCS #8 PEM. */
export function generateSigningKeyPem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** An Ed25519 public key; `undefined` when the bytes are none. */
export function parseEd25519(spki: Uint8Array): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), type: 'spki', format: 'der' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Whether `sig` is the key's signature; false for anything malformed. */
export function verifyEd25519(spki: Uint8Array, bytes: Uint8Array | string, sig: Uint8Array): boolean {
  const key = parseEd25519(spki);
  return key !== undefined && sig.length === 64 && verify(null, Buffer.from(bytes), key, sig);
}

/** The secret's data, made once: whoever creates it first wins, and everybody uses that one. */
export async function loadOrCreate(
  secrets: Secrets,
  name: string,
  make: () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>,
): Promise<Readonly<Record<string, string>>> {
  const found = await secrets.get(name);
  if (found !== undefined) return found.data;
  await secrets.create(name, await make());
  const stored = await secrets.get(name);
  if (stored === undefined) throw new ControllerError('unavailable', `secret ${name} vanished after its creation`);
  return stored.data;
}

/** The installation's signing key of this name, made at first start. */
export async function loadSigningKey(secrets: Secrets, name: string): Promise<SigningKey> {
  const data = await loadOrCreate(secrets, name, () => ({ 'key.pem': generateSigningKeyPem() }));
  const pem = data['key.pem'];
  if (pem === undefined) throw new ControllerError('internal', `secret ${name} has no key.pem`);
  return toSigningKey(pem);
}
