/** A session's records in the order of the stream, which is that of time; bodies in full. */
import { dayOf, objectNames, type StoredRecord } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { findSessions, type SessionSummary } from '../archive/find-sessions.ts';
import { readNamedObjects } from '../archive/read-leaves.ts';
import { noSessionKeys, openBody, type SessionKeyRing } from '../archive/sealed-body.ts';
import { readSegmentLines, type SegmentLine } from '../archive/segment-records.ts';
import { CliError } from '../cli-error.ts';

/**
 * One record with its exact line. `body`: the masked message, from its blob where it has one, opened where it is sealed and
 * the key is at hand. `sealedBytes`: it is sealed, and stays so.
 */
export interface SessionRecord {
  readonly text: string;
  readonly record: StoredRecord;
  readonly body: string | undefined;
  readonly sealedBytes?: number;
}

/** A session that can be read. `absent`: segments of it that are not in this copy. */
export interface ReadSession {
  readonly summary: SessionSummary;
  readonly records: AsyncIterable<SessionRecord>;
  readonly absent: () => number;
}

/** Finds a session, closed or open. Throws `not_found`. */
export async function readSession(
  store: ObjectStore,
  session: string,
  keys: SessionKeyRing = noSessionKeys,
): Promise<ReadSession> {
  const [closed] = await findSessions(store, { session }, undefined);
  const summary = closed ?? (await findSessions(store, { session }, await readNamedObjects(store)))[0];
  if (summary === undefined) throw new CliError('not_found', `no session ${session} in this archive`);
  let absent = 0;
  const count = (): void => {
    absent += 1;
  };
  return { summary, records: recordsOf({ store, keys }, summary, count), absent: () => absent };
}

/** Where bodies come from, and what opens them. */
interface Bodies {
  readonly store: ObjectStore;
  readonly keys: SessionKeyRing;
}

async function* recordsOf(
  bodies: Bodies,
  summary: SessionSummary,
  onAbsent: () => void,
): AsyncGenerator<SessionRecord> {
  // The request that opens a session comes before the session has an id: the exchange ties it to the rest.
  const opening: SegmentLine[] = [];
  let isOpen = false;
  for await (const line of linesOf(bodies.store, summary, onAbsent)) {
    const isOwn = line.record.session === summary.session;
    if (isOwn && !isOpen) yield* withBodies(bodies, opening.filter(isOpeningOf(line.record)));
    isOpen ||= isOwn;
    if (isOwn) yield* withBodies(bodies, [line]);
    else if (!isOpen && line.record.kind === 'mcp.request' && line.record.session === undefined) {
      opening.push(line);
      if (opening.length > maxOpening) opening.shift();
    }
  }
}

async function* linesOf(
  store: ObjectStore,
  summary: SessionSummary,
  onAbsent: () => void,
): AsyncGenerator<SegmentLine> {
  for (const segment of [...(await segmentBefore(store, summary)), ...summary.segments]) {
    const lines = await readSegmentLines(store, segment);
    if (lines === undefined) onAbsent();
    yield* (lines ?? []).filter(({ record }) => record.stream === summary.stream);
  }
}

/** Concurrent openings that are kept until it shows whose they are. */
const maxOpening = 64;

function isOpeningOf({ exchange }: StoredRecord): (line: SegmentLine) => boolean {
  return ({ record }) => exchange !== undefined && record.exchange === exchange;
}

/** A segment that ends right before the session's first record, where this copy has it. */
async function segmentBefore(store: ObjectStore, summary: SessionSummary): Promise<readonly { object: string }[]> {
  const [first] = summary.segments;
  if (first === undefined || !first.object.includes(`-${String(summary.first).padStart(12, '0')}-`)) return [];
  const prefix = first.object.slice(0, first.object.lastIndexOf('/') + 1) + summary.stream;
  const last = `-${String(summary.first - 1).padStart(12, '0')}-`;
  for await (const { name } of store.list(prefix))
    if (name.slice(prefix.length).includes(last)) return [{ object: name }];
  return [];
}

async function* withBodies({ store, keys }: Bodies, lines: readonly SegmentLine[]): AsyncGenerator<SessionRecord> {
  for (const { text, record } of lines) yield { text, record, ...(await bodyOf(store, record, keys)) };
}

async function bodyOf(
  store: ObjectStore,
  record: StoredRecord,
  keys: SessionKeyRing,
): Promise<Pick<SessionRecord, 'body' | 'sealedBytes'>> {
  const isSealed = record.enc !== undefined;
  if (record.body !== undefined && !isSealed) return { body: record.body };
  const stored = record.body === undefined ? await blobBytes(store, record) : Buffer.from(record.body, 'base64');
  if (stored === undefined) return { body: undefined };
  if (!isSealed) return { body: Buffer.from(stored).toString('utf8') };
  const opened = openBody(record, stored, keys);
  return opened.kind === 'open' ? { body: opened.text } : { body: undefined, sealedBytes: opened.bytes };
}

const dayMs = 86_400_000;

/** A blob stands on the day it arrived: that of its record, or a few later. */
async function blobBytes(store: ObjectStore, { blob, stream, time }: StoredRecord): Promise<Uint8Array | undefined> {
  const recordedAt = Date.parse(time);
  if (blob === undefined || Number.isNaN(recordedAt)) return undefined;
  for (let days = -1; days <= 3; days += 1) {
    const day = dayOf(new Date(recordedAt + days * dayMs).toISOString());
    const bytes = await store.get(objectNames.blob(day, stream, blob.sha256));
    if (bytes !== undefined) return bytes;
  }
  return undefined;
}
