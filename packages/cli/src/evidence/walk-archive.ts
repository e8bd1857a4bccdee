/** One pass over the leaves of a log and the records that they name, in the order of the log. Memory holds a few segments. */
import { hash } from 'node:crypto';
import { hashLine, readAhead, splitLines } from '@tachograph/archive';
import { decodeUtf8, type Leaf, parseRecord, type SegmentLeaf, type StoredRecord } from '@tachograph/protocol';
import { type ObjectStore, StoreError } from '@tachograph/store';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { nodeGunzip } from '../archive/node-gunzip.ts';
import { type EvidencePeriod, isWithin, mayHoldRecords } from './evidence-period.ts';
import { type LogExtent, type PlacedLeaf, readLog } from './read-log.ts';

/** Whose stream it is. */
export interface StreamFacts {
  readonly cluster: string;
  readonly namespace: string;
  readonly workload: string;
  readonly pod: string;
  readonly podUid: string;
}

/** A record of the period and where it stands. `hash`: its line's, hex; `index`: of its segment's leaf. */
export interface PlacedRecord {
  readonly record: StoredRecord;
  readonly hash: string;
  readonly index: number;
  readonly object: string;
  readonly line: number;
  readonly server: StreamFacts | undefined;
}

/** A leaf that is known, whatever its time; `time` is the log's own. */
export interface TimedLeaf extends PlacedLeaf {
  readonly leaf: Leaf;
  readonly time: string;
  readonly isWithin: boolean;
  readonly server: StreamFacts | undefined;
}

/** Something that wants to see leaves and records. Called in order, one at a time. */
export interface EvidenceReader {
  takeLeaf?(leaf: TimedLeaf): void;
  takeRecord?(record: PlacedRecord): void;
  /** After the last. */
  finish?(): void;
}

export interface WalkOptions extends LogExtent {
  readonly store: ObjectStore;
  readonly period: EvidencePeriod;
  /** Only this namespace's streams and pods. What concerns the whole installation is always shown. */
  readonly namespace?: string | undefined;
  readonly readers: readonly EvidenceReader[];
  readonly onLeaf?: (index: number) => void;
}

/** What was read. `differs`: segments whose bytes are not what the log names; `absent`: not in this copy. */
export interface WalkCounts {
  readonly root: string;
  readonly leaves: number;
  readonly leavesInPeriod: number;
  readonly segments: number;
  readonly records: number;
  readonly absent: number;
  readonly differs: number;
  readonly unknownLeaves: number;
}

type Counts = { -readonly [Name in keyof WalkCounts]: WalkCounts[Name] };

interface Walk extends WalkOptions {
  readonly counts: Counts;
  readonly streams: Map<string, StreamFacts>;
  /** `<stream> <first seq>` of segments seen: a retry may have logged one twice. */
  readonly seen: Set<string>;
}

const segmentsAhead = 4;
const largestSegment = 512 * 1024 * 1024;

/** Reads everything once. Rejects only when the store cannot be read. */
export async function walkArchive(options: WalkOptions): Promise<WalkCounts> {
  const counts: Counts = {
    root: '',
    leaves: 0,
    leavesInPeriod: 0,
    segments: 0,
    records: 0,
    absent: 0,
    differs: 0,
    unknownLeaves: 0,
  };
  const walk: Walk = { ...options, counts, streams: new Map(), seen: new Set() };
  const read = async (placed: PlacedLeaf): Promise<Uint8Array | undefined> => readSegment(walk, placed);
  for await (const [placed, bytes] of readAhead(rootKept(walk), segmentsAhead, read)) {
    const timed = takeLeaf(walk, placed);
    if (timed?.leaf.type === 'segment' && isWanted(walk, timed.leaf)) await takeSegment(walk, timed, bytes);
    options.onLeaf?.(placed.index);
  }
  for (const reader of options.readers) reader.finish?.();
  return counts;
}

