/** What the log says about custody: read from the bucket, because replicas keep nothing that it does not have. */
import { parseBatchNote, readAhead } from '@tachograph/archive';
import {
  parseLeaf,
  type HoldPlacedLeaf,
  type HoldReleasedLeaf,
  type HoldView,
  type Leaf,
  type StreamOpenLeaf,
} from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';

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

/** In the order in which they were placed. */
export type Holds = ReadonlyMap<string, LoggedHold>;

type LeafOf<Type extends Leaf['type']> = Extract<Leaf, { type: Type }>;

const batchesAhead = 16;

/**
 * Leaves of these types, in order, a few batches in memory at a time: a log of years is larger than any process. What is no
 * batch and no leaf is passed over: whether the log is whole is the verifier's question.
 */
export async function* readLeaves<Type extends Leaf['type']>(
  store: ObjectStore,
  types: readonly Type[],
): AsyncGenerator<LeafOf<Type>> {
  const wanted: ReadonlySet<string> = new Set(types);
  const isWanted = (leaf: Leaf): leaf is LeafOf<Type> => wanted.has(leaf.type);
  for await (const { leaves } of readBatches(store, types)) yield* leaves.filter(isWanted);
}

/** Batches after one of that name, or all; of each the leaves of these types. */
async function* readBatches(
  store: ObjectStore,
  types: readonly string[],
  after?: string,
): AsyncGenerator<{ readonly name: string; readonly leaves: readonly Leaf[] }> {
  const listed = store.list('v1/log/batch/', after === undefined ? {} : { startOffset: after });
  const batches = readAhead(listed, batchesAhead, async ({ name }) => (name === after ? undefined : store.get(name)));
  for await (const [{ name }, bytes] of batches) yield { name, leaves: leavesOf(bytes, types) };
}

/** Every leaf is what `JSON.stringify` wrote, so its type can be seen before all of it is parsed. */
function leavesOf(bytes: Uint8Array | undefined, types: readonly string[]): readonly Leaf[] {
  const batch = bytes === undefined ? undefined : parseBatchNote(Buffer.from(bytes).toString('utf8'));
  const marks = types.map((type) => `"type":"${type}"`);
  const texts = (batch?.leaves ?? []).filter((text) => marks.some((mark) => text.includes(mark)));
  return texts.flatMap((text) => parseLeaf(text) ?? []);
}

/** The holds of a log. */
export interface HoldLog {
  /** All that the log holds by now; reads what came since the last time. Rejects with `StoreError`. */
  read(): Promise<Holds>;
}

/** Batches are never changed, so each is read once: after that, asking costs what was added. Reads nothing yet. */
export function createHoldLog(store: ObjectStore): HoldLog {
  const placed = new Map<string, HoldPlacedLeaf[]>();
  const released = new Map<string, HoldReleasedLeaf>();
  let after: string | undefined;
  let reading = Promise.resolve();
  const catchUp = async (): Promise<void> => {
    for await (const { name, leaves } of readBatches(store, ['hold.placed', 'hold.released'], after)) {
      for (const leaf of leaves) takeHoldLeaf(leaf, placed, released);
      after = name;
    }
  };
  return {
    async read() {
      // One at a time: two would take the same leaves.
      reading = reading.then(catchUp, catchUp);
      await reading;
      return toHolds(placed, released);
    },
  };
}

function takeHoldLeaf(
  leaf: Leaf,
  placed: Map<string, HoldPlacedLeaf[]>,
  released: Map<string, HoldReleasedLeaf>,
): void {
  if (leaf.type === 'hold.placed') placed.set(leaf.hold, [...(placed.get(leaf.hold) ?? []), leaf]);
  else if (leaf.type === 'hold.released' && !released.has(leaf.hold)) released.set(leaf.hold, leaf);
}

function toHolds(
  placed: ReadonlyMap<string, readonly HoldPlacedLeaf[]>,
  released: ReadonlyMap<string, HoldReleasedLeaf>,
): Holds {
  return new Map(
    [...placed].flatMap(([hold, parts]) => {
      const [first] = parts;
      return first === undefined ? [] : [[hold, toHold(first, parts, released.get(hold))]];
    }),
  );
}

function toHold(
  first: HoldPlacedLeaf,
  parts: readonly HoldPlacedLeaf[],
  end: HoldReleasedLeaf | undefined,
): LoggedHold {
  const { hold, selection, by, reason, at } = first;
  const present = new Set(parts.map(({ part }) => part));
  return {
    hold,
    selection,
    by,
    reason,
    at,
    objects: parts.toSorted((a, b) => a.part - b.part).flatMap(({ objects }) => objects),
    missingParts: first.parts - present.size,
    ...(end === undefined ? {} : { released: { by: end.by, reason: end.reason, at: end.at } }),
  };
}

/** Whose stream it is. */
export type StreamOwner = Pick<StreamOpenLeaf, 'namespace' | 'workload'>;

export async function readStreamOwners(store: ObjectStore): Promise<ReadonlyMap<string, StreamOwner>> {
  const owners = new Map<string, StreamOwner>();
  for await (const { stream, namespace, workload } of readLeaves(store, ['stream.open'])) {
    owners.set(stream, { namespace, workload });
  }
  return owners;
}

/** Names one generation. */
export function refKey({ object, generation }: ObjectRef): string {
  return `${object}#${generation}`;
}

/** Names of what active holds keep: a purge leaves every generation of it alone, as verification demands. */
export function namesKept(holds: Holds): ReadonlySet<string> {
  const active = [...holds.values()].filter(({ released }) => released === undefined);
  return new Set(active.flatMap(({ objects }) => objects.map(({ object }) => object)));
}

/** Everything that holds other than `except` keep. */
export function keptByHolds(holds: Holds, except?: string): ReadonlySet<string> {
  const active = [...holds.values()].filter(({ hold, released }) => released === undefined && hold !== except);
  return new Set(active.flatMap(({ objects }) => objects.map(refKey)));
}
