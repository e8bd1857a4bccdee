import { zeroHash, type SegmentLeaf, type SessionManifestLeaf, type StreamOpenLeaf } from '@tachograph/protocol';
import { ManifestList } from './manifest-list.ts';
import { createSegmentList, type SegmentList } from './segment-list.ts';

/** Where a leaf stands. `leafHash`: hex. */
export interface Place {
  readonly index: number;
  readonly leafHash: string;
}

/** A stream as the log tells it. Only `applyLeaf` in `log-index.ts` changes it. */
export interface StreamEntry {
  readonly open: StreamOpenLeaf;
  readonly opened: Place;
  readonly segments: SegmentList;
  readonly manifests: ManifestList;
  lastSeq: number;
  lastHash: string;
  closed: Place | undefined;
  lost: boolean;
  /** Last `stream.heads` entry in the log. */
  loggedSeq: number;
  loggedDurableSeq: number;
  /** Epoch milliseconds at which its newest leaf of its own was received. */
  contactMs: number;
  /** Time of the last `stream.heads` leaf with it: the contact was at most a minute before. */
  headsMs: number;
}

export function createStreamEntry(open: StreamOpenLeaf, opened: Place): StreamEntry {
  return {
    open,
    opened,
    segments: createSegmentList(open),
    manifests: new ManifestList(),
    lastSeq: -1,
    lastHash: zeroHash,
    closed: undefined,
    lost: false,
    loggedSeq: -1,
    loggedDurableSeq: -1,
    contactMs: Date.parse(open.receivedAt),
    headsMs: 0,
  };
}

/** Takes an archived segment in. */
export function extendStream(entry: StreamEntry, leaf: SegmentLeaf, place: Place): void {
  const { object, generation, sha256, first, last } = leaf;
  entry.segments.push({ object, generation, sha256, first, last, ...place });
  entry.lastSeq = last;
  entry.lastHash = leaf.lastHash;
  touch(entry, leaf.receivedAt);
}

/** Takes a logged session manifest in. */
export function addManifest(entry: StreamEntry, { session, rev, sha256 }: SessionManifestLeaf, place: Place): void {
  entry.manifests.push(session, { rev, sha256, ...place });
}

/** Contact only moves forward. */
function touch(entry: StreamEntry, time: string): void {
  const ms = Date.parse(time);
  if (ms > entry.contactMs) entry.contactMs = ms;
}

/** Ended streams are remembered in full this long: a lost answer is asked for again within minutes. */
const rememberEndedMs = 86_400_000;

/** Gives up the details of a stream that ended long ago; its key and its head stay. */
export function forgetDetails(entry: StreamEntry, nowMs: number): void {
  if (isOpen(entry) || nowMs - entry.contactMs < rememberEndedMs) return;
  entry.segments.clear();
  entry.manifests.clear();
}

/** Whether the stream can still grow. */
export function isOpen(entry: StreamEntry): boolean {
  return entry.closed === undefined && !entry.lost;
}
