/** What the log says about custody: read from the bucket every time, because replicas keep nothing. */
import { parseBatchNote } from '@tachograph/archive';
import {
  parseLeaf,
  type HoldPlacedLeaf,
  type HoldReleasedLeaf,
  type HoldView,
  type Leaf,
  type SegmentLeaf,
  type SessionManifestLeaf,
  type StreamOpenLeaf,
} from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { inParallel } from './parallel.ts';

/** One generation of an object. */
export interface ObjectRef {
  readonly object: string;
  readonly generation: string;
}

/** A hold with everything that it names, in the order of its leaves. */
export interface LoggedHold extends Omit<HoldView, 'objects'> {
  readonly objects: readonly ObjectRef[];
  /** Parts that its leaves promise and the log does not hold: whoever placed it was cut off. */
  readonly missingParts: number;
}

export interface CustodyLog {
  /** In the order in which they were placed. */
  readonly holds: ReadonlyMap<string, LoggedHold>;
  readonly segments: readonly SegmentLeaf[];
  readonly manifests: readonly SessionManifestLeaf[];
  readonly streams: ReadonlyMap<string, StreamOpenLeaf>;
}

const readsAtOnce = 16;

/** Reads every batch. What is no batch and no leaf is passed over: whether the log is whole is the verifier's question. */
export async function readCustodyLog(store: ObjectStore): Promise<CustodyLog> {
  const names: string[] = [];
  for await (const { name } of store.list('v1/log/batch/')) names.push(name);
  const batches = await inParallel(names, readsAtOnce, async (name) => leavesOf(await store.get(name)));
  const tables = { segments: [], manifests: [], streams: new Map(), placed: new Map(), released: new Map() };
  for (const leaf of batches.flat()) take(tables, leaf);
  return toLog(tables);
}

interface Tables {
  readonly segments: SegmentLeaf[];
  readonly manifests: SessionManifestLeaf[];
  readonly streams: Map<string, StreamOpenLeaf>;
  readonly placed: Map<string, HoldPlacedLeaf[]>;
  readonly released: Map<string, HoldReleasedLeaf>;
}

function leavesOf(bytes: Uint8Array | undefined): readonly Leaf[] {
  const batch = bytes === undefined ? undefined : parseBatchNote(Buffer.from(bytes).toString('utf8'));
  return (batch?.leaves ?? []).flatMap((text) => parseLeaf(text) ?? []);
}

function take({ segments, manifests, streams, placed, released }: Tables, leaf: Leaf): void {
  if (leaf.type === 'segment') segments.push(leaf);
  else if (leaf.type === 'session.manifest') manifests.push(leaf);
  else if (leaf.type === 'stream.open') streams.set(leaf.stream, leaf);
  else if (leaf.type === 'hold.placed') placed.set(leaf.hold, [...(placed.get(leaf.hold) ?? []), leaf]);
  else if (leaf.type === 'hold.released' && !released.has(leaf.hold)) released.set(leaf.hold, leaf);
}

function toLog({ placed, released, ...tables }: Tables): CustodyLog {
  const holds = new Map<string, LoggedHold>();
  for (const [hold, parts] of placed) {
    const [first] = parts;
    if (first === undefined) continue;
    const { selection, by, reason, at } = first;
    const end = released.get(hold);
    const present = new Set(parts.map(({ part }) => part));
    holds.set(hold, {
      hold,
      selection,
      by,
      reason,
      at,
      objects: parts.toSorted((a, b) => a.part - b.part).flatMap(({ objects }) => objects),
      missingParts: first.parts - present.size,
      ...(end === undefined ? {} : { released: { by: end.by, reason: end.reason, at: end.at } }),
    });
  }
  return { ...tables, holds };
}

/** Names one generation. */
export function refKey({ object, generation }: ObjectRef): string {
  return `${object}#${generation}`;
}

/** Everything that holds other than `except` keep. */
export function keptByHolds({ holds }: CustodyLog, except?: string): ReadonlySet<string> {
  const active = [...holds.values()].filter(({ hold, released }) => released === undefined && hold !== except);
  return new Set(active.flatMap(({ objects }) => objects.map(refKey)));
}
