import { createNoteKey, formatVkey, type NoteKey } from '@tachograph/archive';
import { logOrigin } from '@tachograph/protocol';
import { nodeCrypto } from '../keys/node-crypto.ts';
import type { SigningKey } from '../keys/signing-key.ts';

/** The log's key under its C2SP name, which is also the checkpoint's origin. */
export interface LogKey {
  readonly origin: string;
  readonly note: NoteKey;
  readonly vkey: string;
  readonly signing: SigningKey;
}

export function createLogKey(cluster: string, signing: SigningKey): LogKey {
  const origin = logOrigin(cluster);
  const note = createNoteKey(nodeCrypto, origin, signing.publicKey);
  return { origin, note, vkey: formatVkey(note), signing };
}
