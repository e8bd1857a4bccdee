/** The artefacts of one export while they grow. */
import type { VerifyReport } from '@tachograph/archive';
import { accessMatrix, createAccessMatrix, type AccessMatrix } from './access-matrix.ts';
import { approvalRecords, createApprovalRecords, type ApprovalRecords } from './approval-records.ts';
import { createCallFiles, type CallFiles } from './call-files.ts';
import { createCallLog, isDenied } from './call-log.ts';
import { coverage, createCoverage, type Coverage } from './coverage.ts';
import { createDataProtection, dataProtection, type DataProtection } from './data-protection.ts';
import { extentOf, type Gap } from './evidence-header.ts';
import type { EvidencePeriod } from './evidence-period.ts';
import { createTableDraft, type TableDraft } from './evidence-table.ts';
import { populations, type Population } from './populations.ts';
import { createPrivilegedActions, privilegedActions, type PrivilegedActions } from './privileged-actions.ts';
import type { EvidenceReader, WalkCounts } from './walk-archive.ts';

export interface Artefacts {
  readonly tables: Readonly<
    Record<'access' | 'privileged' | 'protection' | 'approvals' | 'coverage' | 'populations', TableDraft>
  >;
  readonly access: AccessMatrix;
  readonly privileged: PrivilegedActions;
  readonly protection: DataProtection;
  readonly approvals: ApprovalRecords;
  readonly coverage: Coverage;
  readonly calls: CallFiles;
  readonly deniedCalls: () => number;
  /** Findings that are no notes, by kind. */
  readonly findingKinds: ReadonlyMap<string, number>;
  readonly readers: readonly EvidenceReader[];
  close(): void;
}

export function createArtefacts(
  dir: string,
  { period, version }: { readonly period: EvidencePeriod; readonly version: string },
): Artefacts {
  const tables = {
    access: createTableDraft(dir, accessMatrix),
    privileged: createTableDraft(dir, privilegedActions),
    protection: createTableDraft(dir, dataProtection),
    approvals: createTableDraft(dir, approvalRecords),
    coverage: createTableDraft(dir, coverage),
    populations: createTableDraft(dir, populations),
  };
  const calls = createCallFiles(dir, version);
  const access = createAccessMatrix();
  const findingKinds = new Map<string, number>();
  const protection = countFindings(createDataProtection(tables.protection), findingKinds);
  const privileged = createPrivilegedActions(tables.privileged);
  const approvals = createApprovalRecords(tables.approvals);
  const covered = createCoverage(tables.coverage, period);
  let denied = 0;
  const log: EvidenceReader = createCallLog({
    onCall(call) {
      if (isDenied(call)) denied += 1;
      calls.add(call);
      access.takeCall(call);
    },
  });
  return {
    tables,
    access,
    privileged,
    protection,
    approvals,
    coverage: covered,
    calls,
    deniedCalls: () => denied,
    findingKinds,
    readers: [privileged, protection, approvals, covered, log],
    close() {
      for (const table of Object.values(tables)) table.close();
      calls.close();
    },
  };
}

function countFindings(protection: DataProtection, kinds: Map<string, number>): DataProtection {
  return {
    ...protection,
    addReport(report, findings) {
      for (const { severity, kind } of findings) if (severity !== 'note') kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      const listed = [...kinds.values()].reduce((sum, count) => sum + count, 0);
      const { tampered, missing, incomplete } = report.findings;
      const more = tampered + missing + incomplete - listed;
      if (more > 0) kinds.set('findings that are not listed', more);
      protection.addReport(report, findings);
    },
  };
}

