/** Offline verification (`archive-format.md`, Verification): everything from the bucket's bytes and a policy obtained elsewhere. */
import { decodeUtf8 } from '@tachograph/protocol';
import { toHex } from '../bytes.ts';
import type { Crypto } from '../crypto.ts';
import { keyId } from '../keys.ts';
import type { LogPolicy } from '../log-policy.ts';
import { parsePullList, type PullList, pullListName } from '../pull-list.ts';
import type { ArchiveSource, Gunzip } from './archive-source.ts';
import { type Checkpoints, createCheckpoints, finishCheckpoints } from './checkpoint-walk.ts';
import type { Finding } from './finding.ts';
import { listArchive, namesUnder } from './inventory.ts';
import { type LogWalk, walkLog } from './log-walk.ts';
import { reconcile } from './reconcile.ts';
import { accountedObjects, checkStorage } from './storage-check.ts';
import { checkStreamEnd } from './stream-end.ts';
import type { StreamTail } from './stream-state.ts';
import { verifyStream } from './stream-walk.ts';
import { type Progress, report, type Verification, type VerifyCounts } from './verification.ts';
import { type Anchor, sentenceOf, verdictExitCode, verdictOf, type VerifyReport } from './verify-report.ts';

/** What a verification needs. */
export interface VerifyOptions {
  readonly source: ArchiveSource;
  readonly policy: LogPolicy;
  readonly crypto: Crypto;
  readonly gunzip: Gunzip;
  /** A checkpoint's signed note that the verifier kept from before: the log must extend it. */
  readonly pinnedCheckpoint?: string;
  readonly progress?: (progress: Progress) => void;
  /** Findings as they come; a report counts them only. */
  readonly onFinding: (finding: Finding) => void;
}

/**
 * Verifies an archive. Holds one segment, the next few compressed, and what the log says in memory. Bad content is a finding, never a throw;
 * rejects only when the source cannot be read.
 */
export async function verifyArchive(options: VerifyOptions): Promise<VerifyReport> {
  const run = await startRun(options);
  const checkpoints = createCheckpoints(run, options.policy, options.pinnedCheckpoint);
  if (namesUnder(run.inventory, 'v1/log/batch/').length === 0) {
    report(run, 'log.missing', { object: 'v1/log/batch/' }, 'there is no log');
  }
  const walk = await walkLog(run, options.policy.logs, checkpoints);
  finishCheckpoints(run, walk);
  const tails = await verifyStreams(run, walk);
  for (const tail of tails.values()) checkStreamEnd(run, walk.index, tail);
  reconcile(run, walk.index);
  await checkStorage(run, {
    index: walk.index,
    tails,
    objects: accountedObjects(walk.index),
    keyIds: keyIdsOf(run, walk),
    whole: !walk.severed,
  });
  return toReport(run, walk);
}

async function startRun(options: VerifyOptions): Promise<Verification> {
  const { source, crypto, gunzip, onFinding } = options;
  const progress = options.progress ?? (() => undefined);
  const pull = source.authoritative ? undefined : await readPullList(source);
  const inventory = await listArchive(source, (done) => progress({ phase: 'listing', done, total: 0 }));
  const run: Verification = {
    source,
    crypto,
    gunzip,
    inventory,
    pull: pull === 'malformed' ? undefined : pull,
    counts: noCounts(),
    bySeverity: { tampered: 0, incomplete: 0, missing: 0, note: 0 },
    resumes: new Map(),
    closings: new Map(),
    progress,
    onFinding,
  };
  if (pull === 'malformed')
    report(run, 'object.foreign', { object: pullListName }, 'not a list of pulled objects; ignored');
  return run;
}

async function readPullList(source: ArchiveSource): Promise<PullList | 'malformed' | undefined> {
  const bytes = await source.get(pullListName);
  if (bytes === undefined) return undefined;
  return parsePullList(decodeUtf8(bytes) ?? '') ?? 'malformed';
}

function noCounts(): VerifyCounts {
  return {
    batches: 0,
    leaves: 0,
    checkpoints: 0,
    streams: 0,
    segments: 0,
    records: 0,
    blobs: 0,
    sessions: 0,
    segmentsNotSelected: 0,
  };
}

async function verifyStreams(run: Verification, walk: LogWalk): Promise<Map<string, StreamTail>> {
  const tails = new Map<string, StreamTail>();
  const streams = [...walk.index.streams.values()].toSorted((a, b) => (a.stream < b.stream ? -1 : 1));
  for (const log of streams) {
    const tail = await verifyStream(run, log);
    if (tail !== undefined) tails.set(log.stream, tail);
  }
  return tails;
}

function keyIdsOf(run: Verification, walk: LogWalk): Set<string> {
  const ids = new Set(walk.keys.map((key) => keyId(run.crypto, key.publicKey)));
  for (const stream of walk.index.streams.values()) for (const { leaf } of stream.opens) ids.add(leaf.keyId);
  return ids;
}

function toReport(run: Verification, walk: LogWalk): VerifyReport {
  const verdict = verdictOf(run.bySeverity);
  const anchor = anchorOf(walk.checkpoints);
  const { newest } = walk.checkpoints;
  return {
    verdict,
    exitCode: verdictExitCode[verdict],
    text: sentenceOf(verdict, anchor),
    anchor,
    log: { size: walk.tree.size, root: toHex(walk.tree.root()) },
    ...(newest === undefined
      ? {}
      : { checkpoint: { origin: newest.origin, size: newest.size, root: toHex(newest.root) } }),
    ...(run.pull === undefined ? {} : { selection: run.pull.selection }),
    counts: run.counts,
    findings: run.bySeverity,
  };
}

/** Cosignatures count for more than the verifier's own memory when they reach as far. */
function anchorOf(checkpoints: Checkpoints): Anchor {
  const pinnedSize = checkpoints.pinnedHolds ? (checkpoints.pinned?.size ?? -1) : -1;
  const { witnessedSize } = checkpoints;
  if (witnessedSize < 0 && pinnedSize < 0) return { kind: 'none' };
  return witnessedSize >= pinnedSize
    ? { kind: 'witnessed', size: witnessedSize }
    : { kind: 'pinned', size: pinnedSize };
}
