/** Steps 4 to 7 of a body that holds MCP messages: judge, mask, record, then forward or deny. */
import type { IncomingHttpHeaders } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { describeDenial } from '@tachograph/policy';
import {
  headerMismatch,
  isJsonRpcId,
  jsonRpcError,
  jsonRpcIdText,
  mcpClientInfo,
  mcpOpensPages,
  modernVersion,
  type Decision,
  type GuardFinding,
  type JsonRpcId,
  type JsonRpcMessage,
  type JsonRpcRequest,
  type McpClientInfo,
} from '@tachograph/protocol';
import { LongBytes, textOf, type LazyText } from '../masking/long-bytes.ts';
import { longMessage } from '../masking/long-message.ts';
import type { MaskRefusal } from '../masking/mask-outcome.ts';
import { addRequestFacts, messageDraft, toRecordedDecision, toTextCopy, type AnyCopy } from './drafts.ts';
import { batchDenial, denial, toolError } from './deny.ts';
import { callerText, type Draft, type Exchange } from './exchange.ts';
import { answerForeign, foreignHandle, namesForeignTask } from './foreign-handles.ts';
import { forward } from './forward.ts';
import { wireForm } from './wire-form.ts';
import { guardFindings } from './guard.ts';
import { unheldText } from './hold-texts.ts';
import { holdCall, type HeldRequest } from './hold.ts';
import { verdictOn } from './judge.ts';
import { limited } from './limit.ts';
import { maskLong, maskMessage, type LongMaskedMessage, type MaskedMessage } from './mask.ts';
import { requestContext } from './message-context.ts';
import { answerOurselves } from './own-answers.ts';
import { answerTask, isAboutOwnTask, ownTaskDecision, withoutOwnTasks } from './own-tasks.ts';
import { withoutOwnState } from './own-state.ts';
import type { ParsedMessage } from './parse-body.ts';
import type { CallContext, PolicyInForce } from './ports.ts';
import { durable, recordOutcome, refuse, refuseUnrecorded } from './record.ts';
import { answerCodes, refusalOf } from './refusals.ts';
import { withOpenedState } from './server-state.ts';
import { requestSession } from './sessions.ts';
import { watchCalls } from './watch.ts';

/** What was read from one body. */
export interface MessageBody {
  readonly bytes: Buffer | LongBytes;
  /** The same bytes as text. */
  readonly text: LazyText;
  readonly messages: readonly ParsedMessage[];
  readonly batch: boolean;
}

/** As it goes on; `state`: our own request state, which does not. `isEdited`: other bytes go on than came. */
interface Judged extends ParsedMessage {
  readonly state: string | undefined;
  readonly isEdited: boolean;
  /** It names what was given to somebody else. */
  readonly isForeign: boolean;
  readonly decision: Decision;
  readonly copy: AnyCopy;
}

/** Every message is judged on its own; a body goes on whole or not at all. */
export async function callMessages(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  body: MessageBody,
): Promise<void> {
  const { req } = exchange;
  // A refusal repeats no id that hides a secret.
  const plain = body.messages.filter(({ message }) => !hidesInId(context, policy, message));
  exchange.requestId = onlyRequestId(plain);
  const header = mismatchOf(body.messages, req.headers);
  if (header !== undefined) return refuse(context, exchange, 'header_mismatch', header);
  if (!takeSession(context, exchange)) return refuse(context, exchange, 'session_owner');
  const opened = openSession(context, exchange, policy, body.messages);
  exchange.session = typeof opened === 'object' ? await opened : opened;
  if (plain.length < body.messages.length) return refuseUnmasked(context, exchange, 'id');
  const judging = judgeAll(context, exchange, policy, body);
  const judged = judging instanceof Promise ? await judging : judging;
  if (judged.kind === 'refused') return refuseUnmasked(context, exchange, judged.reason);
  return callJudged(context, exchange, { policy, body, judged: judged.judged });
}

/** What nobody waits for any more is not refused to anybody. */
export async function refuseUnmasked(
  context: CallContext,
  exchange: Exchange,
  reason: MaskRefusal | 'id',
): Promise<void> {
  if (exchange.res.destroyed) return recordLeft(context, exchange);
  return refuse(context, exchange, refusalOf(reason), reason);
}

