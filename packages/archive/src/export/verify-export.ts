/** Offline verification of one session's export (`archive-format.md`, Exports): the steps of the whole, as far as it goes. */
import { decodeUtf8 } from '@tachograph/protocol';
import { toHex } from '../bytes.ts';
import { type Checkpoint, verifyCheckpoint } from '../checkpoint.ts';
import type { Crypto } from '../crypto.ts';
import { isNewerVersion, newerVersionReason, versionOf } from '../format-version.ts';
import type { LogPolicy } from '../log-policy.ts';
import { parseNote } from '../note.ts';
import type { ArchiveSource, Gunzip } from '../verify/archive-source.ts';
import type { Finding } from '../verify/finding.ts';
import { createLogKeys, type LogKeys } from '../verify/log-keys.ts';
import { listArchive } from '../verify/list-archive.ts';
import { newVerification, type Progress, report, type Verification } from '../verify/verification.ts';
import { type Anchor, sentenceOf, verdictExitCode, verdictOf, type VerifyReport } from '../verify/verify-report.ts';
import {
  createWitnessTally,
  tally,
  type WitnessDemand,
  witnessReports,
  type WitnessTally,
} from '../verify/witness-tally.ts';
import { exportNames, type ExportManifest, parseExportManifest } from './export-manifest.ts';
import { readProvenLeaves, takeProvenKeys } from './proven-leaves.ts';
import { verifyExportedSession } from './exported-session.ts';

/** What the verification of an export needs. */
export interface VerifyExportOptions {
  /** The export's files; never `authoritative`. `list('')` gives all of them. */
  readonly source: ArchiveSource;
  readonly policy: LogPolicy;
  readonly crypto: Crypto;
  readonly gunzip: Gunzip;
  readonly witnesses?: WitnessDemand;
  readonly nowMs?: number;
  readonly progress?: (progress: Progress) => void;
  readonly onFinding: (finding: Finding) => void;
}

/**
 * Verifies an export: the checkpoint by the policy, every leaf by its proof, the segments, blobs and manifests by the
 * leaves. Bad content is a finding, never a throw. What it cannot show, because it lacks the log: that no later
 * manifest of the session exists, and how its stream went on.
 */
export async function verifyExport(options: VerifyExportOptions): Promise<VerifyReport> {
  const run = await startRun(options);
  const manifest = await readManifest(run);
  const keys = createLogKeys(run.crypto, options.policy.logs);
  const witnesses = createWitnessTally(options.policy);
  if (manifest === undefined) return toReport(run, { witnesses, checkpoint: undefined, session: undefined });
  const note = await readText(run, exportNames.checkpoint);
  if (note === undefined)
    report(run, 'proof.missing', { object: exportNames.checkpoint }, 'the export has no checkpoint');
  const leaves = note === undefined ? [] : await readProvenLeaves(run, manifest, note);
  takeProvenKeys(run, keys, leaves);
  const checkpoint = note === undefined ? undefined : checkCheckpoint(run, keys, note, witnesses);
  if (checkpoint !== undefined) {
    demandWitnesses(run, witnesses, options.witnesses);
    await verifyExportedSession(run, manifest.session, leaves);
  }
  return toReport(run, { witnesses, checkpoint, session: manifest.session });
}

async function startRun(options: VerifyExportOptions): Promise<Verification> {
  const { source, nowMs, progress = () => undefined } = options;
  const inventory = await listArchive(source, () => undefined);
  return newVerification({ ...options, progress }, { inventory, isSelected: () => true, nowMs });
}

async function readText(run: Verification, name: string): Promise<string | undefined> {
  const bytes = await run.source.get(name);
  return bytes === undefined ? undefined : decodeUtf8(bytes);
}

async function readManifest(run: Verification): Promise<ExportManifest | undefined> {
  const place = { object: exportNames.manifest };
  const text = await readText(run, exportNames.manifest);
  const manifest = parseExportManifest(text ?? '');
  if (manifest !== undefined) return manifest;
  const version = versionOf(text ?? '');
  if (isNewerVersion(version)) report(run, 'format.newer', place, newerVersionReason(version));
  else report(run, 'export.malformed', place, 'not an export: there is no table of contents');
  return undefined;
}

type Signed = Checkpoint & { readonly note: string };

function checkCheckpoint(run: Verification, keys: LogKeys, note: string, witnesses: WitnessTally): Signed | undefined {
  const place = { object: exportNames.checkpoint };
  const checkpoint = verifyCheckpoint(run.crypto, note, keys.trusted);
  if (checkpoint === undefined || !keys.trusted.some(({ name }) => name === checkpoint.origin)) {
    report(run, 'checkpoint.invalid', place, 'not a checkpoint signed by the log');
    return undefined;
  }
  run.counts.checkpoints += 1;
  const parsed = parseNote(note);
  if (parsed !== undefined) tally(run, witnesses, parsed, { size: checkpoint.size, place });
  return { ...checkpoint, note };
}

function demandWitnesses(
  run: Verification,
  { policy, witnessedSize, witnessedAtS }: WitnessTally,
  demand?: WitnessDemand,
): void {
  if (policy.quorum === 'none') return;
  const kind = demand?.required === true ? 'witness.missing' : 'checkpoint.unwitnessed';
  const place = { object: exportNames.checkpoint };
  if (witnessedSize < 0) return report(run, kind, place, `the checkpoint lacks the quorum ${policy.quorum}`);
  const ageS = run.nowMs === undefined ? 0 : run.nowMs / 1000 - witnessedAtS;
  if (demand?.maxAgeS !== undefined && ageS > demand.maxAgeS) {
    report(run, 'witness.missing', place, 'the quorum is older than asked for');
  }
}

interface Outcome {
  readonly witnesses: WitnessTally;
  readonly checkpoint: Signed | undefined;
  readonly session: string | undefined;
}

function toReport(run: Verification, { witnesses, checkpoint, session }: Outcome): VerifyReport {
  const verdict = verdictOf(run.bySeverity);
  const { witnessedSize } = witnesses;
  const anchor: Anchor = witnessedSize < 0 ? { kind: 'none' } : { kind: 'witnessed', size: witnessedSize };
  const root = checkpoint === undefined ? '' : toHex(checkpoint.root);
  return {
    verdict,
    exitCode: verdictExitCode[verdict],
    text: sentenceOf(verdict, anchor),
    anchor,
    log: { size: checkpoint?.size ?? 0, root },
    ...(checkpoint === undefined ? {} : { checkpoint: { ...checkpoint, root } }),
    witnesses: witnessReports(witnesses),
    coverage: 'stated by the operator',
    ...(session === undefined ? {} : { selection: { kind: 'session', session } }),
    counts: run.counts,
    findings: run.bySeverity,
  };
}
