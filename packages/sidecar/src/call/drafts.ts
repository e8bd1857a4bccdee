/** Records of a call, as the recorder gets them. Everything in them has passed the masker. */
import {
  jsonRpcIdText,
  mcpTarget,
  mcpTraceparent,
  mcpVersionOf,
  type Decision,
  type JsonRpcMessage,
  type Outcome,
  type RecordedDecision,
} from '@tachograph/protocol';
import type { LongText } from '../masking/mask-job.ts';
import type { Draft, Exchange, Waiting } from './exchange.ts';
import type { LongMaskedMessage, MaskedMessage } from './mask.ts';
import { withoutOAuthSecrets } from './own-oauth.ts';
import type { CallContext, PolicyInForce } from './ports.ts';

/** A message copy that masking let through. */
export type Copy = Extract<MaskedMessage, { kind: 'masked' }>;

/** The same, or of a long message. */
export type AnyCopy = Extract<LongMaskedMessage, { kind: 'masked' }>;

const kinds = { request: 'mcp.request', notification: 'mcp.notification', response: 'mcp.response' } as const;

/** What every record of an exchange says. */
export function baseDraft(exchange: Exchange, kind: Draft['kind'], dir: 'c2s' | 's2c'): Draft {
  const draft: Draft = { kind, dir, origin: exchange.entry.origin, exchange: exchange.number };
  if (exchange.session !== undefined) draft.session = exchange.session;
  if (exchange.identity === 'record-only') draft.identity = exchange.identity;
  return draft;
}

/** A message, whichever way it goes. */
export function messageDraft(context: CallContext, exchange: Exchange, message: JsonRpcMessage, copy: AnyCopy): Draft {
  const draft = baseDraft(exchange, kinds[message.kind], 'c2s');
  addCopy(draft, copy);
  const policy = context.policy.current();
  if (policy !== undefined) describe(context, draft, message, policy);
  return draft;
}

/** With its texts as strings. */
export function toTextCopy({ body, client, ...rest }: AnyCopy): Copy {
  return { ...rest, body: toText(body), client: client === undefined ? undefined : toText(client) };
}

function toText(text: string | LongText): string {
  return typeof text === 'string' ? text : Buffer.from(text.bytes).toString();
}

/** The message itself, and what was done to it. */
export function addCopy(draft: Draft, { mask, body }: AnyCopy): void {
  draft.mask = mask;
  if (typeof body === 'string') draft.body = body;
  else draft.long = body;
}

function describe(context: CallContext, draft: Draft, message: JsonRpcMessage, { masker }: PolicyInForce): void {
  const { masks } = context;
  if (message.kind !== 'notification' && message.id !== null) {
    draft.jsonrpc_request_id = masks.id(masker, jsonRpcIdText(message.id));
  }
  if (message.kind === 'response') return;
  draft.mcp_method_name = masks.short(masker, message.method);
  const { tool, resource } = mcpTarget(message.method, message.params);
  if (tool !== undefined) draft.gen_ai_tool_name = masks.short(masker, tool);
  if (resource !== undefined) draft.mcp_resource_uri = masks.short(masker, resource);
  const traceparent = mcpTraceparent(message);
  if (traceparent !== undefined) draft.traceparent = traceparent;
  const version = mcpVersionOf(message);
  if (version !== undefined) draft.mcp_protocol_version = masks.short(masker, version);
}

/** Adds what only a client's message has: who, what policy said, how it came. */
export function addRequestFacts(context: CallContext, exchange: Exchange, draft: Draft, policy: PolicyInForce): void {
  const { req } = exchange;
  const { masks, recorder, sessions } = context;
  draft.principal = exchange.principal;
  draft.bundle = policy.digest;
  const headers = masks.headers(policy.masker, req.headers);
  const http = {
    method: exchange.method,
    path: masks.short(policy.masker, withoutOAuthSecrets(exchange, exchange.target)),
  };
  draft.http = headers === undefined ? http : { ...http, headers };
  const version = req.headers['mcp-protocol-version'];
  if (typeof version === 'string') draft.mcp_protocol_version ??= masks.short(policy.masker, version);
  const { mcpSessionId } = exchange;
  if (mcpSessionId !== undefined) draft.mcp_session_id_hmac = sessions.digest(recorder, mcpSessionId);
}

/** The decision as the record keeps it. */
export function toRecordedDecision(decision: Decision): RecordedDecision {
  const { verdict, rule, policy, message, owner, conditionFailed, guard } = decision;
  return {
    verdict,
    ...(rule === undefined ? {} : { rule }),
    ...(policy === undefined ? {} : { policy }),
    ...(message === undefined ? {} : { reason: message }),
    ...(owner === undefined ? {} : { owner }),
    ...(conditionFailed === undefined ? {} : { condition_failed: conditionFailed }),
    ...(guard === undefined
      ? {}
      : { guard: guard.map(({ kind, verdict: found, reasons }) => ({ kind, verdict: found, reasons })) }),
  };
}

/** Ties an answer to the request it answers. */
export function addAnswerFacts(context: CallContext, draft: Draft, waiting: Waiting | undefined): void {
  const policy = context.policy.current();
  if (waiting === undefined || policy === undefined) return;
  const { request } = waiting;
  draft.exchange = waiting.exchange;
  draft.jsonrpc_request_id ??= context.masks.id(policy.masker, jsonRpcIdText(request.id));
  draft.mcp_method_name = context.masks.short(policy.masker, request.method);
  const { tool } = mcpTarget(request.method, request.params);
  if (tool !== undefined) draft.gen_ai_tool_name = context.masks.short(policy.masker, tool);
}

/** How an exchange ended that no message ended. */
export function outcomeDraft(
  context: CallContext,
  exchange: Exchange,
  outcome: Outcome,
  detail: Readonly<Record<string, unknown>> = {},
): Draft {
  const draft = baseDraft(exchange, 'http.exchange', 's2c');
  draft.outcome = outcome;
  const ids = [...exchange.waiting.values()].map(({ request }) => jsonRpcIdText(request.id));
  const policy = context.policy.current();
  const [first] = ids;
  if (first !== undefined && policy !== undefined) draft.jsonrpc_request_id = context.masks.id(policy.masker, first);
  draft.http = { duration_ms: elapsedMs(context, exchange.startedNs) };
  draft.detail = ids.length > 1 ? { ...detail, unanswered: ids.length } : detail;
  return draft;
}

/** Milliseconds since a monotonic time, to a hundredth. */
export function elapsedMs(context: CallContext, startedNs: number): number {
  return Math.round((context.clock.monotonicNs() - startedNs) / 10_000) / 100;
}
