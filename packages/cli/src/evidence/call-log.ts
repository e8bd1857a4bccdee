/** Calls: each request of a client with the answer that it got. */
import type { StoredRecord } from '@tachograph/protocol';
import type { EvidenceReader, PlacedRecord, StreamFacts, TimedLeaf } from './walk-archive.ts';

/** One call. `request` is without its body. */
export interface Call {
  readonly request: PlacedRecord;
  readonly outcome: string;
  readonly errorType?: string;
  readonly status?: number;
  readonly durationMs?: number;
  /** Hits of masking in request and answer. */
  readonly maskHits: number;
}

export interface CallLogOptions {
  readonly onCall: (call: Call) => void;
}

/** Whether somebody was refused, by policy or by the recorder. */
export function isDenied({ outcome, request: { record } }: Call): boolean {
  return outcome === 'denied' || outcome === 'refused' || record.decision?.verdict === 'deny';
}

/** Whether it did not go well, for whatever reason; also where its end is not known. */
export function isFailed({ outcome, errorType }: Call): boolean {
  return errorType !== undefined || outcome !== 'answered';
}

/** `namespace/workload`; empty where the log does not say. */
export function serverName(server: StreamFacts | undefined): string {
  return server === undefined ? '' : `${server.namespace}/${server.workload}`;
}

/** Pairs requests with answers; a request without one is told when its stream ends, or at the end, as `unknown`. */
export function createCallLog({ onCall }: CallLogOptions): EvidenceReader {
  const waiting = new Map<string, Map<string, PlacedRecord>>();
  const clients = new Map<string, StoredRecord['client']>();
  const tell = (stream: string): void => {
    for (const request of waiting.get(stream)?.values() ?? []) onCall(toUnanswered(request));
    waiting.delete(stream);
  };
  return {
    takeRecord(placed) {
      const { record } = placed;
      const { stream, session = '' } = record;
      if (record.kind === 'stream.close') tell(stream);
      noteClient(clients, record);
      if (isClientRequest(record)) {
        const requests = waiting.get(stream) ?? new Map<string, PlacedRecord>();
        waiting.set(stream, requests.set(keyOf(record), toRequest(placed, clients.get(session))));
      } else if (isEnd(record)) {
        const request = waiting.get(stream)?.get(keyOf(record));
        waiting.get(stream)?.delete(keyOf(record));
        if (request !== undefined) onCall(toCall(request, record));
      }
    },
    takeLeaf({ leaf }: TimedLeaf) {
      if (leaf.type === 'stream.lost') tell(leaf.stream);
    },
    finish() {
      for (const stream of waiting.keys()) tell(stream);
    },
  };
}

function noteClient(clients: Map<string, StoredRecord['client']>, { kind, session = '', client }: StoredRecord): void {
  if (kind === 'session.open') clients.set(session, client);
  if (kind === 'session.close') clients.delete(session);
}

function isClientRequest({ kind, dir }: StoredRecord): boolean {
  return kind === 'mcp.request' && dir !== 's2c';
}

/** A held call that has become a task ends later: its client asks until then. */
function isEnd({ kind, dir, outcome, detail }: StoredRecord): boolean {
  if (detail?.['task'] === 'created') return false;
  return (kind === 'mcp.response' && dir !== 'c2s') || (kind === 'http.exchange' && outcome !== undefined);
}

/** An id may come again in a later exchange. */
function keyOf({ exchange, jsonrpc_request_id: id }: StoredRecord): string {
  return `${exchange ?? ''} ${id ?? ''}`;
}

/** Without its body, and with what the client said of itself when the session began. */
function toRequest(placed: PlacedRecord, stated: StoredRecord['client']): PlacedRecord {
  const { body: _body, client = stated, ...record } = placed.record;
  return { ...placed, record: client === undefined ? record : { ...record, client } };
}

function toUnanswered(request: PlacedRecord): Call {
  return { request, outcome: 'unknown', maskHits: request.record.mask?.hits ?? 0 };
}

function toCall(request: PlacedRecord, answer: StoredRecord): Call {
  const status = answer.http?.status;
  return {
    request,
    outcome: outcomeOf(request.record, answer),
    maskHits: (request.record.mask?.hits ?? 0) + (answer.mask?.hits ?? 0),
    ...(answer.error_type === undefined ? {} : { errorType: answer.error_type }),
    ...(status === undefined ? {} : { status }),
    durationMs: answer.http?.duration_ms ?? elapsedMs(request.record, answer),
  };
}

/** By the recorder's own monotonic clock: comparable within a stream. */
function elapsedMs(request: StoredRecord, answer: StoredRecord): number {
  return Math.max(0, answer.mono_ns - request.mono_ns) / 1e6;
}

function outcomeOf({ decision }: StoredRecord, { outcome }: StoredRecord): string {
  return outcome ?? (decision?.verdict === 'deny' ? 'denied' : 'answered');
}
