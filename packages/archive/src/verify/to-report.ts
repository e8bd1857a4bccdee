import { toHex } from '../bytes.ts';
import type { PullList } from '../pull-list.ts';
import type { Checkpoints } from './checkpoint-walk.ts';
import type { LogWalk } from './log-walk.ts';
import type { Verification } from './verification.ts';
import { type Anchor, sentenceOf, verdictExitCode, verdictOf, type VerifyReport } from './verify-report.ts';
import { witnessReports } from './witness-tally.ts';

/** The result of a run. */
export function toReport(
  run: Verification,
  walk: LogWalk,
  { pull, hasAudit }: { readonly pull: PullList | undefined; readonly hasAudit: boolean },
): VerifyReport {
  const verdict = verdictOf(run.bySeverity);
  const anchor = anchorOf(walk.checkpoints);
  const { newest, witnesses } = walk.checkpoints;
  const { oldestTime, newestTime } = walk.index;
  return {
    verdict,
    exitCode: verdictExitCode[verdict],
    text: sentenceOf(verdict, anchor),
    anchor,
    log: { size: walk.tree.size, root: toHex(walk.tree.root()) },
    ...(newest === undefined ? {} : { checkpoint: { ...newest, root: toHex(newest.root) } }),
    witnesses: witnessReports(witnesses),
    ...(newestTime === '' ? {} : { period: { from: oldestTime, to: newestTime } }),
    ...(pull === undefined ? {} : { selection: pull.selection }),
    coverage: hasAudit ? 'compared with the audit log' : 'stated by the operator',
    counts: run.counts,
    findings: run.bySeverity,
  };
}

/** Cosignatures count for more than the verifier's own memory when they reach as far. */
function anchorOf({ kept, witnesses: { witnessedSize } }: Checkpoints): Anchor {
  const [longest] = kept.filter(({ holds }) => holds).toSorted((a, b) => b.size - a.size);
  if (witnessedSize >= 0 && witnessedSize >= (longest?.size ?? -1)) return { kind: 'witnessed', size: witnessedSize };
  if (longest === undefined) return { kind: 'none' };
  const { kind, size, seenAt } = longest;
  return kind === 'pinned' ? { kind, size } : { kind, size, ...(seenAt === undefined ? {} : { seenAt }) };
}
