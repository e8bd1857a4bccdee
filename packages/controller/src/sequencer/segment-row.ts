/** A logged segment in 96 bytes: what its name repeats of its stream is not kept. */
import { objectNames, parseSegmentFileName, segmentFileName, type StreamOpenLeaf } from '@tachograph/protocol';
import type { SegmentRef } from './log-port.ts';
import type { Place } from './stream-entry.ts';

/** A segment with its place in the log. */
export type LoggedSegment = SegmentRef & Place;

/** What names of a stream's segments have in common. */
export type SegmentNaming = Pick<StreamOpenLeaf, 'cluster' | 'namespace' | 'stream'>;

/** Size of a row in bytes. */
export const rowBytes = 96;

const dayMs = 86_400_000;
const maxUint48 = 2 ** 48 - 1;
const maxUint64 = 2n ** 64n - 1n;
const at = { sha256: 0, leafHash: 32, generation: 64, index: 72, first: 78, last: 84, day: 90 } as const;

/** The row; `undefined` for a segment that would not come back the same, such as one whose name is not of the stream. */
export function packSegment(naming: SegmentNaming, segment: LoggedSegment): Buffer | undefined {
  const day = dayNumberOf(segment.object);
  const generation = generationOf(segment.generation);
  const { index, first, last } = segment;
  if (generation === undefined || ![day, index, first, last].every(isUint48)) return undefined;
  const row = Buffer.alloc(rowBytes);
  row.write(segment.sha256, at.sha256, 32, 'hex');
  row.write(segment.leafHash, at.leafHash, 32, 'hex');
  row.writeBigUInt64BE(generation, at.generation);
  row.writeUIntBE(index, at.index, 6);
  row.writeUIntBE(first, at.first, 6);
  row.writeUIntBE(last, at.last, 6);
  row.writeUIntBE(day, at.day, 6);
  return isSame(unpackSegment(naming, row), segment) ? row : undefined;
}

/** The segment of a row that `packSegment` made under the same naming. */
export function unpackSegment({ cluster, namespace, stream }: SegmentNaming, row: Buffer): LoggedSegment {
  const sha256 = row.toString('hex', at.sha256, at.sha256 + 32);
  const { first, last } = spanOf(row);
  const day = new Date(row.readUIntBE(at.day, 6) * dayMs).toISOString().slice(0, 10);
  const fileName = segmentFileName({ stream, first, last, sha16: sha256.slice(0, 16) });
  return {
    object: objectNames.record({ cluster, namespace, day }, fileName),
    generation: String(row.readBigUInt64BE(at.generation)),
    sha256,
    first,
    last,
    index: row.readUIntBE(at.index, 6),
    leafHash: row.toString('hex', at.leafHash, at.leafHash + 32),
  };
}

/** Log index and sequence numbers of a row. */
export function spanOf(row: Buffer): { readonly index: number; readonly first: number; readonly last: number } {
  return {
    index: row.readUIntBE(at.index, 6),
    first: row.readUIntBE(at.first, 6),
    last: row.readUIntBE(at.last, 6),
  };
}

/** First sequence number that the name of a segment's object states; `undefined` for other names. */
export function firstOfObject(object: string): number | undefined {
  return parseSegmentFileName(object.slice(object.lastIndexOf('/') + 1))?.first;
}

/** Days since 1970 of the name's partition; `NaN` where it has none that a row can hold. */
function dayNumberOf(object: string): number {
  const [, day = ''] = /\/dt=(\d{4}-\d\d-\d\d)\//.exec(object) ?? [];
  return Date.parse(day) / dayMs;
}

function generationOf(text: string): bigint | undefined {
  const value = /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
  return value !== undefined && value <= maxUint64 ? value : undefined;
}

function isUint48(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= maxUint48;
}

function isSame(one: LoggedSegment, other: LoggedSegment): boolean {
  const { object, generation, sha256, leafHash } = one;
  const texts = object === other.object && generation === other.generation;
  return texts && sha256 === other.sha256 && leafHash === other.leafHash;
}