async function* rootKept(walk: Walk): AsyncGenerator<PlacedLeaf> {
  const leaves = readLog(walk.store, walk);
  for (let next = await leaves.next(); ; next = await leaves.next()) {
    if (next.done === true) {
      walk.counts.root = next.value;
      return;
    }
    noteStream(walk, next.value.leaf);
    yield next.value;
  }
}

/** Before the segments of a stream are fetched: whose it is decides whether they are wanted. */
function noteStream({ streams }: Walk, leaf: Leaf | undefined): void {
  if (leaf?.type !== 'stream.open' || streams.has(leaf.stream)) return;
  const { cluster, namespace, workload, pod, podUid } = leaf;
  streams.set(leaf.stream, { cluster, namespace, workload, pod, podUid });
}

function takeLeaf(walk: Walk, placed: PlacedLeaf): TimedLeaf | undefined {
  const { leaf } = placed;
  walk.counts.leaves += 1;
  if (leaf === undefined) {
    walk.counts.unknownLeaves += 1;
    return undefined;
  }
  const server = 'stream' in leaf ? walk.streams.get(leaf.stream) : undefined;
  const time = 'at' in leaf ? leaf.at : leaf.receivedAt;
  const timed = { ...placed, leaf, time, isWithin: isWithin(walk.period, time), server };
  if (timed.isWithin) walk.counts.leavesInPeriod += 1;
  if (isOfNamespace(walk, leaf)) for (const reader of walk.readers) reader.takeLeaf?.(timed);
  return timed;
}

function isOfNamespace({ namespace, streams }: Walk, leaf: Leaf): boolean {
  if (namespace === undefined) return true;
  const own = 'namespace' in leaf ? leaf.namespace : 'stream' in leaf ? streams.get(leaf.stream)?.namespace : undefined;
  return own === undefined || own === namespace;
}

function isWanted(walk: Walk, leaf: SegmentLeaf): boolean {
  return isOfNamespace(walk, leaf) && mayHoldRecords(walk.period, leaf.object, leaf.receivedAt);
}

async function readSegment(walk: Walk, { leaf }: PlacedLeaf): Promise<Uint8Array | undefined> {
  if (leaf?.type !== 'segment' || !isWanted(walk, leaf)) return undefined;
  const { object, generation } = leaf;
  try {
    const original = /^\d{1,19}$/.test(generation) ? await walk.store.get(object, { generation }) : undefined;
    return original ?? (await walk.store.get(object));
  } catch (error) {
    if (error instanceof StoreError && error.code === 'invalid_name') return undefined;
    throw error;
  }
}

async function takeSegment(walk: Walk, { leaf, index }: TimedLeaf, bytes: Uint8Array | undefined): Promise<void> {
  if (leaf.type !== 'segment') return;
  const { counts, seen } = walk;
  const key = `${leaf.stream} ${leaf.first}`;
  if (seen.has(key)) return;
  seen.add(key);
  if (bytes === undefined) counts.absent += 1;
  else if (hash('sha256', bytes, 'hex') !== leaf.sha256) counts.differs += 1;
  else {
    counts.segments += 1;
    await takeLines(walk, leaf, index, bytes);
  }
}

async function takeLines(walk: Walk, leaf: SegmentLeaf, index: number, bytes: Uint8Array): Promise<void> {
  const { object } = leaf;
  const server = walk.streams.get(leaf.stream);
  let line = 0;
  for (const { bytes: text } of splitLines((await nodeGunzip(bytes, largestSegment)).bytes)) {
    line += 1;
    const record = parseRecord(decodeUtf8(text) ?? '');
    if (record === undefined || !isWithin(walk.period, record.time)) continue;
    walk.counts.records += 1;
    const placed = { record, hash: hashLine(nodeCrypto, text), index, object, line, server };
    for (const reader of walk.readers) reader.takeRecord?.(placed);
  }
}
