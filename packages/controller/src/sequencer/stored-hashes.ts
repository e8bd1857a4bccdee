/** Hashes of the log for proofs: most in memory by 256, the others from the batches that hold the leaves. */
import { createLogHashes, type LogHashes, type NoteKey, parseBatchNote, tileWidth } from '@tachograph/archive';
import type { ObjectStore } from '@tachograph/store';
import { ControllerError } from '../controller-error.ts';
import { nodeCrypto } from '../keys/node-crypto.ts';
import { leafHashOf } from './leaf-hash.ts';
import { batchName, isBatchAt } from './place-batch.ts';

export interface StoredHashesOptions {
  readonly store: ObjectStore;
  readonly keys: () => readonly NoteKey[];
  /** First indices of the batches, rising; grows with the log. */
  readonly batchStarts: readonly number[];
}

export function createStoredHashes(options: StoredHashesOptions): LogHashes {
  return createLogHashes(nodeCrypto, async (tile) => readTile(options, tile));
}

async function readTile(options: StoredHashesOptions, tile: number): Promise<readonly Uint8Array[]> {
  const from = tile * tileWidth;
  const hashes: Uint8Array[] = [];
  while (hashes.length < tileWidth) {
    const next = from + hashes.length;
    const start = batchOf(options.batchStarts, next);
    const leaves = (await readBatch(options, start)).slice(next - start, next - start + tileWidth - hashes.length);
    if (leaves.length === 0) throw new ControllerError('internal', `no batch holds log index ${next}`);
    hashes.push(...leaves.map(leafHashOf));
  }
  return hashes;
}

/** Leaves of the valid one of the objects at this index. Rejects with `internal` when there is none. */
export async function readBatch(
  { store, keys }: Pick<StoredHashesOptions, 'store' | 'keys'>,
  firstIndex: number,
): Promise<readonly string[]> {
  for (let attempt = 0; ; attempt += 1) {
    const bytes = await store.get(batchName(firstIndex, attempt));
    if (bytes === undefined) throw new ControllerError('internal', `no batch stands at log index ${firstIndex}`);
    const note = Buffer.from(bytes).toString('utf8');
    if (isBatchAt(note, { firstIndex, keys: keys() })) return parseBatchNote(note)?.leaves ?? [];
  }
}

/** First index of the batch that holds a leaf. */
export function batchOf(batchStarts: readonly number[], index: number): number {
  let low = 0;
  let high = batchStarts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((batchStarts[middle] ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return batchStarts[low] ?? 0;
}
