/** What the records themselves say of sessions: which tools were called, and which sessions have no manifest yet. */
import { readAhead } from '@tachograph/archive';
import type { Principal, StoredRecord } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { compareTexts } from './list-sessions.ts';
import { readSegmentLines, type SegmentLine } from './segment-records.ts';

/** A segment to read: of a leaf, or of a manifest. */
export interface SegmentRef {
  readonly object: string;
  readonly generation: string;
  readonly sha256: string;
  readonly stream: string;
}

/** A session as the read segments show it. */
export interface ScannedSession {
  readonly session: string;
  readonly stream: string;
  readonly segments: SegmentRef[];
  readonly tools: Set<string>;
  principal: Principal | undefined;
  client: StoredRecord['client'];
  opened: string;
  ended: string;
  count: number;
  first: number;
  last: number;
}

const segmentsAhead = 4;

/** Reads the segments, each once; sessions by their id. Segments that are not there are passed over. */
export async function scanSessions(
  store: ObjectStore,
  segments: Iterable<SegmentRef>,
): Promise<ReadonlyMap<string, ScannedSession>> {
  const sessions = new Map<string, ScannedSession>();
  const read = async (segment: SegmentRef): Promise<readonly SegmentLine[] | undefined> =>
    readSegmentLines(store, segment);
  for await (const [segment, lines] of readAhead(segments, segmentsAhead, read))
    takeLines(sessions, segment, lines ?? []);
  // A segment's name carries its day and first seq: the order of names is that of the stream.
  for (const { segments: held } of sessions.values()) held.sort((a, b) => compareTexts(a.object, b.object));
  return sessions;
}

function takeLines(sessions: Map<string, ScannedSession>, leaf: SegmentRef, lines: readonly SegmentLine[]): void {
  for (const { record } of lines) {
    if (record.session === undefined || record.stream !== leaf.stream) continue;
    const known = sessions.get(record.session) ?? toScanned(record.session, record);
    sessions.set(record.session, known);
    takeRecord(known, leaf, record);
  }
}

function toScanned(session: string, { stream, seq, time }: StoredRecord): ScannedSession {
  return {
    session,
    stream,
    segments: [],
    tools: new Set(),
    principal: undefined,
    client: undefined,
    opened: time,
    ended: time,
    count: 0,
    first: seq,
    last: seq,
  };
}

function takeRecord(known: ScannedSession, leaf: SegmentRef, record: StoredRecord): void {
  if (known.segments.at(-1) !== leaf && !known.segments.includes(leaf)) known.segments.push(leaf);
  if (record.kind !== 'session.close') known.count += 1;
  known.first = Math.min(known.first, record.seq);
  known.last = Math.max(known.last, record.seq);
  if (record.time < known.opened) known.opened = record.time;
  if (record.time > known.ended) known.ended = record.time;
  if (record.gen_ai_tool_name !== undefined) known.tools.add(record.gen_ai_tool_name);
  if (record.kind !== 'session.open') return;
  known.principal = record.principal;
  known.client = record.client;
}
