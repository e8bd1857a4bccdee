import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonRpcId, JsonRpcRequest, Principal, UpstreamSpec } from '@tachograph/protocol';
import type { CallDraft } from '../record/recorder.ts';
import type { Entry } from './ports.ts';

/** A record while it is being written down. */
export type Draft = { -readonly [Field in keyof CallDraft]: CallDraft[Field] };

/** A request that still waits for its answer. */
export interface Waiting {
  readonly request: JsonRpcRequest;
  /** Number of the exchange that carried the request. */
  readonly exchange: number;
  readonly startedNs: number;
}

/**
 * Who says who calls: the sidecar, by the caller's token (`checked`); the application, whose own OAuth passes through
 * (`record-only`, which only the cluster's policy says); nobody (`off`, without a cluster only).
 */
export type IdentityMode = 'checked' | 'record-only' | 'off';

/** One HTTP exchange on its way through the steps. */
export interface Exchange {
  readonly number: number;
  readonly entry: Entry;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly method: string;
  /** Path and query, exactly as received: what is judged is what is forwarded. */
  readonly target: string;
  readonly path: string;
  readonly startedNs: number;
  identity: IdentityMode;
  principal: Principal;
  /** What the caller's token says beside `sub` that names a person; for telling persons apart only. */
  names: readonly string[];
  /** What the policy adds towards the server. */
  upstream: UpstreamSpec | undefined;
  session: string | undefined;
  /** The server's own session id, where the request or its answer carried one. */
  mcpSessionId: string | undefined;
  /** Id of the only request of the body, which refusals repeat; null where there is none or more than one. */
  requestId: JsonRpcId | null;
  /** Requests of this exchange by the JSON text of their id. */
  readonly waiting: Map<string, Waiting>;
  /** From 2026-07-28 on, closing the stream is the cancellation. */
  modern: boolean;
  /** HTTP+SSE: the answer comes on the session's own stream. */
  answeredElsewhere: boolean;
  /** End of the text of the last message of its stream, unmasked: a secret may be cut in two. Memory only. */
  tail: string | undefined;
  /** Re-delivery after `Last-Event-ID`. */
  replay: boolean;
  /** The last record of this exchange has been written or is on its way. */
  ended: boolean;
}

/** Who is recorded before anybody is identified, or where identity is switched off. */
export const nobody: Principal = { iss: '', sub: 'anonymous', type: 'anonymous' };

let lastNumber = 0;

/** Opens an exchange; numbers rise within the process, hence within its stream. */
export function openExchange(entry: Entry, req: IncomingMessage, res: ServerResponse, startedNs: number): Exchange {
  const target = req.url ?? '/';
  const query = target.indexOf('?');
  lastNumber += 1;
  return {
    number: lastNumber,
    entry,
    req,
    res,
    method: req.method ?? 'GET',
    target,
    path: query === -1 ? target : target.slice(0, query),
    startedNs,
    identity: 'checked',
    principal: nobody,
    names: [],
    upstream: undefined,
    session: undefined,
    mcpSessionId: undefined,
    requestId: null,
    waiting: new Map(),
    modern: false,
    answeredElsewhere: false,
    tail: undefined,
    replay: false,
    ended: false,
  };
}

/** Where the bytes came from, for counting. */
export function sourceOf(req: IncomingMessage): string {
  return req.socket.remoteAddress ?? 'unknown';
}

/** The id of the only request that waits; null where there is none or more than one. */
export function onlyId({ waiting }: Exchange): JsonRpcId | null {
  const [first] = waiting.values();
  return waiting.size === 1 && first !== undefined ? first.request.id : null;
}

/** One text for each caller: what one of them cancels is no other's. */
export function callerText({ iss, sub, client_id: clientId }: Principal): string {
  return JSON.stringify([iss, sub, clientId ?? null]);
}
