/** Steps 9 and 11: pods against streams, and leaves that state a defect. */
import type { Logged, LogIndex, PodLog, Remark } from './log-index.ts';
import { report, type Verification } from './verification.ts';

/** A pod may take this long from injection to the first record before its silence is a finding. */
const startGraceMs = 10 * 60_000;

/** Reports what the log says about pods and about itself. */
export function reconcile(run: Verification, index: LogIndex): void {
  for (const pod of index.pods.values()) checkPod(run, index, pod);
  for (const remark of index.remarks) reportRemark(run, remark);
}

function checkPod(run: Verification, index: LogIndex, pod: PodLog): void {
  const of = (type: string): PodLog['leaves'][number] | undefined => pod.leaves.find(({ leaf }) => leaf.type === type);
  const injected = of('pod.injected');
  const unlabelled = of('pod.unlabelled');
  const rejected = of('pod.rejected');
  if (unlabelled !== undefined) {
    report(run, 'pod.unlabelled', unlabelled.place, `pod ${unlabelled.leaf.pod} is not labelled and not recorded`);
  }
  if (rejected !== undefined) {
    report(run, 'pod.rejected', rejected.place, `pod ${rejected.leaf.pod} was injected but never came to be`);
  } else if (injected !== undefined && pod.streams.length === 0) {
    const waitedMs = Date.parse(index.newestTime) - Date.parse(injected.leaf.at);
    const silent = of('pod.deleted') !== undefined || waitedMs > startGraceMs;
    const kind = silent ? 'pod.unrecorded' : 'pod.starting';
    report(run, kind, injected.place, `pod ${injected.leaf.pod} was injected and has opened no stream`);
  }
}

function reportRemark(run: Verification, { leaf, place }: Logged<Remark>): void {
  switch (leaf.type) {
    case 'coverage.gap':
      return report(run, 'coverage.gap', place, `pod ${leaf.pod} ran without a recorder since ${leaf.at}`);
    case 'stream.conflict':
      return report(run, 'stream.conflict', place, `pod ${leaf.pod} offered a second stream key for one start`);
    case 'conflict':
      return report(run, 'object.conflict', place, `other bytes were offered for ${leaf.object}; the first are kept`);
  }
}
