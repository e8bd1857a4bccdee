import type {
  Leaf,
  PodLeaf,
  SegmentLeaf,
  SessionManifestLeaf,
  StreamLostLeaf,
  StreamOpenLeaf,
} from '@tachograph/protocol';
import type { Place } from './finding.ts';
import { timeOf } from './log-times.ts';

/** A leaf with its place in the log. */
export interface Logged<L> {
  readonly leaf: L;
  readonly index: number;
  /** Batch object and line. */
  readonly place: Place;
}

interface LoggedHead {
  readonly seq: number;
  readonly hash: string;
  readonly durableSeq: number;
  readonly at: string;
  readonly place: Place;
}

type CloseLeaf = Extract<Leaf, { type: 'stream.close' }>;

/** What the log says of one stream. */
export interface StreamLog {
  readonly stream: string;
  readonly opens: Logged<StreamOpenLeaf>[];
  readonly segments: Logged<SegmentLeaf>[];
  readonly manifests: Logged<SessionManifestLeaf>[];
  readonly heads: LoggedHead[];
  readonly closes: Logged<CloseLeaf>[];
  readonly losts: Logged<StreamLostLeaf>[];
}

/** What the log says of one pod. */
export interface PodLog {
  readonly podUid: string;
  readonly leaves: Logged<PodLeaf>[];
  /** In log order. */
  readonly streams: string[];
  readonly opens: Logged<StreamOpenLeaf>[];
}

/** Leaves that are findings by themselves. */
export type Remark = Extract<Leaf, { type: 'coverage.gap' | 'stream.conflict' | 'conflict' }>;

/** The log, by what its leaves speak of. */
export interface LogIndex {
  readonly streams: Map<string, StreamLog>;
  readonly pods: Map<string, PodLog>;
  readonly remarks: Logged<Remark>[];
  /** Of all leaves, RFC 3339; empty without any. */
  oldestTime: string;
  newestTime: string;
}

export function createLogIndex(): LogIndex {
  return { streams: new Map(), pods: new Map(), remarks: [], oldestTime: '', newestTime: '' };
}

type StreamLeaf = Extract<
  Leaf,
  { type: 'segment' | 'session.manifest' | 'stream.open' | 'stream.close' | 'stream.lost' }
>;

const streamTypes: ReadonlySet<string> = new Set<StreamLeaf['type']>([
  'segment',
  'session.manifest',
  'stream.open',
  'stream.close',
  'stream.lost',
]);

function isStreamLeaf(leaf: Leaf): leaf is StreamLeaf {
  return streamTypes.has(leaf.type);
}

/** Files one leaf. */
export function addLeaf(log: LogIndex, { leaf, index, place }: Logged<Leaf>): void {
  const time = timeOf(leaf);
  if (!Number.isNaN(Date.parse(time))) {
    if (time > log.newestTime) log.newestTime = time;
    if (log.oldestTime === '' || time < log.oldestTime) log.oldestTime = time;
  }
  if (isStreamLeaf(leaf)) addStreamLeaf(log, { leaf, index, place });
  else addOtherLeaf(log, { leaf, index, place });
}

function addStreamLeaf(log: LogIndex, { leaf, index, place }: Logged<StreamLeaf>): void {
  const stream = streamOf(log, leaf.stream);
  switch (leaf.type) {
    case 'segment':
      stream.segments.push({ leaf, index, place });
      break;
    case 'session.manifest':
      // Nearly all leaves are of these: those of a stream share its name.
      stream.manifests.push({ leaf: { ...leaf, stream: stream.stream }, index, place });
      break;
    case 'stream.open':
      stream.opens.push({ leaf, index, place });
      addOpenToPod(podOf(log, leaf.podUid), { leaf, index, place });
      break;
    case 'stream.close':
      stream.closes.push({ leaf, index, place });
      break;
    case 'stream.lost':
      stream.losts.push({ leaf, index, place });
  }
}

function addOpenToPod(pod: PodLog, logged: Logged<StreamOpenLeaf>): void {
  pod.streams.push(logged.leaf.stream);
  pod.opens.push(logged);
}

function isPodLeaf(leaf: Leaf): leaf is PodLeaf {
  return 'podUid' in leaf && leaf.type.startsWith('pod.');
}

function addOtherLeaf(log: LogIndex, { leaf, index, place }: Logged<Exclude<Leaf, StreamLeaf>>): void {
  if (leaf.type === 'stream.heads') {
    for (const head of leaf.heads) streamOf(log, head.stream).heads.push({ ...head, at: leaf.at, place });
  } else if (leaf.type === 'coverage.gap' || leaf.type === 'stream.conflict' || leaf.type === 'conflict') {
    log.remarks.push({ leaf, index, place });
  } else if (isPodLeaf(leaf)) {
    podOf(log, leaf.podUid).leaves.push({ leaf, index, place });
  }
}

function streamOf(log: LogIndex, stream: string): StreamLog {
  const known = log.streams.get(stream);
  if (known !== undefined) return known;
  const created: StreamLog = { stream, opens: [], segments: [], manifests: [], heads: [], closes: [], losts: [] };
  log.streams.set(stream, created);
  return created;
}

function podOf(log: LogIndex, podUid: string): PodLog {
  const known = log.pods.get(podUid);
  if (known !== undefined) return known;
  const created: PodLog = { podUid, leaves: [], streams: [], opens: [] };
  log.pods.set(podUid, created);
  return created;
}
