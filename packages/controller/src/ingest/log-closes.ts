/** What a segment ends: session manifests and the stream's own end. */
import type { CheckedSegment } from '@tachograph/archive';
import {
  objectNames,
  sessionCloseDetail,
  type Leaf,
  type SessionManifest,
  type StoredRecord,
} from '@tachograph/protocol';
import { sha256Hex } from '../keys/node-crypto.ts';
import type { StreamView } from '../sequencer/log-port.ts';
import { createObject } from './create-object.ts';
import { timeOf, type IngestContext } from './ingest-context.ts';
import { findRecord, type StreamWithSegments } from './find-record.ts';
import { utcDay } from './utc-day.ts';
import { parseOpenSession, toOpening, type EndedSession, type SessionOpening } from './session-facts.ts';

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
  const leaves: Leaf[] = [];
  if (checked.sessionsClosed.length > 0) {
    const from = await withSegments(context, view.open.stream, segment.raw);
    for (const { record } of checked.sessionsClosed) leaves.push(...(await closedLeaves(context, from, record)));
  }
  for (const record of segment.resumes) leaves.push(...(await lostLeaves(context, view, record)));
  if (checked.streamClosed) leaves.push(closeLeaf(context, segment));
  if (leaves.length > 0) await context.sequencer.append(leaves.map((leaf) => JSON.stringify(leaf)));
}

async function closedLeaves(
  context: IngestContext,
  from: StreamWithSegments | undefined,
  record: StoredRecord,
): Promise<readonly Leaf[]> {
  const detail = sessionCloseDetail.safeParse(record.detail);
  if (!detail.success || from === undefined) {
    context.log.warn('session.close without its facts', { stream: record.stream });
    return [];
  }
  return manifestLeaves(context, from, { ...detail.data, session: record.session ?? '', ended: record.time });
}

/** Sessions that were open when an earlier stream of the same pod ended without a close: `stream.resume` names them. */
async function lostLeaves(context: IngestContext, view: StreamView, record: StoredRecord): Promise<readonly Leaf[]> {
  const { previous_stream: previous, open_sessions: open } = record.detail ?? {};
  if (typeof previous !== 'string' || !Array.isArray(open) || open.length === 0) return [];
  const from = await withSegments(context, previous, new Uint8Array());
  if (from?.view.open.podUid !== view.open.podUid) return [];
  const leaves: Leaf[] = [];
  for (const one of open.slice(0, maxOpenSessions)) {
    const session = parseOpenSession(one);
    if (session !== undefined) leaves.push(...(await lostSession(context, from, session)));
  }
  return leaves;
}

async function lostSession(
  context: IngestContext,
  from: StreamWithSegments,
  session: Omit<EndedSession, 'closed' | 'ended'>,
): Promise<readonly Leaf[]> {
  const last = await findRecord(context, from, session.last);
  // What did not arrive cannot be described: the stream's own loss says so.
  if (last?.session !== session.session) return [];
  return manifestLeaves(context, from, { ...session, closed: 'lost', ended: last.time });
}

async function withSegments(
  context: IngestContext,
  stream: string,
  raw: Uint8Array,
): Promise<StreamWithSegments | undefined> {
  const view = await context.sequencer.stream({ stream, segments: true });
  return view === undefined ? undefined : { view, raw, segments: view.segments ?? [] };
}

async function manifestLeaves(
  context: IngestContext,
  from: StreamWithSegments,
  ended: EndedSession,
): Promise<readonly Leaf[]> {
  const day = utcDay(ended.ended);
  if (day === undefined || !sessionPattern.test(ended.session)) return [];
  const manifest = await manifestOf(context, from, ended);
  const bytes = Buffer.from(`${JSON.stringify(manifest)}\n`);
  const sha256 = sha256Hex(bytes);
  const { cluster, namespace, session, rev, stream } = manifest;
  const at = { cluster, namespace, day };
  const name = objectNames.session(at, session, rev, sha256.slice(0, 16));
  const { generation } = await createObject(context, { name, bytes, contentType: 'application/json' });
  const receivedAt = timeOf(context.clock);
  const facts = { object: name, generation, size: bytes.length, sha256 };
  return [{ v: 1, type: 'session.manifest', ...facts, session, stream, rev, receivedAt }];
}

const sessionPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Everything in it comes from records and from the log, so that a repeated attempt writes the same bytes. */
async function manifestOf(
  context: IngestContext,
  from: StreamWithSegments,
  ended: EndedSession,
): Promise<SessionManifest> {
  const { session, first, last, count, closed, root } = ended;
  const holding = from.segments.filter((one) => one.first <= last && one.last >= first);
  const opening = toOpening(await findRecord(context, from, first), session);
  const { cluster, namespace, workload, pod, stream } = from.view.open;
  return {
    v: 1,
    session,
    rev: 0,
    stream,
    cluster,
    namespace,
    workload,
    pod,
    ...factsOf(opening),
    opened: opening?.time ?? ended.ended,
    ended: ended.ended,
    closed,
    count,
    first,
    last,
    root,
    segments: holding.map(({ object, generation, sha256 }) => ({ object, generation, sha256 })),
  };
}

function factsOf(opening: SessionOpening | undefined): Partial<SessionManifest> {
  if (opening === undefined) return {};
  const { principal, client, correlation } = opening;
  return {
    ...(principal === undefined ? {} : { principal }),
    ...(client === undefined ? {} : { client }),
    ...(correlation === undefined ? {} : { correlation }),
  };
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
