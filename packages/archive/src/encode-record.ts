import type { RecordDraft } from '@tachograph/protocol';

/** What the recorder adds to a draft. `prev`: hex hash of the line before; `time`: RFC 3339, UTC. */
export interface RecordEnvelope {
  readonly stream: string;
  readonly seq: number;
  readonly prev: string;
  readonly time: string;
  readonly mono_ns: number;
}

const leafFields = [
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
  'raw_hmac',
  'detail',
  'enc',
  'body',
  'blob',
] as const satisfies readonly (keyof RecordDraft)[];

/**
 * The stored line, without its LF. Keys stand in one fixed order and absent fields are left out, so that equal
 * drafts give equal bytes. The envelope's texts are the recorder's own (UUID, hex, RFC 3339) and are not escaped.
 */
export function encodeRecord(envelope: RecordEnvelope, draft: RecordDraft): string {
  let line =
    `{"v":1,"stream":"${envelope.stream}","seq":${envelope.seq},"prev":"${envelope.prev}",` +
    `"time":"${envelope.time}","mono_ns":${envelope.mono_ns},"kind":"${draft.kind}"`;
  for (const field of leafFields) {
    const value = draft[field];
    if (value !== undefined) line += `,"${field}":${JSON.stringify(value)}`;
  }
  return `${line}}`;
}
