/** The leaves that a log has most of, a tenth of their size: rows of `PackedList`. */
import {
  parseJson,
  segmentFileName,
  type SegmentLeaf,
  segmentLeaf,
  sessionFileName,
  type SessionManifestLeaf,
} from '@tachograph/protocol';
import { ArchiveError } from '../archive-error.ts';
import type { Place } from './finding.ts';
import type { PackedReader, PackedWriter } from './packed-bytes.ts';
import type { RowCodec } from './packed-list.ts';

/** A leaf with its place in the log. */
export interface Logged<L> {
  readonly leaf: L;
  readonly index: number;
  /** Batch object and line. */
  readonly place: Place;
}

/** What a stream reported of itself. */
export interface LoggedHead {
  readonly seq: number;
  readonly hash: string;
  readonly durableSeq: number;
  readonly at: string;
  readonly place: Place;
}

function writePlace(out: PackedWriter, { object, line }: Place, before: Place | undefined): void {
  out.text(object, before?.object ?? '');
  out.number(line ?? -1);
}

function readPlace(from: PackedReader, before: Place | undefined): Place {
  const object = from.text(before?.object ?? '');
  const line = from.number();
  return line < 0 ? { object } : { object, line };
}

/** The name that an object would have beside the one before: nearly always the one that it has. */
function nearObject(before: string, fileName: string): string {
  return before.slice(0, before.lastIndexOf('/') + 1) + fileName;
}

/** What the first row of a list is near to. */
const nowhere = { object: '', generation: '', stream: '', keyId: '', session: '', lastHash: '', receivedAt: '' };

const manifestFile = ({ session, rev, sha256 }: Pick<SessionManifestLeaf, 'session' | 'rev' | 'sha256'>): string =>
  sessionFileName(session, rev, sha256.slice(0, 16));

export const loggedManifests: RowCodec<Logged<SessionManifestLeaf>> = {
  write(out, { leaf, index, place }, before) {
    const near = before?.leaf ?? nowhere;
    out.text(leaf.stream, near.stream);
    out.text(leaf.session, near.session);
    out.number(leaf.rev);
    out.text(leaf.sha256, '');
    out.text(leaf.object, nearObject(near.object, manifestFile(leaf)));
    out.text(leaf.generation, near.generation);
    out.number(leaf.size);
    out.text(leaf.receivedAt, near.receivedAt);
    out.number(index);
    writePlace(out, place, before?.place);
  },
  read(from, before) {
    const near = before?.leaf ?? nowhere;
    const stream = from.text(near.stream);
    const session = from.text(near.session);
    const rev = from.number();
    const sha256 = from.text('');
    const object = from.text(nearObject(near.object, manifestFile({ session, rev, sha256 })));
    const stored = { object, generation: from.text(near.generation), size: from.number(), sha256 };
    const receivedAt = from.text(near.receivedAt);
    const leaf = { v: 1, type: 'session.manifest', ...stored, session, stream, rev, receivedAt } as const;
    return { leaf, index: from.number(), place: readPlace(from, before?.place) };
  },
};

type SegmentNames = Pick<SegmentLeaf, 'stream' | 'first' | 'last' | 'sha256'>;

const segmentFile = ({ stream, first, last, sha256 }: SegmentNames): string =>
  segmentFileName({ stream, first, last, sha16: sha256.slice(0, 16) });

export const loggedSegments: RowCodec<Logged<SegmentLeaf>> = {
  write(out, { leaf, index, place }, before) {
    const near = before?.leaf ?? nowhere;
    out.text(leaf.stream, near.stream);
    for (const seq of [leaf.first, leaf.last, leaf.signedSeq, leaf.unsignedTail, leaf.size]) out.number(seq);
    out.text(leaf.sha256, '');
    out.text(leaf.firstPrev, near.lastHash);
    out.text(leaf.lastHash, '');
    out.text(leaf.object, nearObject(near.object, segmentFile(leaf)));
    out.text(leaf.generation, near.generation);
    out.text(leaf.sig, '');
    out.text(leaf.keyId, near.keyId);
    out.text(leaf.blobs.length === 0 ? '' : JSON.stringify(leaf.blobs), '');
    out.text(leaf.receivedAt, near.receivedAt);
    out.number(index);
    writePlace(out, place, before?.place);
  },
  read(from, before) {
    const near = before?.leaf ?? nowhere;
    const stream = from.text(near.stream);
    const [first, last, signedSeq] = [from.number(), from.number(), from.number()];
    const [unsignedTail, size] = [from.number(), from.number()];
    const sha256 = from.text('');
    const firstPrev = from.text(near.lastHash);
    const lastHash = from.text('');
    const object = from.text(nearObject(near.object, segmentFile({ stream, first, last, sha256 })));
    const stored = { object, generation: from.text(near.generation), size, sha256 };
    const signature = { signedSeq, sig: from.text(''), keyId: from.text(near.keyId), unsignedTail };
    const blobs = readBlobs(from.text(''));
    const receivedAt = from.text(near.receivedAt);
    const lines = { stream, first, last, firstPrev, lastHash };
    const leaf = { v: 1, type: 'segment', ...stored, ...lines, ...signature, blobs, receivedAt } as const;
    return { leaf, index: from.number(), place: readPlace(from, before?.place) };
  },
};

function readBlobs(text: string): SegmentLeaf['blobs'] {
  if (text === '') return [];
  const read = segmentLeaf.shape.blobs.safeParse(parseJson(text));
  if (!read.success) throw new ArchiveError('bad_leaf', 'a packed leaf does not read as it was written');
  return read.data;
}

export const loggedHeads: RowCodec<LoggedHead> = {
  write(out, head, before) {
    out.number(head.seq);
    out.number(head.durableSeq);
    out.text(head.hash, '');
    out.text(head.at, before?.at ?? '');
    writePlace(out, head.place, before?.place);
  },
  read: (from, before) => ({
    seq: from.number(),
    durableSeq: from.number(),
    hash: from.text(''),
    at: from.text(before?.at ?? ''),
    place: readPlace(from, before?.place),
  }),
};
