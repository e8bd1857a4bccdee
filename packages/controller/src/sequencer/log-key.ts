import { createNoteKey, formatVkey, type NoteKey } from '@tachograph/archive';
import { logOrigin } from '@tachograph/protocol';
import { nodeCrypto } from '../keys/node-crypto.ts';

/** Who signs for the log: a key in memory, or one that answers over the network. */
export interface LogSigner {
  readonly keyId: string;
  /** SPKI DER. */
  readonly publicKey: Uint8Array;
  /** The most bytes that it signs at once; absent: any number. */
  readonly maxBytes?: number;
  /** Ed25519, 64 bytes. A rejection means that no signature was made, or that nobody knows; the same call may be made again. */
  sign(bytes: Uint8Array | string): Uint8Array | Promise<Uint8Array>;
}

/** A key of the log under its C2SP name, which is also the checkpoint's origin. */
export interface LogKey {
  readonly origin: string;
  readonly note: NoteKey;
  readonly vkey: string;
  readonly signing: LogSigner;
}

export function createLogKey(cluster: string, signing: LogSigner): LogKey {
  const origin = logOrigin(cluster);
  const note = createNoteKey(nodeCrypto, origin, signing.publicKey);
  return { origin, note, vkey: formatVkey(note), signing };
}

/** The keys that this process can sign with. */
export interface HeldKeys {
  readonly origin: string;
  /** Oldest first; more than one while a rotation is under way. */
  current(): readonly LogKey[];
  /** Looks again whether a key was added or taken away. */
  reload(): Promise<void>;
}

/** Keys that do not change. */
export function holdKeys(first: LogKey, ...later: readonly LogKey[]): HeldKeys {
  return { origin: first.origin, current: () => [first, ...later], reload: async () => undefined };
}
