/** What a receiver gets: a summary of a record, or a leaf of the log. Masked, like everything that the archive holds. */
import type { Leaf, StoredRecord, StreamOpenLeaf } from '@tachograph/protocol';

/** Whose stream it is. */
export type StreamPlace = Pick<StreamOpenLeaf, 'cluster' | 'namespace' | 'workload' | 'pod'>;

/** `id` is the same however often it is sent: `<stream>:<seq>` of a record, `log:<index>` of a leaf. */
export interface SinkEvent {
  readonly id: string;
  readonly type: string;
  /** RFC 3339. */
  readonly time: string;
  readonly place: Partial<StreamPlace>;
  readonly facts: Readonly<Record<string, unknown>>;
  /** The masked message, where the installation asks for it. */
  readonly body?: string;
}

/** Larger details stay in the archive. Characters of JSON. */
const longestDetail = 4096;

/** Named one by one: a field that a later recorder adds may be a body in another form. */
const shown: ReadonlySet<string> = new Set<keyof StoredRecord>([
  'stream',
  'seq',
  'prev',
  'session',
  'dir',
  'origin',
  'exchange',
  'mcp_method_name',
  'gen_ai_tool_name',
  'mcp_resource_uri',
  'jsonrpc_request_id',
  'mcp_protocol_version',
  'mcp_session_id_hmac',
  'traceparent',
  'error_type',
  'outcome',
  'identity',
  'principal',
  'client',
  'decision',
  'bundle',
  'mask',
  'http',
  'sse',
  'blob',
  'enc',
]);

/** `hash`: of the record's line, hex. */
export function toRecordEvent(
  record: StoredRecord,
  at: { readonly hash: string; readonly place: Partial<StreamPlace>; readonly bodies: boolean },
): SinkEvent {
  const facts = Object.fromEntries(Object.entries(record).filter(([name]) => shown.has(name)));
  const { stream, seq, kind, time, detail, body } = record;
  return {
    id: `${stream}:${seq}`,
    type: kind,
    time,
    place: at.place,
    facts: { ...facts, line_sha256: at.hash, ...shortDetail(detail) },
    // A sealed body says nothing to who has not its session's key, and erasing it must not mean to search a SIEM.
    ...(at.bodies && body !== undefined && record.enc === undefined ? { body } : {}),
  };
}

function shortDetail(detail: StoredRecord['detail']): Readonly<Record<string, unknown>> {
  if (detail === undefined) return {};
  return JSON.stringify(detail).length <= longestDetail ? { detail } : { detail_omitted: true };
}

/** Leaves that are not sent: segments arrive as their records; heads say nothing that those do not. */
const unsent: ReadonlySet<string> = new Set<Leaf['type']>(['segment', 'stream.heads']);

/** `undefined` for leaves that are not sent. Long lists are sent as their lengths. */
export function toLeafEvent(leaf: Leaf, index: number): SinkEvent | undefined {
  if (unsent.has(leaf.type)) return undefined;
  const { v: _v, type, ...rest } = leaf;
  const facts = Object.fromEntries(
    Object.entries(rest).map(([name, value]) =>
      name === 'objects' && Array.isArray(value) ? ['object_count', value.length] : [name, value],
    ),
  );
  const time = 'at' in leaf ? leaf.at : leaf.receivedAt;
  return { id: `log:${index}`, type, time, place: placeOf(leaf), facts: { log_index: index, ...facts } };
}

function placeOf(leaf: Leaf): Partial<StreamPlace> {
  if (!('namespace' in leaf)) return {};
  const { cluster, namespace } = leaf;
  const workload = 'workload' in leaf ? leaf.workload : undefined;
  return {
    cluster,
    namespace,
    ...(workload === undefined ? {} : { workload }),
    ...('pod' in leaf ? { pod: leaf.pod } : {}),
  };
}

/** Says that a segment could not be sent, and why: what is left out is never silent. */
export function toUnsentEvent(
  segment: Extract<Leaf, { type: 'segment' }>,
  index: number,
  reason: 'absent' | 'differs' | 'unreadable',
): SinkEvent {
  const { object, stream, first, last, receivedAt } = segment;
  const facts = { log_index: index, object, stream, first, last, reason };
  return { id: `log:${index}`, type: 'sink.unsent', time: receivedAt, place: {}, facts };
}

/** How grave, after OpenTelemetry's numbers: 9 INFO, 13 WARN, 17 ERROR. */
export function severityOf({ type, facts }: SinkEvent): { readonly number: number; readonly text: string } {
  if (errors.test(type)) return { number: 17, text: 'ERROR' };
  const { outcome, error_type: errorType } = facts;
  const isRefused = outcome === 'denied' || outcome === 'refused';
  const isWarning = warnings.test(type) || isRefused || errorType !== undefined;
  return isWarning ? { number: 13, text: 'WARN' } : { number: 9, text: 'INFO' };
}

const errors = /^(gap|log\.misbehaviour|stream\.(lost|conflict)|coverage\.gap|conflict|sink\.unsent)$/;
const warnings = /^(auth\.refused|decision|ledger\.drift|config\.step_off|stream\.resume|admin\.action|purge|key\..+)$/;
