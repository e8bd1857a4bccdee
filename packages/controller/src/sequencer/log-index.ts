/** What the leaves so far amount to: rebuilt from the log at takeover, and kept while leaves are admitted. */
import { createPeriodCounter, type PeriodCounter } from '@tachograph/archive';
import type { Leaf, PodLeaf, StreamHeadsLeaf, StreamOpenLeaf } from '@tachograph/protocol';
import { createHeldObjects, type HeldObjects } from './held-objects.ts';
import { addManifest, createStreamEntry, extendStream, type Place, type StreamEntry } from './stream-entry.ts';

/** A pod as the log tells it. */
export interface PodEntry {
  readonly namespace: string;
  readonly pod: string;
  /** Types of leaves about it. */
  readonly told: Set<string>;
}

export interface LogIndex {
  readonly streams: ReadonlyMap<string, StreamEntry>;
  /** Pods without a terminal leaf, by UID. */
  readonly pods: ReadonlyMap<string, PodEntry>;
  /** Place of a leaf that stands in the log, by hex leaf hash: the newest ones only. */
  find(leafHash: string): Place | undefined;
  /** Stream whose key was accepted for this start of the `tachograph` container. */
  streamOfStart(open: StreamOpenLeaf): StreamEntry | undefined;
  /** The pod's newest stream that belongs to a start which the kubelet reported. */
  streamOfPod(podUid: string): StreamEntry | undefined;
  /** Whether an accepted stream of the same pod names this one as the stream before it, and no other key for it. */
  isNamed(open: StreamOpenLeaf): boolean;
  /** A refused key is logged once. */
  hasConflict(stream: string, keyId: string): boolean;
  /** Where two bytes under one name were logged. */
  objectConflict(object: string, sha256: string): Place | undefined;
  /** What holds keep. */
  readonly held: Pick<HeldObjects, 'firstHeld'>;
  /** Leaves by type, from the log's beginning. */
  readonly counts: ReadonlyMap<string, number>;
  /** What the current hour has added. */
  readonly periods: Pick<PeriodCounter, 'due' | 'manifest'>;
  /** Takes the next leaf in. */
  apply(leaf: Leaf, place: Place): void;
}

/** A retry of the same bytes comes within minutes: older hashes need no memory. */
const rememberedHashes = 200_000;

export function createLogIndex(): LogIndex {
  const streams = new Map<string, StreamEntry>();
  const pods = new Map<string, PodEntry>();
  const hashes = new Map<string, number>();
  const starts = new Map<string, string>();
  const conflicts = new Map<string, Place>();
  const named = new Set<string>();
  const ofPods = new Map<string, string>();
  const counts = new Map<string, number>();
  const held = createHeldObjects();
  const periods = createPeriodCounter();
  const take = createTaker({ streams, pods, starts, named, ofPods, conflicts });
  return {
    streams,
    pods,
    counts,
    held,
    periods,
    find(leafHash) {
      const index = hashes.get(leafHash);
      return index === undefined ? undefined : { index, leafHash };
    },
    streamOfStart(open) {
      const start = startOf(open);
      return start === undefined ? undefined : streams.get(starts.get(start) ?? '');
    },
    streamOfPod: (podUid) => streams.get(ofPods.get(podUid) ?? ''),
    isNamed: ({ podUid, stream, keyId }) =>
      [keyId, undefined].some((one) => named.has(nameOf(podUid, { stream, keyId: one }))),
    hasConflict: (stream, keyId) => conflicts.has(`${stream} ${keyId}`),
    objectConflict: (object, sha256) => conflicts.get(`${object} ${sha256}`),
    apply(leaf, place) {
      hashes.set(place.leafHash, place.index);
      const oldest = hashes.size > rememberedHashes ? hashes.keys().next().value : undefined;
      if (oldest !== undefined) hashes.delete(oldest);
      take(leaf, place);
      periods.add(leaf);
      held.take(leaf);
      counts.set(leaf.type, (counts.get(leaf.type) ?? 0) + 1);
    },
  };
}

interface Tables {
  readonly streams: Map<string, StreamEntry>;
  readonly pods: Map<string, PodEntry>;
  /** Streams by pod and start. */
  readonly starts: Map<string, string>;
  /** What accepted streams name as `previous`. */
  readonly named: Set<string>;
  /** Newest streams with a known start, by pod UID. */
  readonly ofPods: Map<string, string>;
  readonly conflicts: Map<string, Place>;
}

