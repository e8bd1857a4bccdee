/** A stream's task as plain data, for a thread. */
import { blobNames } from './blob-check.ts';
import type { Place } from './finding.ts';
import type { InventoryEntry } from './inventory.ts';
import type { StreamLog } from './log-index.ts';
import { type LoggedHead, loggedHeads, loggedManifests, loggedSegments, type Logged } from './packed-leaves.ts';
import { type PackedData, PackedList, type RowCodec } from './packed-list.ts';
import type { StreamState, StreamTask } from './stream-task.ts';
import type { SegmentLeaf, SessionManifestLeaf } from '@tachograph/protocol';

/** What can be cloned. */
export interface StreamTaskData {
  readonly log: Omit<StreamLog, 'segments' | 'manifests' | 'heads'>;
  readonly segments: PackedData<Logged<SegmentLeaf>>;
  readonly manifests: PackedData<Logged<SessionManifestLeaf>>;
  readonly heads: PackedData<LoggedHead>;
  /** Versions of the objects that the stream's leaves name, as they were listed. */
  readonly inventory: readonly (readonly [string, InventoryEntry])[];
  /** Objects of it that this copy does not claim to hold. */
  readonly notSelected: readonly string[];
  /** Objects of it that a `purge` leaf names, with its place. */
  readonly purged: readonly (readonly [string, Place])[];
  readonly closingsOf: readonly string[];
  readonly from?: StreamState;
}

/** Of what the whole run knows, what the stream's leaves speak of. */
export function toStreamTaskData({ log, objects, from }: StreamTask): StreamTaskData {
  const { segments, manifests, heads, ...rest } = log;
  const own = namesOf(log);
  const named = [...new Set([...own, ...blobsOf(log)])];
  return {
    log: rest,
    segments: packed(loggedSegments, segments),
    manifests: packed(loggedManifests, manifests),
    heads: packed(loggedHeads, heads),
    inventory: named.flatMap((name) => entryOf(objects.inventory, name)),
    notSelected: own.filter((name) => !objects.isSelected(name)),
    purged: named.flatMap((name) => entryOf(objects.purged, name)),
    closingsOf: [...objects.closingsOf],
    ...(from === undefined ? {} : { from }),
  };
}

/** The task again, in the thread. */
export function fromStreamTaskData(data: StreamTaskData): StreamTask {
  const notSelected = new Set(data.notSelected);
  return {
    log: {
      ...data.log,
      segments: new PackedList(loggedSegments, data.segments),
      manifests: new PackedList(loggedManifests, data.manifests),
      heads: new PackedList(loggedHeads, data.heads),
    },
    objects: {
      inventory: new Map(data.inventory),
      isSelected: (object) => !notSelected.has(object),
      purged: new Map(data.purged),
      closingsOf: new Set(data.closingsOf),
    },
    ...(data.from === undefined ? {} : { from: data.from }),
  };
}

function namesOf({ segments, manifests }: StreamLog): string[] {
  const names: string[] = [];
  for (const { leaf } of segments) names.push(leaf.object);
  for (const { leaf } of manifests) names.push(leaf.object);
  return names;
}

function blobsOf({ segments }: StreamLog): string[] {
  const names: string[] = [];
  for (const { leaf } of segments) for (const { sha256 } of leaf.blobs) names.push(...blobNames(leaf, sha256));
  return names;
}

function packed<Row>(codec: RowCodec<Row>, rows: Iterable<Row>): PackedData<Row> {
  if (rows instanceof PackedList) return rows.data();
  const list = new PackedList(codec);
  for (const row of rows) list.push(row);
  return list.data();
}

function entryOf<Value>(
  from: { readonly get: (name: string) => Value | undefined },
  name: string,
): (readonly [string, Value])[] {
  const value = from.get(name);
  return value === undefined ? [] : [[name, value]];
}
