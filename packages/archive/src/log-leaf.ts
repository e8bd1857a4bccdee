import { maxLeafBytes } from '@tachograph/protocol';
import { utf8 } from './bytes.ts';
import { ArchiveError } from './archive-error.ts';
import type { Crypto } from './crypto.ts';
import { hashLeaf } from './merkle.ts';

/** Log leaf hash of a leaf's exact JSON text: SHA-256(0x00 ‖ its UTF-8 bytes). */
export function hashLogLeaf(crypto: Crypto, leafText: string): Uint8Array {
  return hashLeaf(crypto, utf8(leafText));
}

/** Throws `bad_leaf` for a text that cannot stand on one line of a batch. */
export function assertLeafText(leafText: string): void {
  const bytes = utf8(leafText).length;
  if (bytes === 0 || bytes > maxLeafBytes) {
    throw new ArchiveError('bad_leaf', `leaf of ${bytes} bytes, expected 1 to ${maxLeafBytes}`);
  }
  // oxlint-disable-next-line no-control-regex -- a signed note admits no control character
  if (/[\u0000-\u001f]/.test(leafText)) throw new ArchiveError('bad_leaf', 'leaf with a control character');
}
