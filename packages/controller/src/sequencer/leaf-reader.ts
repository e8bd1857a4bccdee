/** Leaves that stand in the log, read from their batches again. */
import { readAhead, toHex } from '@tachograph/archive';
import { parseLeaf, type Leaf } from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';
import { leafHashOf } from './leaf-hash.ts';
import type { Place } from './stream-entry.ts';
import { batchOf, readBatch, type StoredHashesOptions } from './stored-hashes.ts';

export interface PlacedLeaf {
  readonly leaf: Leaf;
  readonly place: Place;
}

/** Reads durable leaves, in the order asked. Rejects with `unavailable` when the bucket does not answer. */
export type LeafReader = (indices: readonly number[]) => Promise<readonly PlacedLeaf[]>;

/** Batches that one question has in memory at a time; a batch has up to 4 MiB. */
const batchesAhead = 8;

export function createLeafReader(options: StoredHashesOptions): LeafReader {
  return async (indices) => {
    const batches = Map.groupBy(indices, (index) => batchOf(options.batchStarts, index));
    const placed = new Map<number, PlacedLeaf>();
    const read = readAhead(batches, batchesAhead, async ([start, wanted]) => readLeaves(options, start, wanted));
    for await (const [, leaves] of read) for (const one of leaves) placed.set(one.place.index, one);
    return indices.flatMap((index) => placed.get(index) ?? []);
  };
}

async function readLeaves(
  options: StoredHashesOptions,
  start: number,
  wanted: readonly number[],
): Promise<readonly PlacedLeaf[]> {
  const leaves = await readBatch(options, start).catch((error: unknown) => {
    if (error instanceof ControllerError) throw error;
    throw new ControllerError('unavailable', 'the bucket does not answer', { cause: error, retryAfterMs: 2000 });
  });
  return wanted.map((index) => {
    const text = leaves[index - start] ?? '';
    const leaf = parseLeaf(text);
    if (leaf === undefined)
      throw new ControllerError('internal', `log index ${index} holds no leaf that was read before`);
    return { leaf, place: { index, leafHash: toHex(leafHashOf(text)) } };
  });
}
