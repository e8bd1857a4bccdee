/** Offline verification (`archive-format.md`, Verification): everything from the bucket's bytes and a policy obtained elsewhere. */
import { parseSessionManifest } from '@tachograph/protocol';
import { toHex } from '../bytes.ts';
import type { Crypto } from '../crypto.ts';
import type { LogPolicy } from '../log-policy.ts';
import type { PullList } from '../pull-list.ts';
import type { ArchiveSource, Gunzip } from './archive-source.ts';
import { type Checkpoints, finishCheckpoints, waitingCheckpoints } from './checkpoint-walk.ts';
import type { Finding } from './finding.ts';
import { namesUnder, readFirst } from './inventory.ts';
import { type KeptCheckpoint, toKept } from './kept-checkpoint.ts';
import { listArchive } from './list-archive.ts';
import type { StreamLog } from './log-index.ts';
import { type LogWalk, walkLog } from './log-walk.ts';
import { comparePods, type PodAudit } from './pod-audit.ts';
import { readPullList } from './read-pull-list.ts';
import { reconcile } from './reconcile.ts';
import type { PackedSet } from './packed-set.ts';
import { createSelection } from './selection.ts';
import { accountedObjects, checkStorage } from './storage-check.ts';
import { checkStreamEnd } from './stream-end.ts';
import type { StreamTail } from './stream-state.ts';
import {
  addOutcome,
  type StreamResult,
  type StreamRunner,
  type StreamState,
  type StreamTask,
  verifyStreamTask,
} from './stream-task.ts';
import { toReport } from './to-report.ts';
import { newVerification, type Progress, report, type Verification } from './verification.ts';
import type { VerifyReport } from './verify-report.ts';
import { createWitnessTally, type WitnessDemand } from './witness-tally.ts';

/** What a verification needs. */
export interface VerifyOptions {
  readonly source: ArchiveSource;
  readonly policy: LogPolicy;
  readonly crypto: Crypto;
  readonly gunzip: Gunzip;
  /** A checkpoint's signed note, obtained elsewhere: the log must extend it. */
  readonly pinnedCheckpoint?: string;
  /** Further checkpoints that the verifier kept from before: the log must extend each. */
  readonly kept?: readonly KeptCheckpoint[];
  /** What is asked of the policy's witnesses; absent: that a quorum is missing is a stated gap. */
  readonly witnesses?: WitnessDemand;
  /** This machine's clock, Unix milliseconds. */
  readonly nowMs?: number;
  /** Pods by the API server's own account, obtained elsewhere. */
  readonly podAudit?: PodAudit;
  /** Where an interrupted run stood. */
  readonly resume?: ResumePoint;
  /** How streams are verified; absent: here, one after the other. */
  readonly runStreams?: StreamRunner;
  /** The log that was rebuilt, before its streams are verified. */
  readonly onLog?: (log: RebuiltLog) => void;
  readonly progress?: (progress: Progress) => void;
  /** Findings as they come, of each stream the first ten thousand; a report counts them all. */
  readonly onFinding: (finding: Finding) => void;
}

/** A log whose streams are still to be verified. */
export interface RebuiltLog {
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** The point of `resume` holds. */
  readonly resumed: boolean;
  readonly streams: number;
  /** Compressed segments of all streams. */
  readonly segmentBytes: number;
}

/** What an interrupted run left: used only when the log extends the one that it had seen. `root`: hex. */
export interface ResumePoint {
  readonly size: number;
  readonly root: string;
  readonly stateOf: (stream: string) => StreamState | undefined;
}

/**
 * Verifies an archive. Holds one segment, the next few compressed, and what the log says in memory. Bad content is a
 * finding, never a throw; rejects only when the source cannot be read.
 */
export async function verifyArchive(options: VerifyOptions): Promise<VerifyReport> {
  const { run, pull } = await startRun(options);
  if (namesUnder(run.inventory, 'v1/log/batch/').length === 0) reportNoLog(run);
  const walk = await walkLog(run, options.policy.logs, createCheckpoints(run, options));
  finishCheckpoints(run, walk);
  options.onLog?.(rebuiltLog(walk));
  const objects = accountedObjects(run.crypto, walk.index);
  // Where batches are absent, what no leaf names is not judged.
  const closingsOf = walk.severed ? new Set<string>() : await unloggedSessions(run, objects);
  const tails = await verifyStreams({ ...run, closingsOf }, walk, options);
  for (const tail of tails.values()) checkStreamEnd(run, walk.index, tail);
  reconcile(run, walk.index);
  if (options.podAudit !== undefined) comparePods(run, walk.index, options.podAudit);
  await checkStorage(run, {
    index: walk.index,
    tails,
    objects,
    keyIds: keyIdsOf(walk),
    whole: !walk.severed,
    noncurrent: pull?.noncurrent ?? [],
  });
  return toReport(run, walk, { pull, hasAudit: options.podAudit !== undefined });
}

