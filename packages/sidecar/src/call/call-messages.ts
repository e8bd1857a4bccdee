/** Steps 4 to 7 of a body that holds MCP messages: judge, mask, record, then forward or deny. */
import {
  headerMismatch,
  jsonRpcIdText,
  mcpClientInfo,
  modernVersion,
  type Decision,
  type JsonRpcMessage,
  type McpClientInfo,
} from '@tachograph/protocol';
import { sendJson, sendRefusal } from './answer.ts';
import { addRequestFacts, baseDraft, messageDraft, toRecordedDecision, type Copy } from './drafts.ts';
import { batchDenial, denial } from './deny.ts';
import { onlyId, type Draft, type Exchange } from './exchange.ts';
import { forward } from './forward.ts';
import { wireForm } from './wire-form.ts';
import { hold } from './hold.ts';
import { judge } from './judge.ts';
import { maskMessage } from './mask.ts';
import type { ParsedMessage } from './parse-body.ts';
import type { CallContext, PolicyInForce } from './ports.ts';
import { durable, recordOutcome, refuse } from './record.ts';
import { requestSession } from './sessions.ts';

/** What was read from one body. */
export interface MessageBody {
  readonly bytes: Buffer;
  /** The same bytes as text. */
  readonly text: string;
  readonly messages: readonly ParsedMessage[];
  readonly batch: boolean;
}

interface Judged extends ParsedMessage {
  readonly decision: Decision;
  readonly copy: Copy;
}

/** Every message is judged on its own; a body goes on whole or not at all. */
export async function callMessages(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  body: MessageBody,
): Promise<void> {
  const { req } = exchange;
  for (const { message } of body.messages) {
    const header = headerMismatch(message, req.headers);
    if (header !== undefined) return refuse(context, exchange, 'header_mismatch', header);
  }
  if (!takeSession(context, exchange)) return refuse(context, exchange, 'session_owner');
  const judged = judgeAll(context, exchange, policy, body.messages);
  if (judged === undefined) return refuse(context, exchange, 'uninspectable');
  await openSession(context, exchange, policy, body.messages);
  const denied = judged.some(({ decision }) => decision.verdict !== 'allow');
  const drafts = judged.map((one) => requestDraft(context, exchange, policy, one));
  for (const draft of drafts) {
    draft.raw_hmac = context.recorder.digest(body.bytes);
  }
  if (denied) return deny(context, exchange, { policy, judged, drafts, batch: body.batch });
  keepWaiting(context, exchange, judged);
  if (!(await durable(context, drafts))) return sendRefusal(exchange.res, 'recorder', undefined, onlyId(exchange));
  if (exchange.res.destroyed) return recordOutcome(context, exchange, exchange.modern ? 'cancelled' : 'disconnected');
  return forward(context, exchange, { body: wireForm(body.bytes, body.text) });
}

/** False when the session that the request names belongs to somebody else. */
export function takeSession(context: CallContext, exchange: Exchange): boolean {
  const version = exchange.req.headers['mcp-protocol-version'];
  exchange.modern = typeof version === 'string' && version >= modernVersion;
  exchange.mcpSessionId = requestSession(exchange);
  exchange.answeredElsewhere =
    exchange.mcpSessionId !== undefined && exchange.req.headers['mcp-session-id'] === undefined;
  return exchange.mcpSessionId === undefined || context.sessions.owns(exchange.mcpSessionId, exchange.principal);
}

/** An id goes through unchanged, into the record too: it must not carry what masking would hide. */
function hidesInId({ masks }: CallContext, { masker }: PolicyInForce, message: JsonRpcMessage): boolean {
  if (message.kind === 'notification' || typeof message.id !== 'string') return false;
  return masks.id(masker, message.id) !== message.id;
}

/** The client's account of itself goes into the record. */
function maskedInfo(context: CallContext, { masker }: PolicyInForce, info: McpClientInfo): McpClientInfo {
  const name = context.masks.short(masker, info.name);
  return info.version === undefined ? { name } : { name, version: context.masks.short(masker, info.version) };
}

function judgeAll(
  context: CallContext,
  { principal }: Exchange,
  policy: PolicyInForce,
  messages: readonly ParsedMessage[],
): readonly Judged[] | undefined {
  const judged: Judged[] = [];
  for (const { message, text } of messages) {
    if (hidesInId(context, policy, message)) return undefined;
    const copy = maskMessage(policy.masker, text);
    if (copy.kind === 'refused') return undefined;
    judged.push({ message, text, copy, decision: hold(judge(policy, principal, message)) });
  }
  return judged;
}

/** `initialize` without a session id waits for the server's answer: that may name one. */
async function openSession(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  messages: readonly ParsedMessage[],
): Promise<void> {
  let said;
  let initializes = false;
  for (const { message } of messages) {
    said ??= mcpClientInfo(message);
    initializes ||= message.kind === 'request' && message.method === 'initialize';
  }
  const client = context.sessions.client(exchange, said === undefined ? said : maskedInfo(context, policy, said));
  if (initializes && exchange.mcpSessionId === undefined) return;
  exchange.session = await context.sessions.open(context.recorder, exchange, client);
}

function requestDraft(context: CallContext, exchange: Exchange, policy: PolicyInForce, one: Judged): Draft {
  const draft = messageDraft(context, exchange, one.message, one.copy);
  addRequestFacts(context, exchange, draft, policy);
  if (one.message.kind !== 'response') draft.decision = toRecordedDecision(one.decision);
  return draft;
}

function keepWaiting(context: CallContext, exchange: Exchange, judged: readonly Judged[]): void {
  for (const { message } of judged) {
    if (message.kind !== 'request') continue;
    const { number, startedNs, mcpSessionId } = exchange;
    const id = jsonRpcIdText(message.id);
    const waiting = { request: message, exchange: number, startedNs };
    exchange.waiting.set(id, waiting);
    // Kept before the request goes on: its answer may overtake the 202.
    if (exchange.answeredElsewhere && mcpSessionId !== undefined) context.sessions.await(mcpSessionId, id, waiting);
  }
  context.tally.add('forwarded');
}

interface Denied {
  readonly policy: PolicyInForce;
  readonly judged: readonly Judged[];
  readonly drafts: readonly Draft[];
  readonly batch: boolean;
}

async function deny(
  context: CallContext,
  exchange: Exchange,
  { policy, judged, drafts, batch }: Denied,
): Promise<void> {
  context.tally.add('denied');
  const answers = judged.flatMap(({ message, decision }) => {
    if (message.kind !== 'request') return [];
    return [{ message, text: decision.verdict === 'allow' ? batchDenial(message) : denial(message, decision) }];
  });
  const records = answers.map(({ message, text }) => {
    const draft = baseDraft(exchange, 'mcp.response', 's2c');
    const copy = maskMessage(policy.masker, text);
    draft.outcome = 'denied';
    draft.jsonrpc_request_id = context.masks.id(policy.masker, jsonRpcIdText(message.id));
    draft.mcp_method_name = context.masks.short(policy.masker, message.method);
    if (copy.kind === 'masked') draft.body = copy.body;
    return draft;
  });
  exchange.ended = true;
  const ending =
    answers.length === 0 ? [{ ...baseDraft(exchange, 'http.exchange', 's2c'), outcome: 'denied' as const }] : records;
  if (!(await durable(context, [...drafts, ...ending]))) return sendRefusal(exchange.res, 'recorder');
  const texts = answers.map(({ text }) => text);
  if (texts.length === 0) exchange.res.writeHead(202).end();
  else sendJson(exchange.res, 200, batch ? `[${texts.join(',')}]` : (texts[0] ?? ''));
}
