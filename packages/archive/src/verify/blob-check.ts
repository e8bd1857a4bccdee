/** Step 7: bodies kept beside a segment. */
import { objectNames, type SegmentLeaf } from '@tachograph/protocol';
import { toHex } from '../bytes.ts';
import type { CheckedSegment } from '../segment.ts';
import { report, reportAbsent, type Verification } from './verification.ts';

const dayMs = 86_400_000;

/** A blob is stored on the day it arrived: that of its segment, or shortly before. */
const daysBack = 3;

/** The leaf's list against the records', and every blob's bytes. */
export async function checkBlobs(run: Verification, leaf: SegmentLeaf, check: CheckedSegment): Promise<void> {
  const named = new Map(check.blobs.map(({ sha256, size }) => [sha256, size]));
  const listed = new Map(leaf.blobs.map(({ sha256, size }) => [sha256, size]));
  const agree = named.size === listed.size && [...named].every(([sha256, size]) => listed.get(sha256) === size);
  if (!agree) report(run, 'segment.leaf', { object: leaf.object }, 'the leaf lists other blobs than the records name');
  for (const [sha256, size] of named) await checkBlob(run, leaf, sha256, size);
}

async function checkBlob(run: Verification, leaf: SegmentLeaf, sha256: string, size: number): Promise<void> {
  const candidates = blobNames(leaf, sha256);
  const name = candidates.find((candidate) => run.inventory.has(candidate));
  if (name === undefined) {
    const object = candidates.find((candidate) => run.purged.has(candidate)) ?? candidates[0] ?? sha256;
    if (run.isSelected(leaf.object)) reportAbsent(run, { object }, `blob of ${leaf.object}`);
    return;
  }
  const bytes = await run.source.get(name, run.inventory.get(name)?.generations[0]);
  run.counts.blobs += 1;
  if (bytes === undefined) reportAbsent(run, { object: name }, `blob of ${leaf.object}`);
  else if (bytes.length !== size || toHex(run.crypto.sha256(bytes)) !== sha256) {
    report(run, 'object.bytes', { object: name }, `not the blob that ${leaf.object} names`);
  }
}

/** Where a segment's blob can stand: on the segment's day and those around it. */
export function blobNames(leaf: SegmentLeaf, sha256: string): string[] {
  const day = /\/dt=(\d{4}-\d{2}-\d{2})\//.exec(leaf.object)?.[1] ?? '';
  const received = leaf.receivedAt.slice(0, 10);
  const days = new Set([day, received]);
  for (const from of [day, received]) {
    const at = Date.parse(`${from}T00:00:00Z`);
    for (let back = -1; back <= daysBack && !Number.isNaN(at); back += 1) {
      days.add(new Date(at - back * dayMs).toISOString().slice(0, 10));
    }
  }
  return [...days].map((dt) => objectNames.blob(dt, leaf.stream, sha256));
}
