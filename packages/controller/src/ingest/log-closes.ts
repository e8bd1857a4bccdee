/** What a segment ends: session manifests and the stream's own end. */
import type { CheckedSegment, ClosedSession } from '@tachograph/archive';
import { dayOf, objectNames, sessionCloseDetail, type Leaf, type SessionManifest } from '@tachograph/protocol';
import { sha256Hex } from '../keys/node-crypto.ts';
import type { SegmentRef, StreamView } from '../sequencer/log-port.ts';
import { createObject } from './create-object.ts';
import { timeOf, type IngestContext } from './ingest-context.ts';
import { findOpening, type SessionOpening } from './session-opening.ts';

export interface ArchivedSegment {
  readonly view: StreamView;
  readonly checked: CheckedSegment;
  readonly raw: Uint8Array;
}

/** Writes a manifest for every session that the segment closes, then the stream's end. Needs the segment's own leaf. */
export async function logCloses(context: IngestContext, segment: ArchivedSegment): Promise<void> {
  const { checked, view } = segment;
  const leaves: Leaf[] = [];
  if (checked.sessionsClosed.length > 0) {
    const { stream } = view.open;
    const segments = (await context.sequencer.stream({ stream, segments: true }))?.segments ?? [];
    for (const closed of checked.sessionsClosed) {
      leaves.push(...(await manifestLeaves(context, { ...segment, segments }, closed)));
    }
  }
  if (checked.streamClosed) leaves.push(closeLeaf(context, segment));
  if (leaves.length > 0) await context.sequencer.append(leaves.map((leaf) => JSON.stringify(leaf)));
}

type WithSegments = ArchivedSegment & { readonly segments: readonly SegmentRef[] };

async function manifestLeaves(
  context: IngestContext,
  segment: WithSegments,
  closed: ClosedSession,
): Promise<readonly Leaf[]> {
  const manifest = await manifestOf(context, segment, closed);
  if (manifest === undefined) return [];
  const bytes = Buffer.from(`${JSON.stringify(manifest)}\n`);
  const sha256 = sha256Hex(bytes);
  const { cluster, namespace, session, rev, stream } = manifest;
  const at = { cluster, namespace, day: dayOf(manifest.ended) };
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
  { view, raw, segments }: WithSegments,
  { record }: ClosedSession,
): Promise<SessionManifest | undefined> {
  const detail = sessionCloseDetail.safeParse(record.detail);
  const { session } = record;
  if (!detail.success || session === undefined || !sessionPattern.test(session)) {
    context.log.warn('session.close without its facts', { stream: record.stream });
    return undefined;
  }
  const { first, last, count, closed, root } = detail.data;
  const holding = segments.filter((one) => one.first <= last && one.last >= first);
  const opening = await findOpening(context, { raw, segments: holding }, { session, seq: first });
  const { cluster, namespace, workload, pod, stream } = view.open;
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
    opened: opening?.time ?? record.time,
    ended: record.time,
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
