/** Whether a leaf may follow what stands in the log, and whether it stands there already under other bytes. */
import type {
  ApiErrorCode,
  Leaf,
  PurgeLeaf,
  SegmentLeaf,
  SessionManifestLeaf,
  StreamOpenLeaf,
} from '@tachograph/protocol';
import type { LogIndex } from './log-index.ts';
import type { Place, StreamEntry } from './stream-entry.ts';

export type Admission =
  | { readonly kind: 'new' }
  /** The same fact is logged: a retry that was stamped with another time. */
  | { readonly kind: 'known'; readonly place: Place }
  | { readonly kind: 'refused'; readonly code: ApiErrorCode; readonly message: string }
  /** The segment's first line is archived long ago: known where the leaf at `index` is of this object, else refused. */
  | { readonly kind: 'past'; readonly index: number; readonly object: string; readonly message: string }
  /** The start of the container is taken by another key; a new start may not be visible yet. */
  | { readonly kind: 'taken'; readonly by: StreamEntry };

const fresh: Admission = { kind: 'new' };

/** Decides on one leaf. `leafHash`: hex. */
export function admitLeaf(index: LogIndex, leaf: Leaf, leafHash: string): Admission {
  const same = index.find(leafHash);
  if (same !== undefined) return { kind: 'known', place: same };
  if (leaf.type === 'stream.open') return admitOpen(index, leaf);
  if (leaf.type === 'conflict') return known(index.objectConflict(leaf.object, leaf.sha256));
  if (leaf.type === 'purge') return admitPurge(index, leaf);
  return isOfStream(leaf) ? admitOfStream(index.streams.get(leaf.stream), leaf) : fresh;
}

/** A hold that was placed a moment before wins: what the purge names is not gone yet. */
function admitPurge({ held }: LogIndex, { objects }: PurgeLeaf): Admission {
  const object = held.firstHeld(objects);
  if (object === undefined) return fresh;
  return { kind: 'refused', code: 'on_hold', message: `a hold keeps ${object}` };
}

function admitOpen(index: LogIndex, leaf: StreamOpenLeaf): Admission {
  const same = index.streams.get(leaf.stream);
  if (same !== undefined) {
    const equal = same.open.keyId === leaf.keyId && same.open.podUid === leaf.podUid;
    return equal
      ? { kind: 'known', place: same.opened }
      : { kind: 'refused', code: 'stream_conflict', message: 'the stream is open under another key or pod' };
  }
  if (leaf.late === true) return admitLate(index, leaf);
  const holder = index.streamOfStart(leaf);
  return holder === undefined ? fresh : { kind: 'taken', by: holder };
}

/** The recorder was alone for the whole of an earlier start: only what its own later stream vouches for is taken. */
function admitLate(index: LogIndex, leaf: StreamOpenLeaf): Admission {
  if (index.isNamed(leaf)) return fresh;
  const newest = index.streamOfPod(leaf.podUid);
  if (newest !== undefined) return { kind: 'taken', by: newest };
  return { kind: 'refused', code: 'stream_pending', message: 'no stream of the pod names this one yet' };
}

type LeafOfStream = Extract<Leaf, { type: 'segment' | 'session.manifest' | 'stream.close' }>;

function isOfStream(leaf: Leaf): leaf is LeafOfStream {
  return leaf.type === 'segment' || leaf.type === 'session.manifest' || leaf.type === 'stream.close';
}

function admitOfStream(entry: StreamEntry | undefined, leaf: LeafOfStream): Admission {
  if (entry === undefined) return { kind: 'refused', code: 'stream_unknown', message: 'the log knows no such stream' };
  switch (leaf.type) {
    case 'segment':
      return admitSegment(entry, leaf);
    case 'session.manifest':
      return admitManifest(entry, leaf);
    case 'stream.close':
    default:
      return known(entry.closed);
  }
}

function known(place: Place | undefined): Admission {
  return place === undefined ? fresh : { kind: 'known', place };
}

function admitSegment(entry: StreamEntry, leaf: SegmentLeaf): Admission {
  const same = entry.segments.find(leaf.object);
  if (same?.kind === 'known') return { kind: 'known', place: same.segment };
  const reason = discontinuity({ ...entry, closed: entry.closed !== undefined }, leaf);
  if (same !== undefined) return pastAdmission(same.index, leaf, reason);
  return reason === undefined ? fresh : { kind: 'refused', code: 'chain_broken', message: reason };
}

function pastAdmission(index: number, { object, first }: SegmentLeaf, reason: string | undefined): Admission {
  return {
    kind: 'past',
    index,
    object,
    message: reason ?? `the name is of another segment, this one starts at ${first}`,
  };
}

/** One manifest for each revision: another one under its number must be counted again. */
function admitManifest(entry: StreamEntry, leaf: SessionManifestLeaf): Admission {
  const same = entry.manifests.of(leaf.session).find(({ rev }) => rev === leaf.rev);
  if (same === undefined || same.sha256 === leaf.sha256) return known(same);
  const message = `revision ${leaf.rev} of the session is another manifest`;
  return { kind: 'refused', code: 'unavailable', message };
}

/** Why a segment does not continue the stream; `undefined`: it does. */
export function discontinuity(
  stream: { readonly lastSeq: number; readonly lastHash: string; readonly closed?: boolean },
  segment: { readonly first: number; readonly firstPrev: string },
): string | undefined {
  if (segment.first !== stream.lastSeq + 1) return `segment starts at ${segment.first}, expected ${stream.lastSeq + 1}`;
  if (segment.firstPrev !== stream.lastHash) return 'segment does not continue the archived head';
  return stream.closed === true ? 'the stream is closed' : undefined;
}
