/** Events of the archive from a position on, in the order of the log: one segment in memory at a time. */
import { hashLine, parseBatchNote, parseVkey, splitLines, verifyBatch, type Batch } from '@tachograph/archive';
import { decodeUtf8, objectNames, parseLeaf, parseRecord, type Leaf, type SegmentLeaf } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { ControllerError } from '../controller-error.ts';
import { unpackSegment } from '../ingest/unpack.ts';
import { nodeCrypto, sha256Hex } from '../keys/node-crypto.ts';
import type { SinkPosition } from './sink-cursor.ts';
import { toLeafEvent, toRecordEvent, toUnsentEvent, type SinkEvent, type StreamPlace } from './sink-event.ts';

/** An event, and where to go on once it was delivered. */
export interface PlacedEvent {
  readonly event: SinkEvent | undefined;
  readonly next: SinkPosition;
}

export interface ReadEventsOptions {
  readonly store: ObjectStore;
  /** The log's vkey now. */
  readonly vkey: () => Promise<string>;
  /** Whose stream it is; `undefined` where nobody knows. */
  readonly placeOf: (stream: string) => Promise<StreamPlace | undefined>;
  readonly bodies: boolean;
}

/** Ends with the log. Rejects when the bucket does not answer, or where batches are absent. */
export async function* readEvents(options: ReadEventsOptions, from: SinkPosition): AsyncGenerator<PlacedEvent> {
  let expected = from.index;
  for await (const batch of batchesFrom(options, from)) {
    for (const [i, text] of batch.leaves.entries()) {
      const index = batch.firstIndex + i;
      if (index < from.index) continue;
      if (index !== expected) throw absent(expected, index);
      expected += 1;
      const lines = index === from.index ? from.lines : 0;
      const next = { batch: batch.firstIndex, index: index + 1, lines: 0 };
      yield* eventsOf(options, parseLeaf(text), { index, lines, next });
    }
  }
}

function absent(expected: number, got: number): ControllerError {
  return new ControllerError('internal', `the log goes on at leaf ${got}, expected ${expected}`);
}

interface LeafPlace {
  readonly index: number;
  /** Lines of it that were delivered already. */
  readonly lines: number;
  readonly next: SinkPosition;
}

async function* eventsOf(
  options: ReadEventsOptions,
  leaf: Leaf | undefined,
  at: LeafPlace,
): AsyncGenerator<PlacedEvent> {
  if (leaf?.type === 'segment') yield* recordsOf(options, leaf, at);
  // A position without an event: leaves that are not sent are passed all the same.
  else yield { event: leaf === undefined ? undefined : toLeafEvent(leaf, at.index), next: at.next };
}

async function* recordsOf(
  options: ReadEventsOptions,
  leaf: SegmentLeaf,
  { index, lines: done, next }: LeafPlace,
): AsyncGenerator<PlacedEvent> {
  const raw = await readLines(options, leaf);
  if (typeof raw === 'string') return yield { event: toUnsentEvent(leaf, index, raw), next };
  const place = (await options.placeOf(leaf.stream)) ?? {};
  for (const { bytes, number } of splitLines(raw)) {
    if (number <= done) continue;
    const record = parseRecord(decodeUtf8(bytes) ?? '');
    const hash = hashLine(nodeCrypto, bytes);
    const event = record === undefined ? undefined : toRecordEvent(record, { hash, place, bodies: options.bodies });
    yield { event, next: { ...next, index, lines: number } };
  }
  return yield { event: undefined, next };
}

/** Its lines; or why they cannot be had: the purge was faster, or the bytes are not what the log names. */
async function readLines(
  { store }: ReadEventsOptions,
  { object, generation, sha256 }: SegmentLeaf,
): Promise<Uint8Array | 'absent' | 'differs' | 'unreadable'> {
  const bytes = (await store.get(object, { generation })) ?? (await store.get(object));
  if (bytes === undefined) return 'absent';
  if (sha256Hex(bytes) !== sha256) return 'differs';
  try {
    return await unpackSegment(bytes);
  } catch (error) {
    if (error instanceof ControllerError) return 'unreadable';
    throw error;
  }
}

async function* batchesFrom(options: ReadEventsOptions, { batch }: SinkPosition): AsyncGenerator<Batch> {
  const first = objectNames.batch(batch);
  let reached = -1;
  for await (const { name } of options.store.list('v1/log/batch/', { startOffset: first })) {
    if (name < first) continue;
    const bytes = await options.store.get(name);
    const found = await openBatch(options, name, Buffer.from(bytes ?? []).toString('utf8'));
    if (found === undefined || found.firstIndex < reached) continue;
    reached = found.firstIndex + found.leaves.length;
    yield found;
  }
}

/**
 * A name may have been taken by junk. What the log's present key signed is the batch; an older key's is taken for what it
 * says, as long as it says its own name: whoever verifies does so with the archive, not with this copy of it.
 */
async function openBatch({ vkey }: ReadEventsOptions, name: string, text: string): Promise<Batch | undefined> {
  const stated = parseBatchNote(text);
  if (stated === undefined || !name.startsWith(objectNames.batch(stated.firstIndex))) return undefined;
  const key = parseVkey(nodeCrypto, await vkey());
  if (key === undefined || stated.origin !== key.name) return undefined;
  const { kind } = verifyBatch(nodeCrypto, text, [key]);
  return kind === 'ok' || kind === 'unsigned' ? stated : undefined;
}
