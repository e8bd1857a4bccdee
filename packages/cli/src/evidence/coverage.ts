/** Every labelled pod, and what of its life was recorded. */
import type { Leaf, PodLeaf, SegmentLeaf, StreamOpenLeaf } from '@tachograph/protocol';
import { type EvidencePeriod, isWithin } from './evidence-period.ts';
import type { Row, TableDraft, TableKind } from './evidence-table.ts';
import type { EvidenceReader, TimedLeaf } from './walk-archive.ts';

export const coverage: TableKind = {
  name: 'coverage',
  title: 'Coverage of labelled pods',
  about:
    'Each interval of each labelled pod that touches the period: recorded by a stream, or not. While no stream of an injected pod is open its recorder does not run, and its server cannot be called through it. Pods are as stated by the operator: an API server audit log obtained elsewhere proves them (tacho verify --pods).',
  columns: [
    'kind',
    'namespace',
    'workload',
    'pod',
    'pod_uid',
    'stream',
    'from',
    'to',
    'seconds_in_period',
    'ended',
    'last_seq',
    'reason',
  ],
};

/** Seconds lie in the period. `withoutStream`: injected pods that never opened one; `gaps`: pods that ran without a recorder. */
export interface CoverageTotals {
  pods: number;
  streams: number;
  withoutStream: number;
  gaps: number;
  recordedSeconds: number;
  unrecordedSeconds: number;
}

export interface Coverage extends EvidenceReader {
  readonly totals: Readonly<CoverageTotals>;
}

interface StreamLife {
  readonly stream: string;
  readonly from: string;
  to: string | undefined;
  ended: string;
  lastSeq: number | undefined;
  reason: string;
}

interface PodLife {
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  workload: string;
  injected: string | undefined;
  deleted: string | undefined;
  readonly streams: StreamLife[];
}

interface Lives {
  readonly table: TableDraft;
  readonly period: EvidencePeriod;
  readonly totals: CoverageTotals;
  readonly pods: Map<string, PodLife>;
  readonly streams: Map<string, StreamLife>;
  newest: string;
}

/** Keeps what the log says of each pod; memory grows with the pods and streams of the log, not with records. */
export function createCoverage(table: TableDraft, period: EvidencePeriod): Coverage {
  const totals: CoverageTotals = {
    pods: 0,
    streams: 0,
    withoutStream: 0,
    gaps: 0,
    recordedSeconds: 0,
    unrecordedSeconds: 0,
  };
  const lives: Lives = { table, period, totals, pods: new Map(), streams: new Map(), newest: '' };
  return {
    totals,
    takeLeaf(placed) {
      if (placed.time > lives.newest) lives.newest = placed.time;
      takeLeaf(lives, placed);
    },
    finish() {
      for (const pod of lives.pods.values()) addPod(lives, pod);
    },
  };
}

function takeLeaf(lives: Lives, { leaf, isWithin: isInPeriod }: TimedLeaf): void {
  if (leaf.type === 'pod.injected' || leaf.type === 'pod.deleted' || leaf.type === 'pod.rejected') takePod(lives, leaf);
  else if (leaf.type === 'stream.open') takeOpen(lives, leaf);
  else if (leaf.type === 'stream.close' || leaf.type === 'stream.lost') takeEnd(lives, leaf);
  else if (leaf.type === 'coverage.gap' && isInPeriod) addGap(lives, leaf);
  else if (leaf.type === 'segment') takeSegment(lives, leaf);
}

function takeSegment({ streams }: Lives, { stream, last }: SegmentLeaf): void {
  const life = streams.get(stream);
  if (life !== undefined) life.lastSeq = Math.max(life.lastSeq ?? -1, last);
}

function podOf(
  lives: Lives,
  leaf: {
    readonly namespace: string;
    readonly pod: string;
    readonly podUid: string;
    readonly workload?: string | undefined;
  },
): PodLife {
  const { namespace, pod, podUid, workload = '' } = leaf;
  const known = lives.pods.get(podUid);
  if (known !== undefined) {
    known.workload ||= workload;
    return known;
  }
  const created: PodLife = { namespace, pod, podUid, workload, injected: undefined, deleted: undefined, streams: [] };
  lives.pods.set(podUid, created);
  return created;
}

