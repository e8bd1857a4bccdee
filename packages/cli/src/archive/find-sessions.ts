/** Sessions by what they are: closed ones from their manifests, those without a manifest from the records. */
import type { SessionSelection } from '@tachograph/archive';
import type { Principal, SessionManifest } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { compareTexts, listSessions } from './list-sessions.ts';
import type { NamedObjects } from './read-leaves.ts';
import { type ScannedSession, scanSessions } from './scan-sessions.ts';
import { sessionFits } from './session-filter.ts';

/** A session as lists show it. `closed: "open"`: it has no manifest yet, and all is as far as it was archived. */
export type SessionSummary = Omit<SessionManifest, 'closed' | 'root' | 'rev'> & {
  readonly closed: SessionManifest['closed'] | 'open';
  /** Where its newest manifest is. */
  readonly object?: string;
};

/**
 * Which sessions to find. `session`: only this one; `objects`: only sessions whose manifest is among these (a hold's).
 */
export interface SessionQuery extends SessionSelection {
  readonly session?: string;
  readonly objects?: ReadonlySet<string>;
}

/** The sessions that fit, by the time they opened. Without `named` no log is at hand, and only manifests are looked at. */
export async function findSessions(
  store: ObjectStore,
  query: SessionQuery,
  named: NamedObjects | undefined,
): Promise<readonly SessionSummary[]> {
  const manifests = await listSessions(store, query);
  const closed = manifests.map(({ object, manifest }): SessionSummary => ({ ...manifest, object }));
  const open = named === undefined || query.objects !== undefined ? [] : await openSessions(store, query, named);
  const known = new Set(closed.map(({ session }) => session));
  const all = [...closed, ...open.filter(({ session }) => !known.has(session))].filter((it) => isAsked(it, query));
  const fitting = query.tool === undefined ? all : await withTool(store, all, query.tool);
  return fitting.toSorted((a, b) => compareTexts(a.opened, b.opened));
}

function isAsked({ session, object }: SessionSummary, query: SessionQuery): boolean {
  if (query.session !== undefined && session !== query.session) return false;
  return query.objects === undefined || (object !== undefined && query.objects.has(object));
}

/** Only streams that have not ended can have sessions for which no manifest was written. */
async function openSessions(
  store: ObjectStore,
  query: SessionQuery,
  named: NamedObjects,
): Promise<readonly SessionSummary[]> {
  const segments = named.segments.filter(({ stream, receivedAt }) => {
    const late = query.from !== undefined && Date.parse(receivedAt) < Date.parse(query.from);
    return !late && !named.ended.has(stream) && streamMayFit(named, stream, query);
  });
  const described = new Set(named.manifests.map(({ session }) => session));
  const scanned = await scanSessions(store, segments);
  return [...scanned.values()]
    .filter(({ session }) => !described.has(session))
    .flatMap((it) => toSummary(named, it))
    .filter((it) => sessionFits(it, query));
}

function streamMayFit(named: NamedObjects, stream: string, { namespace, server }: SessionQuery): boolean {
  const open = named.opens.get(stream);
  if (open === undefined) return false;
  if (namespace !== undefined && open.namespace !== namespace) return false;
  return server === undefined || server === open.workload || server === `${open.namespace}/${open.workload}`;
}

function toSummary(named: NamedObjects, scanned: ScannedSession): readonly SessionSummary[] {
  const open = named.opens.get(scanned.stream);
  if (open === undefined) return [];
  const { session, stream, principal, client, opened, ended, count, first, last } = scanned;
  const { cluster, namespace, workload, pod } = open;
  return [
    {
      v: 1,
      session,
      stream,
      cluster,
      namespace,
      workload,
      pod,
      ...(principal === undefined ? {} : { principal: toManifestPrincipal(principal) }),
      ...(client === undefined ? {} : { client }),
      opened,
      ended,
      closed: 'open',
      count,
      first,
      last,
      segments: scanned.segments.map(({ object, generation, sha256 }) => ({ object, generation, sha256 })),
    },
  ];
}

/** As a manifest has it. */
function toManifestPrincipal({ iss, sub, type, client_id: id, groups }: Principal): SessionSummary['principal'] {
  const client = id === undefined ? {} : { client_id: id };
  return { iss, sub, type, ...client, ...(groups === undefined ? {} : { groups: [...groups] }) };
}

async function withTool(
  store: ObjectStore,
  sessions: readonly SessionSummary[],
  tool: string,
): Promise<readonly SessionSummary[]> {
  const segments = new Map(
    sessions.flatMap((it) => it.segments.map((held) => [held.object, { ...held, stream: it.stream }])),
  );
  const scanned = await scanSessions(store, segments.values());
  return sessions.filter(({ session }) => scanned.get(session)?.tools.has(tool) === true);
}
