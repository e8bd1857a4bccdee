// The log key in the wrong hands: signs batches and checkpoints of whatever tree one likes.
import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, sign, verify } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNoteKey, formatVkey, rootOf, signBatch, signCheckpoint } from '@tachograph/archive';

export const nodeCrypto = {
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
  ed25519Verify: (spki, bytes, sig) =>
    verify(null, Buffer.from(bytes), createPublicKey({ key: Buffer.from(spki), type: 'spki', format: 'der' }), sig),
};

const secretFile = (state) => join(state, 'secrets', 'tachograph-log-key.json');

/** Makes an installation's log key before its first start. */
export function makeLogKey(state) {
  mkdirSync(join(state, 'secrets'), { recursive: true, mode: 0o700 });
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(secretFile(state), JSON.stringify({ 'key.pem': pem }), { mode: 0o600 });
}

/** The stolen key of a drill's installation. `hashes` are leaf hashes. */
export function openLogKey(state, cluster = 'drill') {
  const privateKey = createPrivateKey(JSON.parse(readFileSync(secretFile(state), 'utf8'))['key.pem']);
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const origin = `tachograph.dev/${cluster}`;
  const key = createNoteKey(nodeCrypto, origin, publicKey);
  const signer = (bytes) => sign(null, Buffer.from(bytes), privateKey);
  return {
    origin,
    key,
    vkey: formatVkey(key),
    batch: (firstIndex, leaves) => signBatch({ origin, firstIndex, leaves }, key, signer),
    checkpoint: (hashes) =>
      signCheckpoint({ origin, size: hashes.length, root: rootOf(nodeCrypto, hashes) }, key, signer),
  };
}
