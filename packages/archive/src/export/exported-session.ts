/** The session itself: its stream's key, the segments that overlap it, their blobs, and its manifests. */
import type { Leaf } from '@tachograph/protocol';
import { addLeaf, createLogIndex, type Logged, type StreamLog } from '../verify/log-index.ts';
import { verifyStreamOpen } from '../verify/stream-key.ts';
import { walkStream } from '../verify/stream-walk.ts';
import { noFindings, report, type Verification } from '../verify/verification.ts';
import { exportNames } from './export-manifest.ts';

/** Verifies what the proven leaves name. */
export async function verifyExportedSession(
  run: Verification,
  session: string,
  leaves: readonly Logged<Leaf>[],
): Promise<void> {
  const index = createLogIndex();
  for (const logged of leaves) addLeaf(index, logged);
  const streams = [...index.streams.values()].filter(({ segments }) => segments.length > 0);
  const [log] = streams;
  const manifests = [...(log?.manifests ?? [])].filter(({ leaf }) => leaf.session === session);
  if (log === undefined || streams.length !== 1 || manifests.length === 0 || log.opens.length === 0) {
    const reason = 'its proven leaves do not name one stream with its key, segments and a manifest of the session';
    return report(run, 'export.malformed', { object: exportNames.manifest }, reason);
  }
  run.counts.streams += 1;
  // Judged here, aloud: a walk that goes on from within a stream takes its key as judged.
  if (verifyStreamOpen(run, log) !== undefined) await walkSegments(run, { ...log, manifests });
  reportLoss(run, log);
  reportForeign(run, leaves);
}

/** The walk begins at the first segment of the export; what other sessions lack is none of its business. */
async function walkSegments(run: Verification, log: StreamLog): Promise<void> {
  const segments = [...log.segments].map(({ leaf }) => leaf);
  const [first] = segments.toSorted((a, b) => a.first - b.first);
  if (first === undefined) return;
  const quiet: Verification = {
    ...run,
    bySeverity: noFindings(),
    onFinding(finding) {
      if (finding.kind === 'session.no_manifest') return;
      run.bySeverity[finding.severity] += 1;
      run.onFinding(finding);
    },
  };
  const last = Math.max(...segments.map((leaf) => leaf.last));
  // What the stream holds before and after is not in the export.
  const before = first.first === 0 ? [] : [{ first: 0, last: first.first - 1 }];
  const holes = [...before, { first: last + 1, last: Number.MAX_SAFE_INTEGER }];
  await walkStream(quiet, log, {
    from: {
      segments: 0,
      digest: '',
      nextSeq: first.first,
      lastHash: first.firstPrev,
      closed: false,
      ledger: { holes, sessions: [] },
    },
  });
}

function reportLoss(run: Verification, log: StreamLog): void {
  for (const { leaf, place } of log.losts) {
    const reason = `stream ${leaf.stream} was lost: archived to seq ${leaf.lastArchivedSeq}, reported to ${leaf.lastReportedSeq}`;
    report(run, 'stream.lost', place, reason);
  }
}

/** Objects of the archive that no leaf of the export names. */
function reportForeign(run: Verification, leaves: readonly Logged<Leaf>[]): void {
  const named = new Set(leaves.flatMap(({ leaf }) => ('object' in leaf ? [leaf.object] : [])));
  const hashes = new Set(
    leaves.flatMap(({ leaf }) =>
      leaf.type === 'segment' ? leaf.blobs.map(({ sha256 }) => `${leaf.stream}/${sha256}`) : [],
    ),
  );
  for (const name of run.inventory.keys()) {
    const blob = /^v1\/blobs\/[^/]+\/(.+)$/.exec(name)?.[1];
    if (named.has(name) || name.startsWith('v1/keys/') || (blob !== undefined && hashes.has(blob))) continue;
    report(run, 'object.unlogged', { object: name }, 'no leaf of the export names it');
  }
}
