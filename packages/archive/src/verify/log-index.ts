import type {
  Leaf,
  PodLeaf,
  SegmentLeaf,
  SessionManifestLeaf,
  StreamLostLeaf,
  StreamOpenLeaf,
} from '@tachograph/protocol';
import { timeOf } from './log-times.ts';
import { type Logged, loggedHeads, type LoggedHead, loggedManifests, loggedSegments } from './packed-leaves.ts';
import { PackedList } from './packed-list.ts';

export type { Logged } from './packed-leaves.ts';

type CloseLeaf = Extract<Leaf, { type: 'stream.close' }>;

/** Leaves in log order; made anew whenever they are read. */
export interface Rows<Row> extends Iterable<Row> {
  readonly length: number;
}

/** What the log says of one stream. */
export interface StreamLog {
  readonly stream: string;
  readonly opens: Logged<StreamOpenLeaf>[];
  /** These come in thousands. */
  readonly segments: Rows<Logged<SegmentLeaf>>;
  readonly manifests: Rows<Logged<SessionManifestLeaf>>;
  readonly heads: Rows<LoggedHead>;
  readonly closes: Logged<CloseLeaf>[];
  readonly losts: Logged<StreamLostLeaf>[];
}

/** The same while the log is read. */
interface PackedStreamLog extends StreamLog {
  readonly segments: PackedList<Logged<SegmentLeaf>>;
  readonly manifests: PackedList<Logged<SessionManifestLeaf>>;
  readonly heads: PackedList<LoggedHead>;
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
  readonly streams: Map<string, PackedStreamLog>;
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
      stream.manifests.push({ leaf, index, place });
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

function streamOf(log: LogIndex, stream: string): PackedStreamLog {
  const known = log.streams.get(stream);
  if (known !== undefined) return known;
  const created = newStreamLog(stream);
  log.streams.set(stream, created);
  return created;
}

function newStreamLog(stream: string): PackedStreamLog {
  return {
    stream,
    opens: [],
    segments: new PackedList(loggedSegments),
    manifests: new PackedList(loggedManifests),
    heads: new PackedList(loggedHeads),
    closes: [],
    losts: [],
  };
}

function podOf(log: LogIndex, podUid: string): PodLog {
  const known = log.pods.get(podUid);
  if (known !== undefined) return known;
  const created: PodLog = { podUid, leaves: [], streams: [], opens: [] };
  log.pods.set(podUid, created);
  return created;
}
