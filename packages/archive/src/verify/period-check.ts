/** Completeness in time: every hour has its manifest, and each is what the leaves before it amount to. */
import { logOrigin, type PeriodManifestLeaf } from '@tachograph/protocol';
import { differsFrom, hourMs } from '../period.ts';
import type { Place } from './finding.ts';
import type { LogWalk } from './log-walk.ts';
import { report, type Verification } from './verification.ts';

/** A sequencer that leads writes a manifest within seconds. */
const graceMs = 600_000;

/** To be called before the leaf is appended to the tree. */
export function checkPeriod(run: Verification, walk: LogWalk, leaf: PeriodManifestLeaf, place: Place): void {
  const { size } = walk.tree;
  const expected = walk.periods.manifest({ cluster: leaf.cluster, size, root: walk.tree.root(), at: leaf.at });
  const skipped = expected !== undefined && isLaterHour(leaf, expected);
  if (skipped) {
    report(run, 'period.gap', place, `no period manifest for the time from ${expected.from} to ${leaf.from}`);
  }
  const ours = walk.keys.trusted.some(({ name }) => name === logOrigin(leaf.cluster));
  const field = ours ? differsFrom(leaf, skipped ? movedTo(expected, leaf) : expected) : 'cluster';
  if (field === undefined) return;
  report(run, 'period.mismatch', place, `its ${field} is not what the leaves before it amount to`);
}

/** A whole hour after the one that is due: hours between were left out. */
function isLaterHour(leaf: PeriodManifestLeaf, expected: PeriodManifestLeaf): boolean {
  const behindMs = Date.parse(leaf.from) - Date.parse(expected.from);
  return behindMs > 0 && behindMs % hourMs === 0;
}

/** The same counts for another hour: whatever lies between was counted with it. */
function movedTo(expected: PeriodManifestLeaf, { from, at }: PeriodManifestLeaf): PeriodManifestLeaf {
  const fromMs = Date.parse(from);
  const { backfill: _, ...counts } = expected;
  return {
    ...counts,
    from: new Date(fromMs).toISOString(),
    to: new Date(fromMs + hourMs).toISOString(),
    ...(Date.parse(at) >= fromMs + 2 * hourMs ? { backfill: true as const } : {}),
  };
}

/** Hours that the log outlived without a manifest. */
export function finishPeriods(run: Verification, walk: LogWalk): void {
  const due = walk.periods.due();
  const newestMs = Date.parse(walk.index.newestTime);
  if (walk.severed || due === undefined || !(newestMs - due.toMs > graceMs)) return;
  const [from, until] = [due.fromMs, newestMs].map((ms) => new Date(ms).toISOString());
  const reason = `no period manifest from ${from} on, although the log goes on until ${until}`;
  report(run, 'period.gap', { object: 'v1/log/batch/' }, reason);
}
