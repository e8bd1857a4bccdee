/** Steps 4 to 7 of a body that holds MCP messages: judge, mask, record, then forward or deny. */
import type { IncomingHttpHeaders } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import {
  headerMismatch,
  jsonRpcIdText,
  mcpClientInfo,
  modernVersion,
  type Decision,
  type JsonRpcMessage,
  type McpClientInfo,
} from '@tachograph/protocol';
import { longMessage } from '../masking/long-message.ts';
import type { MaskRefusal } from '../masking/mask-outcome.ts';
import { sendJson, sendRefusal } from './answer.ts';
import { addRequestFacts, baseDraft, messageDraft, toRecordedDecision, type Copy } from './drafts.ts';
import { batchDenial, denial } from './deny.ts';
import { onlyId, type Draft, type Exchange } from './exchange.ts';
import { forward } from './forward.ts';
import { wireForm } from './wire-form.ts';
import { hold } from './hold.ts';
import { judge } from './judge.ts';
import { limited } from './limit.ts';
import { maskMessage, type MaskedMessage } from './mask.ts';
import { requestContext } from './message-context.ts';
import type { ParsedMessage } from './parse-body.ts';
import type { CallContext, PolicyInForce } from './ports.ts';
import { durable, recordOutcome, refuse } from './record.ts';
import { refusalOf } from './refusals.ts';
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
  const header = mismatchOf(body.messages, req.headers);
  if (header !== undefined) return refuse(context, exchange, 'header_mismatch', header);
  if (!takeSession(context, exchange)) return refuse(context, exchange, 'session_owner');
  const opened = openSession(context, exchange, policy, body.messages);
  exchange.session = typeof opened === 'object' ? await opened : opened;
  const judging = judgeAll(context, exchange, policy, body.messages);
  const judged = judging instanceof Promise ? await judging : judging;
  if (judged.kind === 'refused') return refuse(context, exchange, refusalOf(judged.reason), judged.reason);
  return callJudged(context, exchange, { policy, body, judged: judged.judged });
}

interface JudgedBody {
  readonly policy: PolicyInForce;
  readonly body: MessageBody;
  readonly judged: readonly Judged[];
}

async function callJudged(
  context: CallContext,
  exchange: Exchange,
  { policy, body, judged }: JudgedBody,
): Promise<void> {
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

/** A header that says something else than the body. */
function mismatchOf(messages: readonly ParsedMessage[], headers: IncomingHttpHeaders): string | undefined {
  for (const { message } of messages) {
    const header = headerMismatch(message, headers);
    if (header !== undefined) return header;
  }
  return undefined;
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

type AllJudged =
  | { readonly kind: 'judged'; readonly judged: readonly Judged[] }
  | { readonly kind: 'refused'; readonly reason: MaskRefusal | 'id' };

/** A long message is masked in another thread, and a batch one by one; then this is a promise. */
function judgeAll(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  messages: readonly ParsedMessage[],
): AllJudged | Promise<AllJudged> {
  if (messages.some(({ message }) => hidesInId(context, policy, message))) return { kind: 'refused', reason: 'id' };
  const judging = { principal: exchange.principal, timeMs: context.clock.nowMs() };
  const decide = (parsed: ParsedMessage): Decision =>
    limited(context, policy, parsed, judging) ??
    hold(context.ledger.judge(policy, exchange.principal, parsed.message, judge(policy, parsed, judging)));
  const together = (all: readonly MaskedMessage[]): AllJudged => withVerdicts(decide, messages, all);
  const [only] = messages;
  if (only === undefined || messages.length > 1) return maskBatch(exchange, policy, messages).then(together);
  const copy = maskMessage(policy.masker, only.text, requestContext(exchange, only.message));
  return copy instanceof Promise ? copy.then((settled) => together([settled])) : together([copy]);
}

/** A secret may be cut in two by messages that follow each other. Other calls have their turn between long stretches. */
async function maskBatch(
  exchange: Exchange,
  { masker }: PolicyInForce,
  messages: readonly ParsedMessage[],
): Promise<readonly MaskedMessage[]> {
  const copies: MaskedMessage[] = [];
  let before: string | undefined;
  let length = 0;
  for (const { message, text } of messages) {
    const context = requestContext(exchange, message);
    const copy = await maskMessage(masker, text, before === undefined ? context : { ...context, before });
    copies.push(copy);
    if (copy.kind === 'refused') return copies;
    before = copy.tail;
    length += text.length;
    if (length > longMessage) {
      length = 0;
      await setImmediate();
    }
  }
  return copies;
}

function withVerdicts(
  decide: (parsed: ParsedMessage) => Decision,
  messages: readonly ParsedMessage[],
  copies: readonly MaskedMessage[],
): AllJudged {
  const judged: Judged[] = [];
  for (const [index, parsed] of messages.entries()) {
    const copy = copies[index];
    if (copy === undefined) return { kind: 'refused', reason: 'mask_error' };
    if (copy.kind === 'refused') return copy;
    judged.push({ ...parsed, copy, decision: decide(parsed) });
  }
  return { kind: 'judged', judged };
}

/** At once for an open session. `initialize` without a session id waits for the server's answer: that may name one. */
function openSession(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  messages: readonly ParsedMessage[],
): string | Promise<string> | undefined {
  let said;
  let initializes = false;
  for (const { message } of messages) {
    said ??= mcpClientInfo(message);
    initializes ||= message.kind === 'request' && message.method === 'initialize';
  }
  const client = context.sessions.client(exchange, said === undefined ? said : maskedInfo(context, policy, said));
  if (initializes && exchange.mcpSessionId === undefined) return undefined;
  return context.sessions.open(context.recorder, exchange, client);
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
  const copies = await Promise.all(answers.map(async ({ text }) => maskMessage(policy.masker, text)));
  const records = answers.map(({ message }, index) => {
    const draft = baseDraft(exchange, 'mcp.response', 's2c');
    const copy = copies[index];
    draft.outcome = 'denied';
    draft.jsonrpc_request_id = context.masks.id(policy.masker, jsonRpcIdText(message.id));
    draft.mcp_method_name = context.masks.short(policy.masker, message.method);
    if (copy?.kind === 'masked') draft.body = copy.body;
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
