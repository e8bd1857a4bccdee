import type { Crypto } from '../crypto.ts';
import type { PullList } from '../pull-list.ts';
import type { ArchiveSource, Gunzip } from './archive-source.ts';
import { type Finding, type FindingKind, findingSeverity, type Place, type Severity } from './finding.ts';
import type { Inventory } from './inventory.ts';
import type { SessionTotals } from './session-totals.ts';

/** How far a phase is. `total` is 0 while unknown. */
export interface Progress {
  readonly phase: 'listing' | 'log' | 'segments' | 'storage';
  readonly done: number;
  readonly total: number;
}

/** What was looked at. */
export interface VerifyCounts {
  batches: number;
  leaves: number;
  checkpoints: number;
  streams: number;
  segments: number;
  records: number;
  blobs: number;
  sessions: number;
  /** Segments of the log that the pulled selection leaves out. */
  segmentsNotSelected: number;
}

/** How a later start of the same recorder found an earlier stream (`stream.resume`). */
export interface Resume {
  readonly podUid: string;
  readonly seq: number;
  readonly hash: string;
  readonly place: Place;
}

/** What every step of one verification shares. */
export interface Verification {
  readonly source: ArchiveSource;
  readonly crypto: Crypto;
  readonly gunzip: Gunzip;
  readonly inventory: Inventory;
  readonly pull: PullList | undefined;
  readonly counts: VerifyCounts;
  readonly bySeverity: Record<Severity, number>;
  /** By the earlier stream. */
  readonly resumes: Map<string, Resume>;
  /** Recomputed closings of every session: what an unlogged manifest is held against. */
  readonly closings: Map<string, SessionTotals[]>;
  readonly progress: (progress: Progress) => void;
  readonly onFinding: (finding: Finding) => void;
}

/** Tells the caller of a finding and counts it. */
export function report(run: Verification, kind: FindingKind, place: Place, reason: string): void {
  const severity = findingSeverity[kind];
  run.bySeverity[severity] += 1;
  run.onFinding({ kind, severity, ...place, reason });
}

/** An object that ought to be there and is not: from the bucket it is gone, in a copy it may never have been. */
export function reportAbsent(run: Verification, place: Place, reason: string): void {
  report(run, run.source.authoritative ? 'object.gone' : 'object.missing', place, reason);
}
