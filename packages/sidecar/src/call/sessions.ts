/** Sessions as the recorder counts them, bound to the principal that opened them (`contracts.md`, A session). */
import { LRUCache } from 'lru-cache';
import type { McpClientInfo, Principal } from '@tachograph/protocol';
import type { Recorder, SessionKey } from '../record/recorder.ts';
import type { Draft, Exchange, Waiting } from './exchange.ts';
import { ownerOf } from './handles.ts';

export interface SessionTracker {
  /** False when the server's session belongs to somebody else: holding its id proves nothing. */
  owns(mcpSessionId: string, principal: Principal): boolean;
  /** The server has given it to this caller now: whoever had named it before has it no longer. */
  issue(mcpSessionId: string, principal: Principal): void;
  /** Whether this process has seen the server give it out. */
  isIssued(mcpSessionId: string): boolean;
  /** The client's name, said now or, by the same caller, earlier. */
  client(exchange: Exchange, said: McpClientInfo | undefined): McpClientInfo | undefined;
  /** Whether this caller's client opens pages for its user; `said`: what it says now, if anything. */
  opensPages(exchange: Exchange, said?: boolean): boolean;
  /** The session of this exchange, opened if need be; its record is then durable. */
  open(recorder: Recorder, exchange: Exchange, client: McpClientInfo | undefined): string | Promise<string>;
  /** HTTP+SSE answers a POST on another exchange's stream: keeps the request until its answer comes there. */
  await(mcpSessionId: string, idText: string, waiting: Waiting): void;
  /** The request that an answer on this session's stream belongs to; it goes on waiting. */
  waitingFor(mcpSessionId: string, idText: string): Waiting | undefined;
  /** Takes the request that an answer on this session's stream belongs to. */
  answered(mcpSessionId: string, idText: string): Waiting | undefined;
  /** Takes every request of a session whose stream has ended. */
  abandoned(mcpSessionId: string): readonly Waiting[];
  /** The keyed digest of a server's session id, as records carry it. */
  digest(recorder: Recorder, mcpSessionId: string): string;
  forget(mcpSessionId: string): void;
}

interface Bound {
  readonly owner: string;
  readonly isIssued: boolean;
  readonly waiting: Map<string, Waiting>;
  digest?: string;
}

const rememberedSessions = 20_000;
const waitingPerSession = 1_000;

export function createSessionTracker(): SessionTracker {
  const bound = new LRUCache<string, Bound>({ max: rememberedSessions });
  const clients = new LRUCache<string, McpClientInfo>({ max: rememberedSessions });
  const pages = new LRUCache<string, boolean>({ max: rememberedSessions });
  return {
    owns(mcpSessionId, principal) {
      const owner = ownerOf(principal);
      const known = bound.get(mcpSessionId);
      if (known === undefined) bound.set(mcpSessionId, { owner, isIssued: false, waiting: new Map() });
      return known === undefined || known.owner === owner;
    },
    issue: (mcpSessionId, principal) => issueTo(bound, mcpSessionId, principal),
    isIssued: (mcpSessionId) => bound.get(mcpSessionId)?.isIssued === true,
    opensPages(exchange, said) {
      const caller = callerOf(exchange);
      if (said !== undefined) pages.set(caller, said);
      return said ?? pages.get(caller) ?? false;
    },
    client(exchange, said) {
      const caller = callerOf(exchange);
      if (said !== undefined) clients.set(caller, said);
      return said ?? clients.get(caller);
    },
    open: (recorder, exchange, client) => recorder.session(keyOf(exchange, client), factsOf(exchange, client)),
    await(mcpSessionId, idText, waiting) {
      const known = bound.get(mcpSessionId);
      if (known !== undefined && known.waiting.size < waitingPerSession) known.waiting.set(idText, waiting);
    },
    waitingFor: (mcpSessionId, idText) => bound.get(mcpSessionId)?.waiting.get(idText),
    answered(mcpSessionId, idText) {
      const known = bound.get(mcpSessionId);
      const waiting = known?.waiting.get(idText);
      known?.waiting.delete(idText);
      return waiting;
    },
    abandoned(mcpSessionId) {
      const known = bound.get(mcpSessionId);
      const left = [...(known?.waiting.values() ?? [])];
      known?.waiting.clear();
      return left;
    },
    digest(recorder, mcpSessionId) {
      const known = bound.get(mcpSessionId);
      if (known === undefined) return recorder.digest(mcpSessionId);
      known.digest ??= recorder.digest(mcpSessionId);
      return known.digest;
    },
    forget: (mcpSessionId) => void bound.delete(mcpSessionId),
  };
}

function issueTo(bound: LRUCache<string, Bound>, mcpSessionId: string, principal: Principal): void {
  const owner = ownerOf(principal);
  const known = bound.get(mcpSessionId);
  const waiting = known?.owner === owner ? known.waiting : new Map<string, Waiting>();
  bound.set(mcpSessionId, { owner, isIssued: true, waiting });
}

/** One client of one caller, as far as it can be told. */
function callerOf({ principal, req }: Exchange): string {
  return `${ownerOf(principal)}\n${principal.client_id ?? ''}\n${req.headers['user-agent'] ?? ''}`;
}

function keyOf({ principal, mcpSessionId }: Exchange, client: McpClientInfo | undefined): SessionKey {
  const { iss, sub } = principal;
  const key = { iss, sub, clientId: principal.client_id ?? '', clientName: client?.name ?? '' };
  return mcpSessionId === undefined ? key : { ...key, mcpSessionId };
}

function factsOf(exchange: Exchange, client: McpClientInfo | undefined): Partial<Draft> {
  const facts: Partial<Draft> = {
    principal: exchange.principal,
    origin: exchange.entry.origin,
    exchange: exchange.number,
  };
  if (exchange.identity === 'record-only') facts.identity = exchange.identity;
  if (client !== undefined) facts.client = client;
  return facts;
}

/** The session that a legacy HTTP+SSE endpoint names: its `sessionId` parameter, else the whole URI. */
export function endpointSession(uri: string): string {
  const query = new URLSearchParams(uri.slice(uri.indexOf('?') + 1));
  return query.get('sessionId') ?? query.get('session_id') ?? uri;
}

/** The server's session that a request names: by header, or by the parameter of an HTTP+SSE endpoint. */
export function requestSession(exchange: Exchange): string | undefined {
  const header = exchange.req.headers['mcp-session-id'];
  if (typeof header === 'string') return header;
  if (exchange.method !== 'POST' || exchange.path.length === exchange.target.length) return undefined;
  const query = new URLSearchParams(exchange.target.slice(exchange.path.length + 1));
  return query.get('sessionId') ?? query.get('session_id') ?? undefined;
}
