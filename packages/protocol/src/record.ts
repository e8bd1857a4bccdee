/** The record: one line of a stream (`archive-format.md`, Records). Field names are OpenTelemetry's with `_` for `.`. */

import type { bodyCipher } from './session-key.ts';

/** Every kind of record; `detail` of each is in `archive-format.md`, Records. `parseRecord` refuses any other. */
export const recordKinds = [
  'stream.open',
  'stream.resume',
  'stream.close',
  'heartbeat',
  'session.open',
  'session.close',
  'mcp.request',
  'mcp.response',
  'mcp.notification',
  'mcp.stream_chunk',
  'http.exchange',
  'auth.refused',
  'decision',
  'hold.open',
  'hold.reveal',
  'hold.decision',
  'config.step_off',
  'policy.applied',
  'ledger.drift',
  'gap',
  'log.misbehaviour',
] as const;

export type RecordKind = (typeof recordKinds)[number];

/** `c2s`: towards the application; `s2c`: towards the client. */
export type Direction = 'c2s' | 's2c';

/** Where the bytes entered the pod. `loopback-root`: port-forward or a root container, which cannot be told apart. */
export type Origin = 'network' | 'port-forward' | 'in-pod' | 'loopback-root';

/** What "durable" means to this pod (promise 1). */
export type Durability = 'process' | 'node' | 'archive';

/** How an exchange that did not end with an ordinary answer ended. */
export type Outcome =
  | 'answered'
  | 'refused'
  | 'denied'
  | 'cancelled'
  | 'disconnected'
  | 'timed_out'
  | 'upstream_error'
  | 'withheld'
  | 'superseded'
  | 'unknown';

/** Whom the token named. `sub` and `iss` as in the token; nothing of the token itself. */
export interface Principal {
  readonly iss: string;
  readonly sub: string;
  readonly type: 'human' | 'workload' | 'ci' | 'anonymous';
  readonly client_id?: string;
  readonly groups?: readonly string[];
  /** Why the groups are not known, and were treated as none: the token names them elsewhere, or they exceed the limits. */
  readonly groups_unknown?: 'overage' | 'limit';
  /** HMAC-SHA-256 of the `jti`, under the stream's memory-only key. */
  readonly jti_hmac?: string;
  /** When the API server last said that the token still holds (TokenReview), RFC 3339; absent: its issuer asks for none. */
  readonly reviewed?: string;
}

/** What policy said. `rule` and `policy` name the rule that decided; absent for the default. */
export interface RecordedDecision {
  readonly verdict: 'allow' | 'deny' | 'approve';
  readonly rule?: string;
  readonly policy?: string;
  readonly reason?: string;
  /** Whom to ask, as the policy says. */
  readonly owner?: string;
  /** The rule decided only because its condition could not be evaluated for this call. */
  readonly condition_failed?: true;
  /** What command guards found; `reasons` quote nothing of the call. */
  readonly guard?: readonly { readonly kind: string; readonly verdict: string; readonly reasons: readonly string[] }[];
}

/** One masked place: never the value, never an unkeyed digest of it. */
export interface MaskEvidence {
  readonly rule: string;
  /** JSON Pointer of the leaf, or `header:<name>`. */
  readonly path: string;
  readonly count: number;
  readonly transform: string;
  readonly token?: string;
}

/** What masking did to this message. */
export interface RecordedMask {
  /** SHA-256 of the rule set. */
  readonly rules: string;
  readonly hits: number;
  readonly spans?: readonly MaskEvidence[];
  /** What `body` hides and the client got: the client's operating point is the balanced one. */
  readonly client_saw?: readonly MaskEvidence[];
  /** Images, sound and other bytes within the message that are no text and passed. */
  readonly uninspected?: number;
  /** False where the bytes could not be inspected (opaque content, WebSocket). */
  readonly inspected?: false;
}

