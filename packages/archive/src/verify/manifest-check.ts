/** Step 8: session manifests against the lines and against the segments that they name. */
import {
  decodeUtf8,
  parseSessionManifest,
  type SegmentLeaf,
  type SessionManifest,
  type SessionManifestLeaf,
} from '@tachograph/protocol';
import { toHex } from '../bytes.ts';
import { isNewerVersion, newerVersionReason, versionOf } from '../format-version.ts';
import { readFirst } from './inventory.ts';
import type { Logged } from './log-index.ts';
import { sameTotals, type SessionTotals } from './session-totals.ts';
import type { StreamWalk } from './stream-state.ts';
import { report, reportAbsent, type Verification } from './verification.ts';

/** A stream after its last segment; `segments`: what its leaves say, by object. */
interface CheckedStream {
  readonly walk: StreamWalk;
  readonly segments: ReadonlyMap<string, Pick<SegmentLeaf, 'sha256' | 'first' | 'last'>>;
}

/** Checks every manifest of the stream, and names closed sessions without one. */
export async function checkManifests(run: Verification, walk: StreamWalk): Promise<void> {
  const segments = new Map<string, Pick<SegmentLeaf, 'sha256' | 'first' | 'last'>>();
  for (const { leaf } of walk.log.segments) {
    const { object, sha256, first, last } = leaf;
    segments.set(object, { sha256, first, last });
  }
  const checked: CheckedStream = { walk, segments };
  const described = new Set<string>();
  for (const logged of walk.log.manifests) {
    described.add(logged.leaf.session);
    if (run.isSelected(logged.leaf.object)) await checkManifest(run, checked, logged);
  }
  for (const [session, place] of walk.ledger.closed()) {
    if (!described.has(session)) report(run, 'session.no_manifest', place, `session ${session} has no manifest yet`);
  }
}

async function checkManifest(
  run: Verification,
  checked: CheckedStream,
  { leaf }: Logged<SessionManifestLeaf>,
): Promise<void> {
  const place = { object: leaf.object };
  const bytes =
    (await run.source.get(leaf.object, leaf.generation)) ?? (await readFirst(run.source, run.inventory, leaf.object));
  if (bytes === undefined) return reportAbsent(run, place, 'session manifest named by the log');
  if (toHex(run.crypto.sha256(bytes)) !== leaf.sha256) {
    return report(run, 'object.bytes', place, 'stored bytes differ from the log');
  }
  const manifest = parseSessionManifest(bytes);
  if (manifest === undefined) {
    const version = versionOf(decodeUtf8(bytes) ?? '');
    if (isNewerVersion(version)) return report(run, 'format.newer', place, newerVersionReason(version));
    return report(run, 'session.manifest', place, 'not a session manifest');
  }
  run.counts.sessions += 1;
  const reason = manifestMisfit(checked, leaf, manifest);
  return reason === undefined ? undefined : report(run, 'session.manifest', place, reason);
}

function manifestMisfit(
  { walk, segments }: CheckedStream,
  leaf: SessionManifestLeaf,
  manifest: SessionManifest,
): string | undefined {
  const { open } = walk.identity;
  if (manifest.session !== leaf.session || manifest.stream !== leaf.stream || manifest.rev !== leaf.rev) {
    return 'states another session, stream or revision than its leaf';
  }
  if (manifest.cluster !== open.cluster || manifest.namespace !== open.namespace || manifest.pod !== open.pod) {
    return 'states another pod than its stream';
  }
  if (!namesItsSegments(segments, manifest)) return 'does not name the segments that hold its records';
  if (!walk.ledger.isWhole(manifest.first, manifest.last)) return undefined;
  const totals = expectedTotals(walk, manifest);
  return totals.some((total) => sameTotals(total, manifest))
    ? undefined
    : 'count, bounds or root are not those of its lines';
}

function expectedTotals(walk: StreamWalk, manifest: SessionManifest): readonly SessionTotals[] {
  const { ledger } = walk;
  const totals = ledger.totals(manifest.session);
  const read = totals === undefined ? [] : [totals];
  if (manifest.closed === 'lost' || manifest.closed === 'recovered') return read;
  // Its close may stand in a later segment, which a copy of one session lacks: then the lines speak for themselves.
  const isEndRead = ledger.isWhole(manifest.last + 1, Number.MAX_SAFE_INTEGER);
  return isEndRead ? ledger.closings(manifest.session) : [...ledger.closings(manifest.session), ...read];
}

/** Every segment of the stream that overlaps first to last and holds at least its ends, with the logged hash. */
function namesItsSegments(logged: CheckedStream['segments'], manifest: SessionManifest): boolean {
  const leaves = manifest.segments.map(({ object, sha256 }) => {
    const leaf = logged.get(object);
    return leaf?.sha256 === sha256 ? leaf : undefined;
  });
  const holds = (seq: number): boolean =>
    leaves.some((leaf) => leaf !== undefined && leaf.first <= seq && seq <= leaf.last);
  return !leaves.includes(undefined) && holds(manifest.first) && holds(manifest.last);
}
