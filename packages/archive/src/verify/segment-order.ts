import type { SegmentLeaf } from '@tachograph/protocol';
import type { Logged, Rows } from './log-index.ts';

/** By first seq; a segment logged twice (a retry stamped anew) stands once. */
export function segmentsInOrder(segments: Rows<Logged<SegmentLeaf>>): Rows<Logged<SegmentLeaf>> {
  return isInOrder(segments) ? segments : sorted(segments);
}

/** As the log of an installation nearly always has them: nothing needs to be held then. */
function isInOrder(segments: Iterable<Logged<SegmentLeaf>>): boolean {
  const seen = new Set<number>();
  let first = -1;
  for (const { leaf } of segments) {
    // What is logged twice has the same hash; 48 bits of it are enough to look closer.
    const mark = Number.parseInt(leaf.sha256.slice(0, 12), 16);
    if (leaf.first < first || seen.has(mark)) return false;
    seen.add(mark);
    first = leaf.first;
  }
  return true;
}

function sorted(segments: Iterable<Logged<SegmentLeaf>>): Logged<SegmentLeaf>[] {
  const seen = new Set<string>();
  return [...segments]
    .toSorted((a, b) => a.leaf.first - b.leaf.first || a.index - b.index)
    .filter(({ leaf }) => {
      const key = `${leaf.object} ${leaf.sha256}`;
      const known = seen.has(key);
      seen.add(key);
      return !known;
    });
}