/** The HTTP exchange around a message. Sizes of the bodies in bytes; `duration_ms` since the request came, to 0.01 ms. */
export interface RecordedHttp {
  readonly method?: string;
  readonly path?: string;
  readonly status?: number;
  /** Masked headers worth keeping; secret ones stand as keyed digests. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly request_bytes?: number;
  readonly response_bytes?: number;
  readonly duration_ms?: number;
}

/** The server-sent event that brought a message; `event` (absent for `message`) and `id` are masked. */
export interface RecordedSse {
  readonly event?: string;
  readonly id?: string;
  /** A re-delivery after `Last-Event-ID`: not counted twice. */
  readonly replay?: true;
  readonly comment_only?: true;
}

/** What a producer hands to the recorder; the recorder adds the envelope. */
export interface RecordDraft {
  readonly kind: RecordKind;
  readonly session?: string;
  readonly dir?: Direction;
  readonly origin?: Origin;
  /** Number of the HTTP exchange within the stream: ties a request to its answers. */
  readonly exchange?: number;
  readonly mcp_method_name?: string;
  readonly gen_ai_tool_name?: string;
  readonly mcp_resource_uri?: string;
  /** The id's JSON text: `7` and `"7"` differ. */
  readonly jsonrpc_request_id?: string;
  readonly mcp_protocol_version?: string;
  readonly mcp_session_id_hmac?: string;
  readonly traceparent?: string;
  readonly error_type?: string;
  readonly outcome?: Outcome;
  /** `principal` says nothing: the cluster's policy leaves it to the application to find out who calls. */
  readonly identity?: 'record-only';
  readonly principal?: Principal;
  readonly client?: { readonly name: string; readonly version?: string };
  readonly decision?: RecordedDecision;
  /** SHA-256 of the policy bundle in force. */
  readonly bundle?: string;
  readonly mask?: RecordedMask;
  readonly http?: RecordedHttp;
  readonly sse?: RecordedSse;
  /** HMAC-SHA-256 of the raw bytes under the stream's memory-only key, hex. */
  readonly raw_hmac?: string;
  /** Facts of this kind of record: see `archive-format.md`. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** How `body` (then base64) or the blob is sealed by the session's key; absent: it is not. */
  readonly enc?: typeof bodyCipher;
  /** The exact masked message text. */
  readonly body?: string;
  /** SHA-256 of a masked body over 256 KiB, kept beside the segment. */
  readonly blob?: { readonly sha256: string; readonly size: number };
}

/** A stored line, parsed. */
export interface StoredRecord extends RecordDraft {
  readonly v: 1;
  readonly stream: string;
  readonly seq: number;
  readonly prev: string;
  readonly time: string;
  readonly mono_ns: number;
}

/** Bodies over this many UTF-8 bytes go to a blob. */
export const blobThresholdBytes = 256 * 1024;

/** `prev` of a stream's first record. */
export const zeroHash = '0'.repeat(64);

/** What a stream key signs: the head of its chain. `lineHash` is hex. */
export function headText(stream: string, seq: number, lineHash: string): string {
  return `tachograph/head/v1\n${stream}\n${seq}\n${lineHash}\n`;
}

const hex64 = /^[0-9a-f]{64}$/;
const kinds: ReadonlySet<string> = new Set(recordKinds);

/** Reads one stored line (without its LF). `undefined` when it is no well-formed record; unknown fields are kept. */
export function parseRecord(line: string): StoredRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return isRecord(value) ? value : undefined;
}

const fields: Readonly<Record<string, (value: unknown) => boolean>> = {
  v: (value) => value === 1,
  stream: (value) => typeof value === 'string',
  seq: Number.isSafeInteger,
  prev: (value) => typeof value === 'string' && hex64.test(value),
  time: (value) => typeof value === 'string',
  mono_ns: (value) => typeof value === 'number',
  kind: (value) => typeof value === 'string' && kinds.has(value),
};

function isRecord(value: unknown): value is StoredRecord {
  if (typeof value !== 'object' || value === null) return false;
  const entries = new Map<string, unknown>(Object.entries(value));
  return Object.entries(fields).every(([name, holds]) => holds(entries.get(name)));
}
