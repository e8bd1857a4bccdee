import type { Crypto } from '../crypto.ts';
import type { ArchiveSource, Gunzip } from './archive-source.ts';
import { type Finding, type FindingKind, findingSeverity, type Place, type Severity } from './finding.ts';
import type { Inventory } from './inventory.ts';
import type { SessionTotals } from './session-totals.ts';

/** How far a phase is. `total` is 0 while unknown. */
export interface Progress {
  readonly phase: 'listing' | 'log' | 'segments' | 'storage';
  readonly done: number;
  readonly total: number;
  /** Of segments: bytes of records so far. */
  readonly recordBytes?: number;
}

/** What was looked at. */
export interface VerifyCounts {
  batches: number;
  leaves: number;
  checkpoints: number;
  streams: number;
  segments: number;
  records: number;
  /** Uncompressed lines that were read. */
  recordBytes: number;
  blobs: number;
  sessions: number;
  /** Segments of the log that the pulled selection leaves out. */
  segmentsNotSelected: number;
  /** Legal holds that were placed, purges, exports and privileged actions in the log. */
  holds: number;
  purges: number;
  exports: number;
  actions: number;
}

/** Nothing yet. */
export function noCounts(): VerifyCounts {
  return {
    batches: 0,
    leaves: 0,
    checkpoints: 0,
    streams: 0,
    segments: 0,
    records: 0,
    recordBytes: 0,
    blobs: 0,
    sessions: 0,
    segmentsNotSelected: 0,
    holds: 0,
    purges: 0,
    exports: 0,
    actions: 0,
  };
}

export const severities = ['tampered', 'incomplete', 'missing', 'note'] as const satisfies readonly Severity[];

export function noFindings(): Record<Severity, number> {
  return { tampered: 0, incomplete: 0, missing: 0, note: 0 };
}

/** Adds what another part of the work looked at. */
export function addCounts(to: VerifyCounts, from: Readonly<VerifyCounts>): void {
  for (const [name, value] of countsOf(from)) to[name] += value;
}

function countsOf(counts: Readonly<VerifyCounts>): [keyof VerifyCounts, number][] {
  const names = Object.keys(noCounts()).filter((name): name is keyof VerifyCounts => name in counts);
  return names.map((name) => [name, counts[name]]);
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
  /** Whether this copy claims to hold an object. A bucket and a whole pull claim everything that the log names. */
  readonly isSelected: (object: string) => boolean;
  /** Objects that a `purge` leaf names, with its place. */
  readonly purged: Map<string, Place>;
  /** This machine's clock, Unix milliseconds, where the caller gave it. */
  readonly nowMs: number | undefined;
  readonly counts: VerifyCounts;
  readonly bySeverity: Record<Severity, number>;
  /** By the earlier stream. */
  readonly resumes: Map<string, Resume>;
  /** Sessions of manifests that no leaf names. */
  readonly closingsOf: ReadonlySet<string>;
  /** Recomputed closings of those: what such a manifest is held against. */
  readonly closings: Map<string, readonly SessionTotals[]>;
  readonly progress: (progress: Progress) => void;
  readonly onFinding: (finding: Finding) => void;
}

type Ports = Pick<Verification, 'source' | 'crypto' | 'gunzip' | 'progress' | 'onFinding'>;

/** A verification that has judged nothing yet. */
export function newVerification(
  { source, crypto, gunzip, progress, onFinding }: Ports,
  scope: Pick<Verification, 'inventory' | 'isSelected' | 'nowMs'>,
): Verification {
  return {
    source,
    crypto,
    gunzip,
    progress,
    onFinding,
    ...scope,
    purged: new Map(),
    counts: noCounts(),
    bySeverity: noFindings(),
    resumes: new Map(),
    closingsOf: new Set(),
    closings: new Map(),
  };
}

/** Tells the caller of a finding and counts it. */
export function report(run: Verification, kind: FindingKind, place: Place, reason: string): void {
  const severity = findingSeverity[kind];
  run.bySeverity[severity] += 1;
  run.onFinding({ kind, severity, ...place, reason });
}

/** An object that ought to be there and is not: from the bucket it is gone, in a copy it may never have been. */
export function reportAbsent(run: Verification, place: Place, reason: string): void {
  const purge = run.purged.get(place.object);
  if (purge !== undefined) {
    const stated = purge.line === undefined ? purge.object : `${purge.object} line ${purge.line}`;
    return report(run, 'object.purged', place, `purged by policy, as ${stated} states: ${reason}`);
  }
  report(run, run.source.authoritative ? 'object.gone' : 'object.missing', place, reason);
}