function createTaker(tables: Tables): (leaf: Leaf, place: Place) => void {
  return (leaf, place) => {
    if (leaf.type === 'stream.open') takeOpen(tables, leaf, place);
    else if (leaf.type === 'stream.heads') takeHeads(tables, leaf);
    else if (leaf.type === 'stream.conflict' || leaf.type === 'conflict') takeConflict(tables, leaf, place);
    else if (isOfStream(leaf)) takeOfStream(tables.streams.get(leaf.stream), leaf, place);
    else if (isOfPod(leaf)) takePod(tables.pods, leaf);
  };
}

function takeHeads({ streams }: Tables, leaf: StreamHeadsLeaf): void {
  for (const head of leaf.heads) takeHead(streams.get(head.stream), head, leaf.at);
}

function takeConflict(
  { conflicts }: Tables,
  leaf: Extract<Leaf, { type: 'stream.conflict' | 'conflict' }>,
  place: Place,
): void {
  conflicts.set(leaf.type === 'conflict' ? `${leaf.object} ${leaf.sha256}` : `${leaf.stream} ${leaf.keyId}`, place);
}

function startOf(open: StreamOpenLeaf): string | undefined {
  return open.containerStartedAt === undefined ? undefined : `${open.podUid} ${open.containerStartedAt}`;
}

function nameOf(podUid: string, { stream, keyId }: { readonly stream: string; readonly keyId?: string | undefined }) {
  return `${podUid} ${stream} ${keyId ?? ''}`;
}

function takeOpen({ streams, starts, named, ofPods }: Tables, leaf: StreamOpenLeaf, place: Place): void {
  const { stream, podUid, previous } = leaf;
  streams.set(stream, createStreamEntry(leaf, place));
  if (previous !== undefined) named.add(nameOf(podUid, previous));
  const start = startOf(leaf);
  if (start === undefined) return;
  starts.set(start, stream);
  // UUIDv7 names sort by the time of their making.
  if ((ofPods.get(podUid) ?? '') < stream) ofPods.set(podUid, stream);
}

type LeafOfStream = Extract<Leaf, { type: 'segment' | 'session.manifest' | 'stream.close' | 'stream.lost' }>;

const typesOfStream: ReadonlySet<string> = new Set(['segment', 'session.manifest', 'stream.close', 'stream.lost']);

function isOfStream(leaf: Leaf): leaf is LeafOfStream {
  return typesOfStream.has(leaf.type);
}

function takeOfStream(entry: StreamEntry | undefined, leaf: LeafOfStream, place: Place): void {
  if (entry === undefined) return;
  switch (leaf.type) {
    case 'segment':
      extendStream(entry, leaf, place);
      break;
    case 'session.manifest':
      addManifest(entry, leaf, place);
      break;
    case 'stream.close':
      entry.closed = place;
      break;
    case 'stream.lost':
      entry.lost = true;
  }
}

function takeHead(
  entry: StreamEntry | undefined,
  head: { readonly seq: number; readonly durableSeq: number },
  at: string,
): void {
  if (entry === undefined) return;
  entry.loggedSeq = Math.max(entry.loggedSeq, head.seq);
  entry.loggedDurableSeq = Math.max(entry.loggedDurableSeq, head.durableSeq);
  entry.headsMs = Math.max(entry.headsMs, Date.parse(at));
}

type LeafOfPod = PodLeaf | Extract<Leaf, { type: 'coverage.gap' }>;

function isOfPod(leaf: Leaf): leaf is LeafOfPod {
  return leaf.type === 'coverage.gap' || leaf.type.startsWith('pod.');
}

function takePod(pods: Map<string, PodEntry>, leaf: LeafOfPod): void {
  if (leaf.type === 'pod.deleted' || leaf.type === 'pod.rejected') {
    pods.delete(leaf.podUid);
    return;
  }
  const entry = pods.get(leaf.podUid) ?? { namespace: leaf.namespace, pod: leaf.pod, told: new Set<string>() };
  entry.told.add(leaf.type === 'coverage.gap' ? `coverage.gap ${leaf.reason}` : leaf.type);
  pods.set(leaf.podUid, entry);
}