function recordLeft(context: CallContext, exchange: Exchange): void {
  recordOutcome(context, exchange, exchange.modern ? 'cancelled' : 'disconnected');
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
  watchCalls(context, exchange, policy, judged);
  const held = heldOf(judged, body);
  const drafts = judged.map((one) => requestDraft(context, exchange, policy, one));
  for (const draft of drafts) {
    draft.raw_hmac = body.bytes instanceof LongBytes ? body.bytes.hmac : context.recorder.digest(body.bytes);
  }
  if (held === undefined && judged.some(({ decision }) => decision.verdict !== 'allow'))
    return deny(context, exchange, { policy, judged, drafts, batch: body.batch });
  keepWaiting(context, exchange, judged);
  const [only] = judged;
  if (only !== undefined && isAboutOwnTask(only.message))
    return answerTask(context, exchange, { policy, request: only.message, drafts, batch: body.batch });
  const forwarded = forwardedForm(body, judged);
  if (held !== undefined) return holdCall(context, exchange, { ...held, policy, drafts, body: forwarded });
  if (!(await durable(context, drafts))) return refuseUnrecorded(context, exchange);
  if (exchange.res.destroyed) return recordLeft(context, exchange);
  context.tally.add('forwarded');
  endHoldsOf(context, exchange, judged);
  return forward(context, exchange, { body: forwarded });
}

/** A call that waits for a person: only a request that comes alone can. */
function heldOf(
  [only]: readonly Judged[],
  { batch }: MessageBody,
): Pick<HeldRequest, 'request' | 'text' | 'copy' | 'state' | 'decision'> | undefined {
  if (only?.decision.verdict !== 'approve' || batch || only.message.kind !== 'request') return undefined;
  const { message: request, text, copy, state, decision } = only;
  return { request, text: textOf(text), copy: toTextCopy(copy), state, decision };
}

/** The bytes as they came, unless something in them is for the sidecar alone. */
function forwardedForm(body: MessageBody, [only]: readonly Judged[]): Buffer | string {
  if (only?.isEdited === true) return textOf(only.text);
  return typeof body.text === 'string' && !(body.bytes instanceof LongBytes)
    ? wireForm(body.bytes, body.text)
    : toBuffer(body.bytes);
}

function toBuffer(bytes: Buffer | LongBytes): Buffer {
  return bytes instanceof LongBytes ? bytes.buffer : bytes;
}

/** `notifications/cancelled`: it goes on too, since the server may have the call already. */
function endHoldsOf({ holds }: CallContext, { principal, mcpSessionId }: Exchange, judged: readonly Judged[]): void {
  for (const { message } of judged) {
    if (message.kind !== 'notification' || message.method !== 'notifications/cancelled') continue;
    const { requestId } = message.params;
    if (isJsonRpcId(requestId)) holds.cancel(callerText(principal), mcpSessionId, jsonRpcIdText(requestId));
  }
}

function onlyRequestId(messages: readonly ParsedMessage[]): JsonRpcId | null {
  const ids = messages.flatMap(({ message }) => (message.kind === 'request' ? [message.id] : []));
  return ids.length === 1 ? (ids[0] ?? null) : null;
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
  | { readonly kind: 'refused'; readonly reason: MaskRefusal };

/** A long message is masked in another thread, and a batch one by one; then this is a promise. */
function judgeAll(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  { messages, bytes }: MessageBody,
): AllJudged | Promise<AllJudged> {
  const judging = { principal: exchange.principal, timeMs: context.clock.nowMs() };
  const decide = (parsed: ParsedMessage, guards?: readonly GuardFinding[]): Decision =>
    ownTaskDecision(parsed.message, messages.length === 1) ??
    verdictOn(context, policy, parsed, guards === undefined ? judging : { ...judging, guards });
  const together = (all: readonly LongMaskedMessage[]): AllJudged | Promise<AllJudged> => {
    // First, so that no guard works for a call that is over a limit.
    const over = messages.map((parsed) => limited(context, policy, parsed, judging));
    const guarded = messages.map(({ message }, index) =>
      over[index] === undefined ? guardFindings(context, policy, message) : undefined,
    );
    const forwarded = messages.map((parsed) => ownForm(context, exchange, parsed));
    if (guarded.every((one) => one === undefined))
      return withVerdicts((parsed, index) => over[index] ?? decide(parsed), forwarded, all);
    return Promise.all(guarded.map(async (one) => one)).then((findings) =>
      withVerdicts((parsed, index) => over[index] ?? decide(parsed, findings[index]), forwarded, all),
    );
  };
  const [only] = messages;
  if (only === undefined || messages.length > 1) return maskBatch(exchange, policy, messages).then(together);
  const copy = maskOne(exchange, policy, only, bytes);
  return copy instanceof Promise ? copy.then((settled) => together([settled])) : together([copy]);
}

function maskOne(
  exchange: Exchange,
  { masker }: PolicyInForce,
  { message, text }: ParsedMessage,
  bytes: Buffer | LongBytes,
): LongMaskedMessage | Promise<LongMaskedMessage> {
  const context = requestContext(exchange, message);
  if (!(bytes instanceof LongBytes)) return maskMessage(masker, textOf(text), context);
  return maskLong(masker, bytes, { form: 'json', context, isWanted: () => !exchange.res.destroyed });
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
    const own = textOf(text);
    const copy = await maskMessage(masker, own, before === undefined ? context : { ...context, before });
    copies.push(copy);
    if (copy.kind === 'refused') return copies;
    before = copy.tail;
    length += own.length;
    if (length > longMessage) {
      length = 0;
      await setImmediate();
    }
  }
  return copies;
}

