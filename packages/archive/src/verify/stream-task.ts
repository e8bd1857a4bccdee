/** One stream's share of a verification; what comes of it is plain data, so that it can be kept in a file. */
import type { Crypto } from '../crypto.ts';
import type { ArchiveSource, Gunzip } from './archive-source.ts';
import type { Finding, Severity } from './finding.ts';
import type { StreamLog } from './log-index.ts';
import type { SessionTotals } from './session-totals.ts';
import { isStateOf, walkStream, type WalkedStream, type WalkState } from './stream-walk.ts';
import {
  addCounts,
  noCounts,
  noFindings,
  type Resume,
  severities,
  type Verification,
  type VerifyCounts,
} from './verification.ts';

/** What is to be verified of one stream. */
export interface StreamTask {
  readonly log: StreamLog;
  /**
   * At least the objects that the stream's leaves name: what was listed, claimed and purged of them; and the sessions
   * whose closings are asked for.
   */
  readonly objects: Pick<Verification, 'inventory' | 'isSelected' | 'purged' | 'closingsOf'>;
  /** Where an earlier run stood: used if it is of the same segments. */
  readonly from?: StreamState;
}

/** What was found so far. */
export interface StreamOutcome {
  readonly counts: Readonly<VerifyCounts>;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  /** The first ones; `bySeverity` counts all. */
  readonly findings: readonly Finding[];
  readonly resumes: readonly (readonly [string, Resume])[];
  /** At the stream's end, of the sessions that the task asks for. */
  readonly closings: readonly (readonly [string, readonly SessionTotals[]])[];
}

/** Where a run stands within a stream, and what it had found by then. */
export interface StreamState {
  readonly stream: string;
  readonly walk: WalkState;
  readonly outcome: StreamOutcome;
}

/** A stream that was verified. `end` is absent when no key of it can be believed. */
export interface StreamResult {
  readonly stream: string;
  readonly end: WalkedStream | undefined;
  readonly outcome: StreamOutcome;
}

/** What verifying a stream needs. */
export interface StreamPorts {
  readonly source: ArchiveSource;
  readonly crypto: Crypto;
  readonly gunzip: Gunzip;
  /** After every segment, with the bytes of records that it held. */
  readonly onSegment?: (recordBytes: number) => void;
  /** After every segment: keep the state or not. A throw from here ends the run. */
  readonly onState?: (state: () => StreamState, whole: boolean) => void;
}

/** Verifies the tasks and gives results in their order; `onSegment` as in `StreamPorts`. */
export type StreamRunner = (
  tasks: Iterable<StreamTask>,
  onSegment: (recordBytes: number) => void,
) => AsyncIterable<StreamResult>;

/** More findings of one stream than anybody reads. */
const keptFindings = 10_000;

/** Verifies one stream. */
export async function verifyStreamTask(ports: StreamPorts, task: StreamTask): Promise<StreamResult> {
  const { log } = task;
  const from = task.from !== undefined && isStateOf(ports.crypto, log, task.from.walk) ? task.from : undefined;
  const found = collect(from?.outcome);
  const run = toRun(ports, task, found);
  const segment = { bytes: found.counts.recordBytes };
  const end = await walkStream(run, log, {
    from: from?.walk,
    between: (state, whole) => {
      ports.onSegment?.(found.counts.recordBytes - segment.bytes);
      segment.bytes = found.counts.recordBytes;
      ports.onState?.(() => ({ stream: log.stream, walk: state(), outcome: outcomeOf(found) }), whole);
    },
  });
  return { stream: log.stream, end, outcome: outcomeOf(found) };
}

interface Found {
  readonly counts: VerifyCounts;
  readonly bySeverity: Record<Severity, number>;
  readonly findings: Finding[];
  readonly resumes: Map<string, Resume>;
  readonly closings: Map<string, readonly SessionTotals[]>;
}

function collect(from: StreamOutcome | undefined): Found {
  return {
    counts: { ...(from?.counts ?? noCounts()) },
    bySeverity: { ...(from?.bySeverity ?? noFindings()) },
    findings: [...(from?.findings ?? [])],
    resumes: new Map(from?.resumes),
    closings: new Map(),
  };
}

/** A copy: the state of a run goes on changing. */
function outcomeOf({ counts, bySeverity, findings, resumes, closings }: Found): StreamOutcome {
  return {
    counts: { ...counts },
    bySeverity: { ...bySeverity },
    findings: [...findings],
    resumes: [...resumes],
    closings: [...closings],
  };
}

function toRun({ source, crypto, gunzip }: StreamPorts, { objects }: StreamTask, found: Found): Verification {
  return {
    source,
    crypto,
    gunzip,
    ...objects,
    nowMs: undefined,
    counts: found.counts,
    bySeverity: found.bySeverity,
    resumes: found.resumes,
    closings: found.closings,
    progress: () => undefined,
    onFinding: (finding) => {
      if (found.findings.length < keptFindings) found.findings.push(finding);
    },
  };
}

/** Takes a stream's outcome into the whole. */
export function addOutcome(run: Verification, outcome: StreamOutcome): void {
  addCounts(run.counts, outcome.counts);
  for (const severity of severities) run.bySeverity[severity] += outcome.bySeverity[severity];
  for (const [stream, resume] of outcome.resumes) run.resumes.set(stream, resume);
  for (const [session, totals] of outcome.closings) run.closings.set(session, totals);
  for (const finding of outcome.findings) run.onFinding(finding);
}
