/** A session's records in the order of the stream, which is that of time; bodies in full. */
import type { StoredRecord } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { findSessions, type SessionSummary } from '../archive/find-sessions.ts';
import { readNamedObjects } from '../archive/read-leaves.ts';
import { readSegmentLines, type SegmentLine } from '../archive/segment-records.ts';
import { CliError } from '../cli-error.ts';

/** One record with its exact line. `body`: the masked message, from its blob where it has one. */
export interface SessionRecord {
  readonly text: string;
  readonly record: StoredRecord;
  readonly body: string | undefined;
}

/** A session that can be read. `absent`: segments of it that are not in this copy. */
export interface ReadSession {
  readonly summary: SessionSummary;
  readonly records: AsyncIterable<SessionRecord>;
  readonly absent: () => number;
}

/** Finds a session, closed or open. Throws `not_found`. */
export async function readSession(store: ObjectStore, session: string): Promise<ReadSession> {
  const [closed] = await findSessions(store, { session }, undefined);
  const summary = closed ?? (await findSessions(store, { session }, await readNamedObjects(store)))[0];
  if (summary === undefined) throw new CliError('not_found', `no session ${session} in this archive`);
  let absent = 0;
  const count = (): void => {
    absent += 1;
  };
  return { summary, records: recordsOf(store, summary, count), absent: () => absent };
}

async function* recordsOf(
  store: ObjectStore,
  summary: SessionSummary,
  onAbsent: () => void,
): AsyncGenerator<SessionRecord> {
  // The request that opens a session comes before the session has an id: the exchange ties it to the rest.
  const opening: SegmentLine[] = [];
  let isOpen = false;
  for await (const line of linesOf(store, summary, onAbsent)) {
    const isOwn = line.record.session === summary.session;
    if (isOwn && !isOpen) yield* withBodies(store, opening.filter(isOpeningOf(line.record)));
    isOpen ||= isOwn;
    if (isOwn) yield* withBodies(store, [line]);
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

async function* withBodies(store: ObjectStore, lines: readonly SegmentLine[]): AsyncGenerator<SessionRecord> {
  for (const { text, record } of lines) yield { text, record, body: record.body ?? (await blobText(store, record)) };
}

async function blobText(store: ObjectStore, { blob, stream }: StoredRecord): Promise<string | undefined> {
  if (blob === undefined) return undefined;
  for await (const { name } of store.list('v1/blobs/')) {
    if (!name.endsWith(`/${stream}/${blob.sha256}`)) continue;
    const bytes = await store.get(name);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  }
  return undefined;
}
