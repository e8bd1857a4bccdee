/** Runs a recorded session's requests again, against another server, and compares the answers. */
import {
  type DefinitionDifference,
  diffDefinitions,
  isJsonObject,
  parseJson,
  type StoredRecord,
} from '@tachograph/protocol';
import type { McpSender } from './mcp-sender.ts';
import type { SessionRecord } from './read-session.ts';

/** What came of one recorded message. */
export type Rerun =
  | { readonly kind: 'same' | 'sent'; readonly seq: number; readonly what: string }
  | {
      readonly kind: 'differs';
      readonly seq: number;
      readonly what: string;
      readonly differences: readonly DefinitionDifference[];
    }
  | {
      readonly kind: 'failed' | 'skipped' | 'unrecorded';
      readonly seq: number;
      readonly what: string;
      readonly reason: string;
    };

/** Messages of the client in their order, each after the answer to the one before. */
export async function* rerunSession(records: readonly SessionRecord[], sender: McpSender): AsyncGenerator<Rerun> {
  const answers = answersOf(records);
  const released = new Set(records.flatMap(({ record }) => (isReleased(record) ? [record.exchange] : [])));
  let isRefused = false;
  for (const { record, body } of records) {
    if (record.dir !== 'c2s' || (record.kind !== 'mcp.request' && record.kind !== 'mcp.notification')) continue;
    const place = { seq: record.seq, what: whatOf(record) };
    const reason = skipReason(record, body, released);
    if (isRefused) yield { kind: 'skipped', ...place, reason: 'the session was not opened' };
    else if (reason !== undefined || body === undefined) yield { kind: 'skipped', ...place, reason: reason ?? '' };
    else {
      const result = await rerun({ record, body, answer: answers.get(keyOf(record)) }, place, sender);
      isRefused = result.kind === 'failed' && record.mcp_method_name === 'initialize';
      yield result;
    }
  }
}

interface Recorded {
  readonly record: StoredRecord;
  readonly body: string;
  readonly answer: SessionRecord | undefined;
}

type Place = Pick<Rerun, 'seq' | 'what'>;

async function rerun({ record, body, answer }: Recorded, place: Place, sender: McpSender): Promise<Rerun> {
  const id = record.kind === 'mcp.request' ? record.jsonrpc_request_id : undefined;
  const got = await sender.send({ body, headers: headersOf(record), ...(id === undefined ? {} : { id }) });
  if (got.kind === 'failed') return { kind: 'failed', ...place, reason: got.reason };
  if (id === undefined) return { kind: 'sent', ...place };
  if (answer?.body === undefined) return { kind: 'unrecorded', ...place, reason: 'no recorded answer to compare with' };
  const masked = maskedPaths(answer.record);
  const differences = diffDefinitions(comparable(answer.body), comparable(JSON.stringify(got.message))).filter(
    ({ path }) => !masked.some((hidden) => path === hidden || path.startsWith(`${hidden}/`)),
  );
  return differences.length === 0 ? { kind: 'same', ...place } : { kind: 'differs', ...place, differences };
}

function answersOf(records: readonly SessionRecord[]): ReadonlyMap<string, SessionRecord> {
  const answers = records.filter(({ record }) => record.kind === 'mcp.response' && record.dir === 's2c');
  return new Map(answers.map((answer) => [keyOf(answer.record), answer]));
}

function keyOf({ exchange, jsonrpc_request_id: id }: StoredRecord): string {
  return `${exchange} ${id}`;
}

function whatOf({ mcp_method_name: method = '', gen_ai_tool_name: tool }: StoredRecord): string {
  return tool === undefined ? method : `${method} ${tool}`;
}

function isReleased({ kind, detail }: StoredRecord): boolean {
  return kind === 'hold.decision' && detail?.['runs'] === true;
}

/** What the application never got is not sent to another one. */
function skipReason(
  { decision, exchange, enc }: StoredRecord,
  body: string | undefined,
  released: ReadonlySet<number | undefined>,
): string | undefined {
  if (body === undefined) return enc === undefined ? 'its body is not in this copy' : 'its body is sealed';
  if (decision?.verdict === 'deny') return 'it was denied';
  return decision?.verdict === 'approve' && !released.has(exchange) ? 'it was held and not released' : undefined;
}

function headersOf({
  http,
  mcp_protocol_version: version,
  mcp_method_name: method,
}: StoredRecord): Record<string, string> {
  const recorded = Object.entries(http?.headers ?? {}).filter(
    ([name, value]) => name.startsWith('mcp-') && name !== 'mcp-session-id' && typeof value === 'string',
  );
  const stated = version === undefined || method === 'initialize' ? {} : { 'mcp-protocol-version': version };
  return { ...stated, ...Object.fromEntries(recorded) };
}

/** Ids and versions of JSON-RPC are the same by construction. */
function comparable(text: string): string {
  const value = parseJson(text);
  if (!isJsonObject(value)) return text;
  return JSON.stringify({ result: value['result'], error: value['error'] });
}

/** Places that masking changed in the recorded answer: what stood there is not known. */
function maskedPaths({ mask }: StoredRecord): readonly string[] {
  const spans = Array.isArray(mask?.spans) ? mask.spans : [];
  return spans.map(({ path }) => String(path).split('#')[0] ?? '').filter((path) => path !== '');
}
