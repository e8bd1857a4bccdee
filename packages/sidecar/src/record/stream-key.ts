import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { keyId, signHead, type Head } from '@tachograph/archive';
import { createKeyedDigest, createKeyedDigestInTurns } from '../keyed-digest.ts';
import { nodeCrypto } from './node-crypto.ts';

/** A head with the stream key's signature. */
export interface SignedHead {
  readonly seq: number;
  /** Hex hash of the line at `seq`. */
  readonly hash: string;
  /** Base64 Ed25519. */
  readonly sig: string;
}

/**
 * The two keys of one stream: Ed25519 for heads, HMAC for digests. Both live in memory only and end with the process,
 * so that nobody who reads the spool later can sign for this stream or test a guess against a digest.
 */
export interface StreamKey {
  readonly keyId: string;
  /** Base64 SPKI DER. */
  readonly publicKey: string;
  signHead(head: Head): SignedHead;
  /** HMAC-SHA-256, hex. */
  digest(bytes: Uint8Array | string): string;
  /** The same of many bytes, without holding up others. */
  digestInTurns(bytes: Uint8Array): Promise<string>;
}

export function createStreamKey(): StreamKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const digestKey = randomBytes(32);
  const der = publicKey.export({ format: 'der', type: 'spki' });
  return {
    keyId: keyId(nodeCrypto, der),
    publicKey: der.toString('base64'),
    signHead: (head) => ({
      seq: head.seq,
      hash: head.hash,
      sig: signHead(head, (message) => sign(null, message, privateKey)),
    }),
    digest: createKeyedDigest(digestKey),
    digestInTurns: createKeyedDigestInTurns(digestKey),
  };
}