/** A message as it goes on. `bad`: with a state that is none, or whose time is over. */
interface OwnForm {
  readonly parsed: ParsedMessage;
  readonly state: string | undefined;
  readonly isEdited: boolean;
  readonly refusal: 'bad' | 'foreign' | undefined;
}

/** Without our own request state, and with the server's as the server gave it. */
function ownForm(context: CallContext, exchange: Exchange, parsed: ParsedMessage): OwnForm {
  const refusal = namesForeignTask(context, exchange, parsed.message) ? 'foreign' : undefined;
  const without = withoutOwnState(parsed);
  if (without.state !== undefined) return { ...without, isEdited: true, refusal };
  const listening = withoutOwnTasks(parsed);
  if (listening !== undefined) return { parsed: listening, state: undefined, isEdited: true, refusal };
  const opened = withOpenedState(context, exchange, parsed);
  const form = { parsed, state: undefined, isEdited: false };
  if (opened.kind === 'as-it-was') return { ...form, refusal };
  if (opened.kind !== 'opened') return { ...form, refusal: opened.kind };
  return { ...form, parsed: opened.parsed, isEdited: true, refusal };
}

/** The specification wants a protocol error for a state that fails verification, and this code. */
const invalidParams = -32602;

const badState: Decision = {
  verdict: 'deny',
  rule: 'request-state',
  message: 'this request state was not given to this caller for this call, or its time is over; begin the call anew',
};

const refusals = { bad: badState, foreign: foreignHandle } as const;

function withVerdicts(
  decide: (parsed: ParsedMessage, index: number) => Decision,
  messages: readonly OwnForm[],
  copies: readonly LongMaskedMessage[],
): AllJudged {
  const judged: Judged[] = [];
  for (const [index, { parsed, state, isEdited, refusal }] of messages.entries()) {
    const copy = copies[index];
    if (copy === undefined) return { kind: 'refused', reason: 'mask_error' };
    if (copy.kind === 'refused') return copy;
    const decision = refusal === undefined ? decide(parsed, index) : refusals[refusal];
    judged.push({ ...parsed, state, isEdited, isForeign: refusal === 'foreign', copy, decision });
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
    if (message.kind !== 'request' || message.method !== 'initialize') continue;
    initializes = true;
    context.sessions.opensPages(exchange, mcpOpensPages(message));
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
  if (judged.some(({ isForeign }) => isForeign)) {
    const messages = judged.map(({ message }) => message);
    return answerForeign(context, exchange, { policy, messages, drafts, batch });
  }
  const answers = judged.flatMap(({ message, decision }) => {
    if (message.kind !== 'request') return [];
    return [{ request: message, text: refusalText(message, decision) }];
  });
  return answerOurselves(context, exchange, { policy, before: drafts, answers, outcome: 'denied', batch });
}

/** Only a request that comes alone can be held. */
function refusalText(request: JsonRpcRequest, decision: Decision): string {
  if (decision.verdict === 'allow') return batchDenial(request);
  if (decision === badState) return jsonRpcError(request.id, invalidParams, describeDenial(decision));
  if (decision.verdict === 'deny') return denial(request, decision);
  return toolError(
    request,
    answerCodes.denied,
    unheldText(decision, 'a batch cannot wait for it: send the call alone'),
  );
}
