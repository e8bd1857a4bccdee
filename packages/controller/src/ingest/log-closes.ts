/** What a segment ends: session manifests and the stream's own end. */
import type { CheckedSegment } from '@tachograph/archive';
import { sessionCloseDetail, type Leaf, type StoredRecord } from '@tachograph/protocol';
import type { SeqRange, StreamView } from '../sequencer/log-port.ts';
import { timeOf, type IngestContext } from './ingest-context.ts';
import { findRecord, type StreamWithSegments } from './find-record.ts';
import { parseOpenSession, type EndedSession } from './session-facts.ts';
import { createManifests, type Manifests } from './session-manifests.ts';

const noLines: SeqRange = { first: Number.MAX_SAFE_INTEGER, last: 0 };

/** More than the sidecar puts into one record. */
const maxOpenSessions = 1000;

export interface ArchivedSegment {
  readonly view: StreamView;
  readonly checked: CheckedSegment;
  readonly raw: Uint8Array;
  /** `stream.resume` records in it. */
  readonly resumes: readonly StoredRecord[];
}

/** Writes a manifest for every session that the segment ends, then the stream's end. Needs the segment's own leaf. */
export async function logCloses(context: IngestContext, segment: ArchivedSegment): Promise<void> {
  const { checked, view } = segment;
  const manifests = createManifests(context);
  for (const { record } of checked.sessionsClosed) await addClosed(context, manifests, segment, record);
  for (const record of segment.resumes) await addLost(context, manifests, view, record);
  const leaves: Leaf[] = [...manifests.leaves];
  if (checked.streamClosed) leaves.push(closeLeaf(context, segment));
  if (leaves.length > 0) await context.sequencer.append(leaves.map((leaf) => JSON.stringify(leaf)));
}

async function addClosed(
  context: IngestContext,
  manifests: Manifests,
  { view, raw }: ArchivedSegment,
  record: StoredRecord,
): Promise<void> {
  const detail = sessionCloseDetail.safeParse(record.detail);
  const from = detail.success ? await withSegments(context, { ...view.open, raw }, detail.data) : undefined;
  if (!detail.success || from === undefined) {
    context.log.warn('session.close without its facts', { stream: record.stream });
    return;
  }
  await manifests.add(from, { ...detail.data, session: record.session ?? '', ended: record.time });
}

/** Sessions that were open when an earlier stream of the same pod ended without a close: `stream.resume` names them. */
async function addLost(
  context: IngestContext,
  manifests: Manifests,
  view: StreamView,
  record: StoredRecord,
): Promise<void> {
  const { previous_stream: previous, open_sessions: open } = record.detail ?? {};
  if (typeof previous !== 'string' || !Array.isArray(open) || open.length === 0) return;
  const lost = await context.sequencer.stream({ stream: previous });
  if (lost?.open.podUid !== view.open.podUid) return;
  for (const one of open.slice(0, maxOpenSessions)) {
    const session = parseOpenSession(one);
    if (session !== undefined) await addLostSession(context, manifests, previous, session);
  }
}

async function addLostSession(
  context: IngestContext,
  manifests: Manifests,
  stream: string,
  session: Omit<EndedSession, 'closed' | 'ended'>,
): Promise<void> {
  const from = await withSegments(context, { stream, raw: new Uint8Array() }, session);
  const ended = from === undefined ? undefined : await lostSession(context, from, session);
  if (from !== undefined && ended !== undefined) await manifests.add(from, ended);
}

async function lostSession(
  context: IngestContext,
  from: StreamWithSegments,
  session: Omit<EndedSession, 'closed' | 'ended'>,
): Promise<EndedSession | undefined> {
  const last = await findRecord(context, from, session.last);
  // What did not arrive cannot be described: the stream's own loss says so.
  return last?.session === session.session ? { ...session, closed: 'lost', ended: last.time } : undefined;
}

/** The stream with the segments that overlap a session. */
async function withSegments(
  context: IngestContext,
  { stream, raw }: { readonly stream: string; readonly raw: Uint8Array },
  { first, last }: SeqRange,
): Promise<StreamWithSegments | undefined> {
  // The sidecar's word: below 0 there is no line, and nothing that the log could be asked for.
  const range = last < 0 ? noLines : { first: Math.max(0, first), last };
  const view = await context.sequencer.stream({ stream, segments: range });
  return view === undefined ? undefined : { view, raw, segments: view.segments ?? [] };
}

function closeLeaf({ clock }: IngestContext, { view, checked }: ArchivedSegment): Leaf {
  const { stream } = view.open;
  return {
    v: 1,
    type: 'stream.close',
    stream,
    lastSeq: checked.last,
    lastHash: checked.lastHash,
    receivedAt: timeOf(clock),
  };
}
