/** One term of leadership: the open log and everything that writes to it. */
import { parseLeaf, type Archived } from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';
import { createTileWriter, type TileWriter } from '../tiles/tile-writer.ts';
import { createCoverage, type Coverage } from './coverage.ts';
import { every } from './every.ts';
import { createHeadTracker, type HeadTracker } from './head-tracker.ts';
import type { LogMeasures } from './log-metrics.ts';
import type { LogPort, ManifestRef, StreamQuestion, StreamView } from './log-port.ts';
import type { SequencerOptions } from './sequencer.ts';
import { placeOfObject, segmentsIn } from './find-segments.ts';
import { isOpen, type StreamEntry } from './stream-entry.ts';
import { writePeriods } from './period-writer.ts';
import { followKeys } from './rotate.ts';
import { createStreamGate } from './stream-gate.ts';
import { openLog, type TransparencyLog } from './transparency-log.ts';

export interface Term {
  readonly port: LogPort;
  readonly log: TransparencyLog;
  measures(): LogMeasures;
  close(): Promise<void>;
}

/** Leaves that controller replicas may write; all others are the sequencer's own. */
const acceptedTypes: ReadonlySet<string> = new Set([
  'segment',
  'session.manifest',
  'stream.open',
  'stream.close',
  'conflict',
  'hold.placed',
  'hold.released',
  'purge',
  'export',
  'admin.action',
  'key.destroyed',
  'decision.log',
  'ledger.pin',
]);

export async function startTerm(
  options: SequencerOptions,
  hooks: { readonly onHalt: (reason: string) => void; readonly alive: () => boolean },
): Promise<Term> {
  const { clock, timers, settings, log: logger } = options;
  const log = await openLog({ ...options, ...hooks, gatherMs: settings.gatherMs });
  const coverage = createCoverage({ log, logger, clock, cluster: settings.cluster, pods: options.pods });
  const goneAtMs = (podUid: string): number | undefined => coverage.goneAtMs(podUid);
  const heads = createHeadTracker({ log, clock, lostAfterMs: settings.lostAfterMs, goneAtMs });
  const gate = createStreamGate(log, clock);
  const loop = (name: string, intervalMs: number, run: () => Promise<void>) =>
    every({ timers, log: logger, name }, intervalMs, run);
  const keys = async (): Promise<void> => followKeys(log, clock, logger);
  const periods = async (): Promise<void> => writePeriods({ log, clock, cluster: settings.cluster });
  // Before anything else of this term: what no leader counted belongs to the hours before.
  await periods();
  await keys();
  const tiles = tileWriterOf(options, log);
  const signCheckpoint = async (): Promise<void> => {
    await log.signCheckpoint();
    tiles?.kick();
  };
  const stops = [
    loop('keys', settings.sweepIntervalMs, keys),
    loop('periods', settings.sweepIntervalMs, periods),
    loop('checkpoint', settings.checkpointIntervalMs, signCheckpoint),
    loop('heads', settings.headsIntervalMs, async () => heads.flush()),
    loop('sweep', settings.sweepIntervalMs, async () => {
      await coverage.sweep();
      await heads.sweep();
    }),
    () => coverage.stop(),
  ];
  const close = async (): Promise<void> => {
    for (const stop of stops) stop();
    await log.close();
    await tiles?.close();
  };
  await orClose(close, async () => {
    await signCheckpoint();
    await coverage.start();
  });
  return {
    log,
    port: createPort({ log, coverage, heads, gate }),
    measures: () => measuresOf(log, heads),
    close,
  };
}

/** A further beginning follows one that failed: two terms of one process would take each other for another leader. */
async function orClose(close: () => Promise<void>, begin: () => Promise<void>): Promise<void> {
  try {
    await begin();
  } catch (error) {
    await close();
    throw error;
  }
}

function measuresOf({ index }: TransparencyLog, heads: HeadTracker): LogMeasures {
  const open = [...index.streams.values()].filter(isOpen);
  return { leaves: index.counts, lag: heads.lag(), openStreams: open.length };
}

interface Parts {
  readonly log: TransparencyLog;
  readonly coverage: Coverage;
  readonly heads: HeadTracker;
  readonly gate: { append(text: string): Promise<Archived> };
}

function createPort({ log, coverage, heads, gate }: Parts): LogPort {
  return {
    append: async (leaves) => appendAll(leaves, async (text) => gate.append(text)),
    stream: async (question) => viewOf(log, question, (podUid) => coverage.goneAtMs(podUid)),
    async heads(reported) {
      heads.take(reported);
      return coverage.deleting();
    },
    admitted: async (pod) => coverage.admitted(pod),
    checkpoint: async () => log.checkpoint()?.note,
    prove: async (index, size) => (await log.prove(index, size))?.map((hash) => Buffer.from(hash).toString('base64')),
    status: async () => ({
      size: log.size(),
      vkey: log.keys.active().vkey,
      checkpointSize: log.checkpoint()?.size ?? 0,
    }),
  };
}

function tileWriterOf(options: SequencerOptions, log: TransparencyLog): TileWriter | undefined {
  const { tiles, store } = options;
  if (tiles === undefined) return undefined;
  const keys = log.keys.trusted;
  return createTileWriter({ store, tiles: tiles.store, metrics: tiles.metrics, log: options.log, keys });
}

/** Admits in order; one refusal refuses the request, and the other leaves stay: a retry finds them. */
async function appendAll(
  leaves: readonly string[],
  append: (text: string) => Promise<Archived>,
): Promise<readonly Archived[]> {
  for (const text of leaves) {
    const leaf = parseLeaf(text);
    if (leaf === undefined) throw new ControllerError('bad_request', 'not a leaf that this version knows');
    if (!acceptedTypes.has(leaf.type)) throw new ControllerError('forbidden', `only the sequencer writes ${leaf.type}`);
  }
  const appended = await Promise.allSettled(leaves.map(async (text) => append(text)));
  const refused = appended.find((one) => one.status === 'rejected');
  if (refused !== undefined) throw refused.reason;
  return appended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

async function viewOf(
  log: TransparencyLog,
  question: StreamQuestion,
  goneAtMs: (podUid: string) => number | undefined,
): Promise<StreamView | undefined> {
  const entry = log.index.streams.get(question.stream);
  if (entry === undefined) return undefined;
  // What is queued but not durable is not yet true for anybody outside.
  await log.archivedAt(entry.opened);
  const podGoneAtMs = goneAtMs(entry.open.podUid);
  const archived = await archivedObject(log, entry, question.object);
  const segments =
    question.segments === undefined ? undefined : await segmentsIn(log.leavesAt, entry, question.segments);
  return {
    open: entry.open,
    lastSeq: entry.lastSeq,
    lastHash: entry.lastHash,
    closed: entry.closed !== undefined,
    ...(podGoneAtMs === undefined ? {} : { podGoneAtMs }),
    ...(archived === undefined ? {} : { archived }),
    ...(segments === undefined ? {} : { segments }),
    ...(question.session === undefined ? {} : { manifests: manifestsOf(entry, question.session) }),
  };
}

async function archivedObject(
  log: TransparencyLog,
  { segments }: StreamEntry,
  object: string | undefined,
): Promise<Archived | undefined> {
  if (object === undefined) return undefined;
  const place = await placeOfObject(log.leavesAt, segments.find(object), object);
  return place === undefined ? undefined : log.archivedAt(place);
}

function manifestsOf(entry: StreamEntry, session: string): readonly ManifestRef[] {
  return entry.manifests.of(session).map(({ rev, sha256 }) => ({ rev, sha256 }));
}