/** What is known not to be there: findings of the whole archive, and what this export could not read. */
export function gapsOf(
  { findingKinds, coverage: covered }: Artefacts,
  report: VerifyReport,
  walk: WalkCounts,
): readonly Gap[] {
  const { withoutStream, gaps } = covered.totals;
  const counted: readonly (readonly [string, number])[] = [
    ...[...findingKinds].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ['leaves not yet under a checkpoint, left out', report.log.size - extentOf(report).size],
    ['segments of the period that are not here: purged, or not in this copy', walk.absent],
    ['segments whose bytes are not those of the log', walk.differs],
    ['leaves of types that this version does not know', walk.unknownLeaves],
    ['labelled pods of the period without any stream', withoutStream],
    ['pods of the period that ran without a recorder', gaps],
  ];
  return counted.flatMap(([kind, count]) => (count > 0 ? [{ kind, count }] : []));
}

/** What auditors sample from. */
export function populationsOf(artefacts: Artefacts): readonly Population[] {
  return [...accessPopulations(artefacts), ...privilegedPopulations(artefacts), ...protectionPopulations(artefacts)];
}

function accessPopulations({ access, approvals, calls, deniedCalls, tables }: Artefacts): readonly Population[] {
  const decided = [...approvals.counts].reduce((sum, [state, count]) => (state === 'open' ? sum : sum + count), 0);
  const matrix = ofArtefact('access-matrix');
  const held = ofArtefact('approvals');
  const log = ofArtefact('calls');
  return [
    matrix('rights stated by policies', access.totals.rights, 'rows', 'rows whose basis is policy'),
    matrix(
      'rights used',
      access.totals.uses,
      'principal × server × tool',
      'distinct ones among rows with calls over 0',
    ),
    matrix('rights of the cluster', access.totals.cluster, 'rows', 'rows whose basis is rbac'),
    matrix('roles on the bucket', access.totals.bucket, 'rows', 'rows whose basis is iam'),
    log('calls', calls.count, 'calls', 'lines of calls.ocsf.jsonl after the first'),
    log('calls refused', deniedCalls(), 'calls', 'lines whose severity_id is 3'),
    held('approvals decided', decided, 'approvals', 'rows whose state is not open'),
    held('approvals open', tables.approvals.count - decided, 'approvals', 'rows whose state is open'),
  ];
}

function privilegedPopulations({ privileged, tables }: Artefacts): readonly Population[] {
  const of = ofArtefact('privileged-actions');
  const actions = [...privileged.counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [
    of('privileged actions', tables.privileged.count, 'actions', 'all rows'),
    ...actions.map(([action, count]) => of(`action ${action}`, count, 'actions', `rows whose action is ${action}`)),
  ];
}

function protectionPopulations({ protection, coverage: covered }: Artefacts): readonly Population[] {
  const of = ofArtefact('data-protection');
  const pods = ofArtefact('coverage');
  const { maskHits, maskedMessages, notInspected, purges, erasures, findings } = protection.totals;
  return [
    of('masking hits', maskHits, 'hits', sumOf('masking')),
    of('messages masked', maskedMessages, 'messages', 'records with mask.hits over 0'),
    of('parts not inspected', notInspected, 'parts', sumOf('not inspected')),
    of('objects purged', purges, 'objects', sumOf('purge')),
    of('keys destroyed', erasures, 'keys', sumOf('erasure')),
    of('verification findings', findings, 'findings', 'rows whose section is finding'),
    pods('labelled pods', covered.totals.pods, 'pods', 'distinct pod_uid, gaps apart'),
    pods('recorded intervals', covered.totals.streams, 'intervals', 'rows whose kind is recorded'),
    pods('pods without a stream', covered.totals.withoutStream, 'pods', 'rows whose kind is no stream'),
    pods('pods without a recorder', covered.totals.gaps, 'pods', 'rows whose kind is ran without a recorder'),
  ];
}

function sumOf(section: string): string {
  return `sum of count where section is ${section}`;
}

/** Makes populations of one artefact: name, total, unit, how to count again. */
function ofArtefact(artefact: string): (...population: readonly [string, number, string, string]) => Population {
  return (name, total, unit, how) => ({ name, artefact, total, unit, how });
}
