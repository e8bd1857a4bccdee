/** One record of a stream, from the segment at hand or from the archive. */
import { splitLines } from '@tachograph/archive';
import { decodeUtf8, parseRecord, type StoredRecord } from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';
import type { SegmentRef, StreamView } from '../sequencer/log-port.ts';
import type { IngestContext } from './ingest-context.ts';
import { unpackSegment } from './unpack.ts';

export interface StreamWithSegments {
  readonly view: StreamView;
  /** Lines of the segment at hand, which needs no reading; may be empty. */
  readonly raw: Uint8Array;
  /** Those that overlap the session at hand. */
  readonly segments: readonly SegmentRef[];
}

/** The record at `seq`; `undefined` when it is not archived. Rejects with `unavailable` when the bucket does not answer. */
export async function findRecord(
  context: IngestContext,
  { raw, segments }: StreamWithSegments,
  seq: number,
): Promise<StoredRecord | undefined> {
  const here = findLine(raw, seq);
  if (here !== undefined) return here;
  const segment = segments.find(({ first, last }) => first <= seq && seq <= last);
  if (segment === undefined) return undefined;
  const { object, generation } = segment;
  const bytes = await context.store.get(object, { generation }).catch((error: unknown) => {
    throw new ControllerError('unavailable', 'the bucket does not answer', { cause: error, retryAfterMs: 2000 });
  });
  return bytes === undefined ? undefined : findLine(await unpackSegment(bytes), seq);
}

/** Lines are contiguous, so the first one says where another is. */
function findLine(raw: Uint8Array, seq: number): StoredRecord | undefined {
  let first: number | undefined;
  for (const { bytes, number } of splitLines(raw)) {
    if (first === undefined) first = parseRecord(decodeUtf8(bytes) ?? '')?.seq;
    if (first === undefined || first > seq) return undefined;
    if (first + number - 1 === seq) return parseRecord(decodeUtf8(bytes) ?? '');
  }
  return undefined;
}