function createCheckpoints(run: Verification, options: VerifyOptions): Checkpoints {
  const { policy, pinnedCheckpoint: note, kept = [], witnesses = { required: false }, resume } = options;
  const pinned: readonly KeptCheckpoint[] = note === undefined ? [] : [{ kind: 'pinned', note }];
  return {
    waiting: waitingCheckpoints(run),
    kept: toKept(run, [...pinned, ...kept]),
    witnesses: createWitnessTally(policy),
    demand: witnesses,
    resume: resume === undefined ? undefined : { size: resume.size, root: resume.root, holds: false },
    newest: undefined,
  };
}

async function startRun(options: VerifyOptions): Promise<{ run: Verification; pull: PullList | undefined }> {
  const { source, nowMs, progress = () => undefined } = options;
  const read = source.authoritative ? undefined : await readPullList(source);
  const pull = read?.kind === 'ok' ? read.list : undefined;
  const inventory = await listArchive(source, (done) => progress({ phase: 'listing', done, total: 0 }));
  const run = newVerification({ ...options, progress }, { inventory, isSelected: createSelection(pull), nowMs });
  if (read !== undefined && read.kind !== 'ok') report(run, read.finding, { object: read.object }, read.reason);
  return { run, pull };
}

/** A directory of something else, an empty one, or a copy without its log. */
function reportNoLog(run: Verification): void {
  const reason =
    run.inventory.size === 0
      ? 'this is no archive: it has no object of the format (v1/…)'
      : `there is no log, though there are ${run.inventory.size} other objects`;
  report(run, 'log.missing', { object: 'v1/log/batch/' }, reason);
}

function rebuiltLog({ tree, checkpoints, index: { streams } }: LogWalk): RebuiltLog {
  let segmentBytes = 0;
  for (const { segments } of streams.values()) for (const { leaf } of segments) segmentBytes += leaf.size;
  return {
    size: tree.size,
    root: toHex(tree.root()),
    resumed: checkpoints.resume?.holds ?? false,
    streams: streams.size,
    segmentBytes,
  };
}

async function verifyStreams(
  run: Verification,
  walk: LogWalk,
  options: VerifyOptions,
): Promise<Map<string, StreamTail>> {
  const logs = [...walk.index.streams.values()].toSorted((a, b) => (a.stream < b.stream ? -1 : 1));
  const stateOf = walk.checkpoints.resume?.holds === true ? options.resume?.stateOf : undefined;
  const runAll: StreamRunner = options.runStreams ?? ((tasks, onSegment) => runHere(run, tasks, onSegment));
  const tails = new Map<string, StreamTail>();
  for await (const result of runAll(tasksOf(run, logs, stateOf), createSegmentProgress(run, walk, stateOf))) {
    addOutcome(run, result.outcome);
    const tail = tailOf(walk, result);
    if (tail !== undefined) tails.set(result.stream, tail);
  }
  return tails;
}

/** Of manifests that no leaf names: each is held against what its session was found to close with. */
async function unloggedSessions(run: Verification, objects: PackedSet): Promise<ReadonlySet<string>> {
  const sessions = new Set<string>();
  for (const name of run.inventory.keys()) {
    if (!name.startsWith('v1/sessions/') || objects.has(name)) continue;
    const bytes = await readFirst(run.source, run.inventory, name);
    const manifest = bytes === undefined ? undefined : parseSessionManifest(bytes);
    if (manifest !== undefined) sessions.add(manifest.session);
  }
  return sessions;
}

function tailOf(walk: LogWalk, { stream, end }: StreamResult): StreamTail | undefined {
  const log = walk.index.streams.get(stream);
  const podUid = log?.opens[0]?.leaf.podUid;
  return end === undefined || log === undefined || podUid === undefined ? undefined : { log, podUid, ...end };
}

function* tasksOf(
  run: Verification,
  logs: readonly StreamLog[],
  stateOf: ResumePoint['stateOf'] | undefined,
): Generator<StreamTask> {
  for (const log of logs) {
    const from = stateOf?.(log.stream);
    yield { log, objects: run, ...(from === undefined ? {} : { from }) };
  }
}

async function* runHere(
  { source, crypto, gunzip }: Verification,
  tasks: Iterable<StreamTask>,
  onSegment: (recordBytes: number) => void,
): ReturnType<StreamRunner> {
  for (const task of tasks) yield await verifyStreamTask({ source, crypto, gunzip, onSegment }, task);
}

/** Segments that an earlier run checked count as done. */
function createSegmentProgress(
  run: Verification,
  walk: LogWalk,
  stateOf: ResumePoint['stateOf'] | undefined,
): (recordBytes: number) => void {
  const logs = [...walk.index.streams.values()];
  const total = logs.reduce((sum, { segments }) => sum + segments.length, 0);
  const done = logs.reduce((sum, { stream }) => sum + (stateOf?.(stream)?.walk.segments ?? 0), 0);
  const seen = { done, recordBytes: 0 };
  return (recordBytes) => {
    seen.done += 1;
    seen.recordBytes += recordBytes;
    run.progress({ phase: 'segments', total, ...seen });
  };
}

function keyIdsOf({ keys, index }: LogWalk): Set<string> {
  const ids = new Set(keys.known);
  for (const stream of index.streams.values()) for (const { leaf } of stream.opens) ids.add(leaf.keyId);
  return ids;
}
