/** Completeness in time: every hour has its manifest, and each is what the leaves before it amount to. */
import type { PeriodManifestLeaf } from '@tachograph/protocol';
import { differsFrom } from '../period.ts';
import type { Place } from './finding.ts';
import type { LogWalk } from './log-walk.ts';
import { report, type Verification } from './verification.ts';

/** A sequencer that leads writes a manifest within seconds. */
const graceMs = 600_000;

/** To be called before the leaf is appended to the tree. */
export function checkPeriod(run: Verification, walk: LogWalk, leaf: PeriodManifestLeaf, place: Place): void {
  const { size } = walk.tree;
  const expected = walk.periods.manifest({ cluster: leaf.cluster, size, root: walk.tree.root(), at: leaf.at });
  const field = differsFrom(leaf, expected);
  if (field === undefined) return;
  report(run, 'period.manifest', place, `its ${field} is not what the leaves before it amount to`);
}

/** Hours that the log outlived without a manifest. */
export function finishPeriods(run: Verification, walk: LogWalk): void {
  const due = walk.periods.due();
  const newestMs = Date.parse(walk.index.newestTime);
  if (walk.severed || due === undefined || !(newestMs - due.toMs > graceMs)) return;
  const [from, until] = [due.fromMs, newestMs].map((ms) => new Date(ms).toISOString());
  const reason = `no period manifest from ${from} on, although the log goes on until ${until}`;
  report(run, 'period.missing', { object: 'v1/log/batch/' }, reason);
}
