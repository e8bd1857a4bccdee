/** Leaves of a log, unverified: enough to find objects. What is found is proved by `tacho verify`. */
import { parseBatchNote, readAhead } from '@tachograph/archive';
import {
  type HoldPlacedLeaf,
  type Leaf,
  parseLeaf,
  type SegmentLeaf,
  type SessionManifestLeaf,
  type StreamOpenLeaf,
} from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';

const batchesAhead = 32;

/** What the log names. */
export interface NamedObjects {
  readonly segments: readonly SegmentLeaf[];
  readonly manifests: readonly SessionManifestLeaf[];
  readonly opens: ReadonlyMap<string, StreamOpenLeaf>;
  /** Streams whose end the log states. */
  readonly ended: ReadonlySet<string>;
  readonly holds: readonly HoldPlacedLeaf[];
}

/** Reads every batch. Batches that are none are passed over. */
export async function readNamedObjects(store: ObjectStore): Promise<NamedObjects> {
  const segments: SegmentLeaf[] = [];
  const manifests: SessionManifestLeaf[] = [];
  const opens = new Map<string, StreamOpenLeaf>();
  const ended = new Set<string>();
  const holds: HoldPlacedLeaf[] = [];
  for await (const leaf of readLeaves(store)) {
    if (leaf.type === 'segment') segments.push(leaf);
    else if (leaf.type === 'session.manifest') manifests.push(leaf);
    else if (leaf.type === 'stream.open') opens.set(leaf.stream, leaf);
    else if (leaf.type === 'stream.close' || leaf.type === 'stream.lost') ended.add(leaf.stream);
    else if (leaf.type === 'hold.placed') holds.push(leaf);
  }
  return { segments, manifests, opens, ended, holds };
}

async function* readLeaves(store: ObjectStore): AsyncGenerator<Leaf> {
  const batches = readAhead(store.list('v1/log/batch/'), batchesAhead, async ({ name }) => store.get(name));
  for await (const [, bytes] of batches) yield* leavesOf(bytes);
}

function leavesOf(bytes: Uint8Array | undefined): readonly Leaf[] {
  const batch = bytes === undefined ? undefined : parseBatchNote(Buffer.from(bytes).toString('utf8'));
  return (batch?.leaves ?? []).map(parseLeaf).filter((leaf) => leaf !== undefined);
}
