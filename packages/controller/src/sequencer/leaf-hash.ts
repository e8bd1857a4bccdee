import { hashLogLeaf } from '@tachograph/archive';
import { nodeCrypto } from '../keys/node-crypto.ts';

/** Log leaf hash of a leaf's exact JSON text. */
export function leafHashOf(text: string): Uint8Array {
  return hashLogLeaf(nodeCrypto, text);
}
