/** An export: verify, read once more what was verified, write. */
import type { KeyObject } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding, LogPolicy, VerifyReport } from '@tachograph/archive';
import type { ObjectStore } from '@tachograph/store';
import { CliError } from '../cli-error.ts';
import { createArtefacts, type Artefacts, gapsOf, populationsOf } from './artefacts.ts';
import type { MatrixInputs, PlatformAccess } from './access-matrix.ts';
import type { Framework } from './criteria.ts';
import { type ExportFacts, extentOf } from './evidence-header.ts';
import type { EvidencePeriod } from './evidence-period.ts';
import type { FoundSetting } from './lock-state.ts';
import { addPopulations } from './populations.ts';
import { walkArchive, type WalkCounts } from './walk-archive.ts';
import { type EvidenceIndex, writeExport } from './write-export.ts';

export interface EvidenceOptions {
  readonly framework: Framework;
  readonly period: EvidencePeriod;
  readonly namespace?: string | undefined;
  readonly store: ObjectStore;
  /** `tacho verify` of the same archive. `findings`: those that it lists. */
  readonly verify: () => Promise<{ readonly report: VerifyReport; readonly findings: readonly Finding[] }>;
  /** As it was given; every file names it. */
  readonly archive: string;
  readonly policy: LogPolicy;
  readonly matrix: MatrixInputs | undefined;
  readonly platform?: Pick<PlatformAccess, 'cluster' | 'bucket'>;
  readonly lockState: readonly FoundSetting[];
  readonly out: string;
  readonly allowUnverified: boolean;
  /** Signs the index. */
  readonly signKey: KeyObject | undefined;
  readonly madeAt: string;
  readonly version: string;
  readonly progress: (progress: { readonly phase: string; readonly done: number; readonly total: number }) => void;
}

/** `refused`: verification failed, nothing was written. `indexSha256`: of `index.json`. */
export type EvidenceOutcome =
  | { readonly kind: 'refused'; readonly report: VerifyReport }
  | {
      readonly kind: 'written';
      readonly report: VerifyReport;
      readonly index: EvidenceIndex;
      readonly indexSha256: string;
    };

/** Throws `CliError`: `usage` where the directory holds an export, `refused` where the archive changed meanwhile. */
export async function runEvidence(options: EvidenceOptions): Promise<EvidenceOutcome> {
  const drafts = join(options.out, '.drafts');
  await mkdir(options.out, { recursive: true });
  await requireEmpty(options.out);
  const artefacts = createArtefacts(drafts, options);
  try {
    const report = await verify(options, artefacts);
    const isProven = report.verdict === 'verified' || report.verdict === 'incomplete';
    if (!isProven && !options.allowUnverified) return { kind: 'refused', report };
    const walk = await walkVerified(options, artefacts, report);
    const written = await write(options, artefacts, { report, walk });
    return { kind: 'written', report, ...written };
  } finally {
    artefacts.close();
    await rm(drafts, { recursive: true, force: true });
  }
}

/** An export is never mixed with another; said before hours of verification, not after. */
async function requireEmpty(out: string): Promise<void> {
  const names = (await readdir(out)).filter((name) => name !== '.drafts');
  if (names.length > 0) throw new CliError('usage', `${out} is not empty: an export needs a directory of its own`);
}

async function verify(options: EvidenceOptions, { protection }: Artefacts): Promise<VerifyReport> {
  const { report, findings } = await options.verify();
  protection.addReport(report, findings);
  protection.addLockState(options.lockState);
  return report;
}

/** What is exported is what was verified: the same root over the same leaves, and the bytes that they name. */
async function walkVerified(options: EvidenceOptions, artefacts: Artefacts, report: VerifyReport): Promise<WalkCounts> {
  const { size, root } = extentOf(report);
  const { store, period, namespace, policy, progress } = options;
  const walk = await walkArchive({
    store,
    period,
    namespace,
    keys: policy.logs,
    size,
    readers: artefacts.readers,
    onLeaf: (index) => index % 1000 === 0 && progress({ phase: 'export', done: index, total: size }),
  });
  if (report.verdict === 'tampered' || report.verdict === 'missing') return walk;
  if (walk.root !== root || walk.leaves !== size || walk.differs > 0) {
    throw new CliError('refused', 'the archive is no longer what was verified a moment ago: run it again');
  }
  return walk;
}

async function write(
  options: EvidenceOptions,
  artefacts: Artefacts,
  { report, walk }: { readonly report: VerifyReport; readonly walk: WalkCounts },
): Promise<{ readonly index: EvidenceIndex; readonly indexSha256: string }> {
  const platform = { ...options.platform, namespace: options.namespace };
  await artefacts.access.write(artefacts.tables.access, options.matrix, platform);
  const populations = populationsOf(artefacts);
  addPopulations(artefacts.tables.populations, options.framework, populations);
  const { framework, madeAt, version, period, namespace, archive, out } = options;
  const facts: ExportFacts = {
    framework,
    madeAt,
    version,
    period,
    filter: { ...(namespace === undefined ? {} : { namespace }), ...selectionOf(report) },
    archive,
    report,
    walk,
    gaps: gapsOf(artefacts, report, walk),
    totals: Object.fromEntries(populations.map(({ name, total }) => [name, total])),
  };
  return writeExport(out, facts, { artefacts, signKey: options.signKey });
}

/** A pulled directory that is not the whole archive: what was pulled is all that can be shown. */
function selectionOf({ selection }: VerifyReport): Readonly<Record<string, string>> {
  return selection === undefined || selection.kind === 'all' ? {} : { copy: JSON.stringify(selection) };
}
