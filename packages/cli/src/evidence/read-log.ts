/** The log again, after it was verified: the same leaves, or none. */
import {
  createNoteKey,
  createTree,
  fromBase64,
  hashLogLeaf,
  type NoteKey,
  readAhead,
  verifyBatch,
} from '@tachograph/archive';
import { type Leaf, parseLeaf } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { nodeCrypto } from '../archive/node-crypto.ts';

/** A leaf and where it stands. `leaf` is absent for a type that this version does not know. */
export interface PlacedLeaf {
  readonly leaf: Leaf | undefined;
  readonly index: number;
  /** Batch object, and line in it from 1. */
  readonly object: string;
  readonly line: number;
}

/** How far the log is read, and by whose word. `size`: leaves. */
export interface LogExtent {
  readonly keys: readonly NoteKey[];
  readonly size: number;
}

const prefix = 'v1/log/batch/';
const batchesAhead = 8;
/** Magic, origin, first index and count stand before the first leaf. */
const linesBefore = 4;

/** Yields the first `size` leaves; returns their root in hex, or that of fewer where the log is torn. */
export async function* readLog(store: ObjectStore, { keys, size }: LogExtent): AsyncGenerator<PlacedLeaf, string> {
  const tree = createTree(nodeCrypto);
  const trusted = [...keys];
  const read = async (name: string): Promise<Uint8Array | undefined> => store.get(name);
  for await (const [object, bytes] of readAhead(batchNames(store), batchesAhead, read)) {
    if (tree.size >= size) break;
    const opened = verifyBatch(nodeCrypto, Buffer.from(bytes ?? []).toString('utf8'), trusted);
    // Junk beside the batch, and a second spelling of it, are passed over: verification has judged them.
    if (opened.kind !== 'ok' || opened.batch.firstIndex !== tree.size) continue;
    for (const [i, text] of opened.batch.leaves.entries()) {
      if (tree.size >= size) break;
      const index = tree.size;
      tree.append(hashLogLeaf(nodeCrypto, text));
      const leaf = parseLeaf(text);
      if (leaf?.type === 'key.log') trusted.push(...keyOf(leaf));
      yield { leaf, index, object, line: i + 1 + linesBefore };
    }
  }
  return Buffer.from(tree.root()).toString('hex');
}

async function* batchNames(store: ObjectStore): AsyncGenerator<string> {
  for await (const { name } of store.list(prefix)) yield name;
}

function keyOf({ name, publicKey }: Extract<Leaf, { type: 'key.log' }>): readonly NoteKey[] {
  try {
    const bytes = fromBase64(publicKey);
    return bytes === undefined ? [] : [createNoteKey(nodeCrypto, name, bytes)];
  } catch {
    return [];
  }
}
