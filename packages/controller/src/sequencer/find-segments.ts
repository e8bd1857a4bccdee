/** A stream's segments as questions ask for them; what is only known by its place is read from the log. */
import type { Leaf, SegmentLeaf } from '@tachograph/protocol';
import type { SegmentRef, SeqRange } from './log-port.ts';
import type { LeafReader, PlacedLeaf } from './leaf-reader.ts';
import type { ListedSegment } from './segment-list.ts';
import type { Place, StreamEntry } from './stream-entry.ts';

/** The place of the object's leaf; `undefined` where another object stands there. */
export async function placeOfObject(
  read: LeafReader,
  listed: ListedSegment | undefined,
  object: string,
): Promise<Place | undefined> {
  if (listed === undefined) return undefined;
  if (listed.kind === 'known') return listed.segment;
  const [found] = await read([listed.index]);
  return found !== undefined && isSegment(found.leaf) && found.leaf.object === object ? found.place : undefined;
}

/** The segments that overlap the range, in order. */
export async function segmentsIn(
  read: LeafReader,
  { segments }: Pick<StreamEntry, 'segments'>,
  { first, last }: SeqRange,
): Promise<readonly SegmentRef[]> {
  const listed = segments.overlapping(first, last);
  const past = listed.flatMap((one) => (one.kind === 'past' ? [one.index] : []));
  const leaves = new Map((past.length === 0 ? [] : await read(past)).map(toSegmentOfIndex));
  return listed.flatMap((one) => toRef(one.kind === 'known' ? one.segment : leaves.get(one.index)) ?? []);
}

function toSegmentOfIndex({ leaf, place }: PlacedLeaf): [number, SegmentLeaf | undefined] {
  return [place.index, isSegment(leaf) ? leaf : undefined];
}

function toRef(segment: SegmentRef | undefined): SegmentRef | undefined {
  if (segment === undefined) return undefined;
  const { object, generation, sha256, first, last } = segment;
  return { object, generation, sha256, first, last };
}

function isSegment(leaf: Leaf): leaf is SegmentLeaf {
  return leaf.type === 'segment';
}
