/** Session manifests: one object for each time that a session ended, numbered by `rev`. */
import { isUuidV7, objectNames, type SessionManifest, type SessionManifestLeaf } from '@tachograph/protocol';
import { sha256Hex } from '../keys/node-crypto.ts';
import type { ManifestRef } from '../sequencer/log-port.ts';
import { createObject } from './create-object.ts';
import { findRecord, type StreamWithSegments } from './find-record.ts';
import { timeOf, type IngestContext } from './ingest-context.ts';
import { toOpening, type EndedSession, type SessionOpening } from './session-facts.ts';
import { utcDay } from './utc-day.ts';

/** The manifests of one segment. */
export interface Manifests {
  /** To be logged, in order. */
  readonly leaves: readonly SessionManifestLeaf[];
  /** Stores the manifest of a session that ended. Does nothing where its name or time could not name an object. */
  add(from: StreamWithSegments, ended: EndedSession): Promise<void>;
}

export function createManifests(context: IngestContext): Manifests {
  const leaves: SessionManifestLeaf[] = [];
  return {
    leaves,
    async add(from, ended) {
      const day = utcDay(ended.ended);
      if (day === undefined || !isUuidV7(ended.session)) return;
      const { session } = ended;
      const earlier = [...(await loggedOf(context, from, session)), ...leaves.filter((one) => one.session === session)];
      const { rev, bytes, sha256 } = toRevision(await manifestOf(context, from, ended), earlier);
      const { cluster, namespace, stream } = from.view.open;
      const name = objectNames.session({ cluster, namespace, day }, session, rev, sha256.slice(0, 16));
      const { generation } = await createObject(context, { name, bytes, contentType: 'application/json' });
      const facts = { object: name, generation, size: bytes.length, sha256 };
      const receivedAt = timeOf(context.clock);
      leaves.push({ v: 1, type: 'session.manifest', ...facts, session, stream, rev, receivedAt });
    },
  };
}

async function loggedOf(
  { sequencer }: IngestContext,
  from: StreamWithSegments,
  session: string,
): Promise<readonly ManifestRef[]> {
  return (await sequencer.stream({ stream: from.view.open.stream, session }))?.manifests ?? [];
}

interface Revision {
  readonly rev: number;
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** `rev` counts the session's earlier manifests. One that is logged already keeps its number: a retry writes the same bytes. */
function toRevision(manifest: Omit<SessionManifest, 'rev'>, earlier: readonly ManifestRef[]): Revision {
  const numbered = earlier.map(({ rev }) => encode(manifest, rev));
  const same = numbered.find(({ sha256 }) => earlier.some((one) => one.sha256 === sha256));
  return same ?? encode(manifest, earlier.length);
}

function encode({ v, session, ...rest }: Omit<SessionManifest, 'rev'>, rev: number): Revision {
  const bytes = Buffer.from(`${JSON.stringify({ v, session, rev, ...rest } satisfies SessionManifest)}\n`);
  return { rev, bytes, sha256: sha256Hex(bytes) };
}

/** Everything in it comes from records and from the log, so that a repeated attempt writes the same bytes. */
async function manifestOf(
  context: IngestContext,
  from: StreamWithSegments,
  ended: EndedSession,
): Promise<Omit<SessionManifest, 'rev'>> {
  const { session, first, last, count, closed, root } = ended;
  const holding = from.segments.filter((one) => one.first <= last && one.last >= first);
  const opening = toOpening(await findRecord(context, from, first), session);
  const { cluster, namespace, workload, pod, stream } = from.view.open;
  return {
    v: 1,
    session,
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
