/** What records say of a session. Optional fields are the sidecar's word, so each is looked at. */
import { sessionCloseDetail, type SessionManifest, type StoredRecord } from '@tachograph/protocol';
import { isObject } from '../state/state-json.ts';

/** From `session.open`. */
export interface SessionOpening {
  readonly time: string;
  readonly principal?: NonNullable<SessionManifest['principal']>;
  readonly client?: NonNullable<SessionManifest['client']>;
  readonly correlation?: string;
}

/** From `session.close`, or from the `stream.resume` that found it open. */
export type EndedSession = Pick<SessionManifest, 'session' | 'closed' | 'count' | 'first' | 'last' | 'root' | 'ended'>;

/** Reads the record at the session's first seq; `undefined` when it is not this session's. */
export function toOpening(record: StoredRecord | undefined, session: string): SessionOpening | undefined {
  if (record?.session !== session) return undefined;
  const { name, version } = toObject(record.client);
  const { correlation } = toObject(record.detail);
  return {
    time: record.time,
    ...toPrincipal(record.principal),
    ...(isText(name) ? { client: { name, ...(isText(version) ? { version } : {}) } } : {}),
    ...(isText(correlation) ? { correlation } : {}),
  };
}

function toPrincipal(value: unknown): Pick<SessionOpening, 'principal'> {
  const { iss, sub, type, client_id: clientId, groups } = toObject(value);
  if (!isText(iss) || !isText(sub) || !isText(type)) return {};
  const client = isText(clientId) ? { client_id: clientId } : {};
  return {
    principal: { iss, sub, type, ...client, ...(Array.isArray(groups) ? { groups: groups.filter(isText) } : {}) },
  };
}

/** Reads one entry of `open_sessions`; `undefined` when malformed. */
export function parseOpenSession(value: unknown): Omit<EndedSession, 'closed' | 'ended'> | undefined {
  const { session, ...totals } = toObject(value);
  const parsed = sessionCloseDetail.safeParse({ ...totals, closed: 'recovered' });
  if (!isText(session) || !parsed.success) return undefined;
  const { count, first, last, root } = parsed.data;
  return { session, count, first, last, root };
}

function toObject(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
