/** `v1/keys/<keyid>.json`: public keys beside the records, for readers. A verifier believes the log's leaves, never these. */
import { decodeUtf8 } from '@tachograph/protocol';
import { fromBase64 } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { parseJsonFields } from './json-object.ts';
import { keyId } from './keys.ts';

/** What a key object says. Further fields describe the key and are not relied on. */
export interface KeyObject {
  readonly keyId: string;
  /** SPKI DER. */
  readonly publicKey: Uint8Array;
  readonly use: 'log' | 'stream';
  /** Log index of the leaf that endorses the key. */
  readonly index: number;
}

/** Reads a key object; `undefined` when malformed or when `keyId` is not that of `publicKey`. */
export function parseKeyObject(crypto: Crypto, bytes: Uint8Array): KeyObject | undefined {
  const fields = parseJsonFields(decodeUtf8(bytes) ?? '');
  const [text, use, index] = ['publicKey', 'use', 'index'].map((name) => fields.get(name));
  const publicKey = typeof text === 'string' ? fromBase64(text) : undefined;
  if (publicKey === undefined || typeof index !== 'number' || (use !== 'log' && use !== 'stream')) return undefined;
  const id = keyId(crypto, publicKey);
  return fields.get('v') === 1 && fields.get('keyId') === id ? { keyId: id, publicKey, use, index } : undefined;
}
