/** Records of stored segments, unverified. */
import { parseRecord, type StoredRecord } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { nodeGunzip } from './node-gunzip.ts';

/** More than any recorder seals: above it a segment is a bomb. */
const maxSegmentBytes = 256 * 1024 * 1024;

/** One line of a segment: its exact text, and what it says. */
export interface SegmentLine {
  readonly text: string;
  readonly record: StoredRecord;
}

/** Every line that is a record; `undefined` when there is no such object. */
export async function readSegmentLines(
  store: ObjectStore,
  { object, generation }: { readonly object: string; readonly generation?: string },
): Promise<readonly SegmentLine[] | undefined> {
  const found = generation === undefined ? undefined : await store.get(object, { generation });
  const packed = found ?? (await store.get(object));
  if (packed === undefined) return undefined;
  const { bytes } = await nodeGunzip(packed, maxSegmentBytes);
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').split('\n');
  return lines.flatMap((text) => {
    const record = parseRecord(text);
    return record === undefined ? [] : [{ text, record }];
  });
}
