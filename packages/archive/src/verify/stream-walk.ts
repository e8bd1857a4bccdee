/** Steps 5 to 8 for one stream: its segments in order, the chain across them, its sessions, its end. */
import { type SegmentLeaf, zeroHash } from '@tachograph/protocol';
import { checkManifests } from './manifest-check.ts';
import { prefetch } from './prefetch.ts';
import { checkSegmentObject, readSegment } from './segment-object.ts';
import type { Logged, StreamLog } from './log-index.ts';
import { createSessionLedger } from './session-ledger.ts';
import type { StreamTail, StreamWalk } from './stream-state.ts';
import { verifyStreamOpen } from './stream-key.ts';
import { report, type Verification } from './verification.ts';

/** Compressed segments in memory beside the one that is being verified. */
const readAhead = 3;

/**
 * Verifies the segments and sessions of one stream; its tail, or `undefined` when no key of it can be believed. How
 * streams end is judged after all of them were read: a later one may say how an earlier one ended.
 */
export async function verifyStream(run: Verification, log: StreamLog): Promise<StreamTail | undefined> {
  run.counts.streams += 1;
  const identity = verifyStreamOpen(run, log);
  if (identity === undefined) return undefined;
  const walk: StreamWalk = {
    log,
    identity,
    ledger: createSessionLedger(run),
    heads: new Map(log.heads.map(({ seq, hash }) => [seq, hash])),
    nextSeq: 0,
    lastHash: zeroHash,
    closed: false,
  };
  const read = async ({ leaf }: Logged<SegmentLeaf>): Promise<Uint8Array | undefined> => readSegment(run, leaf);
  for await (const [logged, bytes] of prefetch(inOrder(log.segments), readAhead, read)) {
    if (!continuesChain(run, walk, logged)) continue;
    await checkSegmentObject(run, walk, logged, bytes);
    walk.nextSeq = logged.leaf.last + 1;
    walk.lastHash = logged.leaf.lastHash;
  }
  await checkManifests(run, walk);
  const { nextSeq, lastHash, closed } = walk;
  return { log, identity, nextSeq, lastHash, closed };
}

/** By first seq; a segment logged twice (a retry stamped anew) stands once. */
function inOrder(segments: readonly Logged<SegmentLeaf>[]): Logged<SegmentLeaf>[] {
  const seen = new Set<string>();
  const sorted = segments.toSorted((a, b) => a.leaf.first - b.leaf.first || a.index - b.index);
  return sorted.filter(({ leaf }) => {
    const key = `${leaf.object} ${leaf.sha256}`;
    const known = seen.has(key);
    seen.add(key);
    return !known;
  });
}

function continuesChain(run: Verification, walk: StreamWalk, { leaf }: Logged<SegmentLeaf>): boolean {
  const place = { object: leaf.object, line: 1 };
  if (leaf.first < walk.nextSeq) {
    report(run, 'chain.fork', place, `begins at seq ${leaf.first} again: the stream already has it`);
    return false;
  }
  if (leaf.first > walk.nextSeq) {
    report(run, 'chain.gap', place, `begins at seq ${leaf.first}, the segment before ends at ${walk.nextSeq - 1}`);
    walk.ledger.addHole(walk.nextSeq, leaf.first - 1);
  } else if (leaf.firstPrev !== walk.lastHash) {
    report(run, 'chain.broken', place, 'prev is not the hash of the last line of the segment before');
  }
  return true;
}