/** A rejected pod never was: it ends where it began. */
function takePod(lives: Lives, leaf: PodLeaf): void {
  const pod = podOf(lives, leaf);
  if (leaf.type === 'pod.injected') pod.injected ??= leaf.at;
  else if (leaf.type === 'pod.rejected') lives.pods.delete(leaf.podUid);
  else pod.deleted ??= leaf.at;
}

function takeOpen(lives: Lives, leaf: StreamOpenLeaf): void {
  if (lives.streams.has(leaf.stream)) return;
  const life: StreamLife = {
    stream: leaf.stream,
    from: leaf.containerStartedAt ?? leaf.receivedAt,
    to: undefined,
    ended: 'open',
    lastSeq: undefined,
    reason: '',
  };
  lives.streams.set(leaf.stream, life);
  podOf(lives, leaf).streams.push(life);
}

function takeEnd({ streams }: Lives, leaf: Extract<Leaf, { type: 'stream.close' | 'stream.lost' }>): void {
  const life = streams.get(leaf.stream);
  if (life === undefined || life.ended === 'closed') return;
  if (leaf.type === 'stream.close') {
    life.to = leaf.receivedAt;
    life.ended = 'closed';
    life.lastSeq = leaf.lastSeq;
  } else {
    // What came after the last contact is not known to be recorded.
    life.to = leaf.lastContact;
    life.ended = 'lost';
    life.reason = leaf.reason;
  }
}

function addGap({ table, totals }: Lives, leaf: Extract<Leaf, { type: 'coverage.gap' }>): void {
  const { namespace, pod, podUid, reason, at } = leaf;
  totals.gaps += 1;
  table.add({ kind: 'ran without a recorder', namespace, pod, pod_uid: podUid, from: at, reason });
}

interface Interval {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly stream?: StreamLife;
}

function addPod(lives: Lives, pod: PodLife): void {
  const { period } = lives;
  const intervals = intervalsOf(pod, lives.newest).filter(
    (one) => secondsWithin(period, one) > 0 || (one.stream !== undefined && isWithin(period, one.from)),
  );
  const [first] = intervals;
  if (first === undefined) return;
  lives.totals.pods += 1;
  if (pod.streams.length === 0) lives.totals.withoutStream += 1;
  for (const one of intervals) addInterval(lives, pod, one);
}

function addInterval({ table, totals, period }: Lives, pod: PodLife, { kind, from, to, stream }: Interval): void {
  const seconds = secondsWithin(period, { from, to });
  if (stream === undefined) totals.unrecordedSeconds += seconds;
  else {
    totals.recordedSeconds += seconds;
    totals.streams += 1;
  }
  const { namespace, workload, pod: name, podUid } = pod;
  const row: Row = { kind, namespace, workload, pod: name, pod_uid: podUid, from, to, seconds_in_period: seconds };
  table.add({
    ...row,
    stream: stream?.stream,
    ended: stream?.ended,
    last_seq: stream?.lastSeq,
    reason: stream?.reason,
  });
}

/** From injection to deletion without holes: each moment is a stream's, or nobody's. */
function intervalsOf(pod: PodLife, newest: string): readonly Interval[] {
  const end = pod.deleted ?? newest;
  const streams = pod.streams.toSorted((a, b) => (a.from < b.from ? -1 : 1));
  const intervals: Interval[] = [];
  let at = pod.injected ?? streams[0]?.from ?? end;
  for (const [i, stream] of streams.entries()) {
    const kind = i === 0 ? 'before the first stream' : 'between streams';
    if (stream.from > at) intervals.push({ kind, from: at, to: stream.from });
    const to = endOf(stream, streams[i + 1], end);
    intervals.push({ kind: 'recorded', from: stream.from, to, stream });
    at = latest(at, to);
  }
  const kind = streams.length === 0 ? 'no stream' : 'after the last stream';
  return end > at ? [...intervals, { kind, from: at, to: end }] : intervals;
}

/** A stream without an end lasts until the pod's next, else as long as the pod. */
function endOf({ to }: StreamLife, next: StreamLife | undefined, end: string): string {
  return to ?? (next !== undefined && next.from < end ? next.from : end);
}

function latest(a: string, b: string): string {
  return a > b ? a : b;
}

/** To the millisecond. */
function secondsWithin(period: EvidencePeriod, { from, to }: Pick<Interval, 'from' | 'to'>): number {
  const start = Math.max(Date.parse(period.from), Date.parse(from));
  const end = Math.min(Date.parse(period.to), Date.parse(to));
  return Math.max(0, end - start) / 1000;
}
