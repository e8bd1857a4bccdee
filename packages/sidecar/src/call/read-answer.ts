/** What an answer in one piece says: inspected and masked, or withheld. */
import type { IncomingMessage } from 'node:http';
import type { MessageContext } from '@tachograph/masking';
import { decodeUtf8, jsonRpcIdText, type JsonRpcMessage, type JsonRpcResponse } from '@tachograph/protocol';
import { LongBytes } from '../masking/long-bytes.ts';
import { longMessage } from '../masking/long-message.ts';
import { contentOf, type MessageContent } from '../masking/message-content.ts';
import { announcedTasks } from './announce-tasks.ts';
import { decodeAnswer } from './answer-body.ts';
import { addAnswerFacts, addCopy, baseDraft, messageDraft, toTextCopy, type Copy } from './drafts.ts';
import type { Draft, Exchange, Waiting } from './exchange.ts';
import {
  addListFacts,
  asksForList,
  filterBatch,
  filterList,
  mayHoldList,
  recallList,
  type AnyListedCopy,
  type ListedCopy,
} from './list-answer.ts';
import { maskLong, maskMessage, maskPlain, type CopyOf, type LongMaskedMessage, type MaskedMessage } from './mask.ts';
import { answerContext } from './message-context.ts';
import { noteTask } from './note-task.ts';
import { sealedAnswer } from './server-state.ts';
import { unfitResult } from './unfit-result.ts';
import type { CallContext, MaskerPort, PolicyInForce } from './ports.ts';

export interface ReadAnswer extends MessageContent {
  readonly kind: 'read';
  readonly bytes: Buffer;
  readonly decoded: boolean;
  readonly copy: AnyListedCopy;
  /** Keyed digest of the bytes, where it has been made. */
  readonly hmac?: string;
}

/** `hmac`: of the answer's bytes, where it has been made. */
export type Reading = ReadAnswer | { readonly kind: 'withheld'; readonly reason: string; readonly hmac?: string };

/** A long answer is parsed and masked in another thread; then this is a promise. */
export function readAnswer(
  context: CallContext,
  exchange: Exchange,
  answer: IncomingMessage,
  raw: Buffer,
): Reading | Promise<Reading> {
  const policy = context.policy.current();
  if (policy === undefined) return { kind: 'withheld', reason: 'policy' };
  const bytes = decodeAnswer(answer, raw);
  if (bytes === undefined) return { kind: 'withheld', reason: 'content_encoding' };
  const decoded = bytes !== raw;
  if (bytes.length > longMessage && !asksForList(exchange))
    return readLongAnswer(context, exchange, policy, { answer, bytes, decoded });
  return readText(context, exchange, policy, { answer, bytes, decoded });
}

interface AnswerBytes {
  readonly answer: IncomingMessage;
  readonly bytes: Buffer;
  readonly decoded: boolean;
}

function readText(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  { answer, bytes, decoded }: AnswerBytes,
): Reading | Promise<Reading> {
  const text = decodeUtf8(bytes);
  if (text === undefined) return { kind: 'withheld', reason: 'not_utf8' };
  const recalled = recallList(context, exchange, policy, text);
  if (recalled !== undefined) return { kind: 'read', bytes, decoded, batch: 0, ...recalled };
  const read = { answer, bytes, decoded, text };
  if (text.length > longMessage) return readLongText(context, exchange, policy, read);
  const json = parseJson(text);
  return maskAnswer(context, exchange, policy, { ...read, content: json && contentOf(json.value) });
}

interface AnswerText extends AnswerBytes {
  readonly text: string;
}

/** From its bytes. Lists and batches are read as text: the ledger cuts entries out of it. */
async function readLongAnswer(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  { answer, bytes, decoded }: AnswerBytes,
): Promise<Reading> {
  const { masker } = policy;
  const body = new LongBytes(bytes, await context.recorder.digestInTurns(bytes));
  const { hmac } = body;
  // Of bytes that the thread has not taken, the caller makes it.
  const withheld = (reason: string): Reading => ({ kind: 'withheld', reason, ...(decoded ? {} : { hmac }) });
  const parsed = await masker.readAnswer(body);
  if (parsed.kind === 'refused') return withheld(parsed.reason);
  const { content } = parsed;
  const read = { answer, bytes: body.buffer, decoded };
  if (content !== undefined && mayHoldList(content)) return readText(context, exchange, policy, read);
  const waiting = answeredBy(exchange, content?.message);
  const copy = await maskLongAnswer(masker, body, {
    isJson: content !== undefined,
    isText: mayBeText(answer, body.length),
    context: answerContext(context.schemas, exchange, waiting),
  });
  if (copy.kind === 'refused') return withheld(copy.reason);
  const message = content?.message;
  const fit = fitting(copy, message);
  const text = (): string => toTextCopy(fit).client ?? body.buffer.toString();
  const client = sealedAnswer(context, exchange, { message, waiting, text });
  const own = client === undefined ? fit : { ...fit, client };
  return { kind: 'read', bytes: body.buffer, decoded, copy: own, hmac, batch: 0, ...content };
}

/** What an answer opens like, and whether it may be a text. */
interface LongAnswer {
  readonly isJson: boolean;
  readonly isText: boolean;
  readonly context: MessageContext;
}

/** What opens like JSON and is none has not been parsed to the end before. */
async function maskLongAnswer(
  masker: MaskerPort,
  body: LongBytes,
  { isJson, isText, context }: LongAnswer,
): Promise<Exclude<LongMaskedMessage, { kind: 'refused' }> | { readonly kind: 'refused'; readonly reason: string }> {
  if (isJson) {
    const copy = await maskLong(masker, body, { form: 'json', context });
    if (copy.kind !== 'refused' || copy.reason !== 'invalid') return copy;
  }
  return isText ? maskLong(masker, body, { form: 'text', context }) : { kind: 'refused', reason: 'not_json' };
}

async function readLongText(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  read: AnswerText,
): Promise<Reading> {
  const parsed = await policy.masker.readLong(read.text);
  if (parsed.kind === 'refused') return { kind: 'withheld', reason: parsed.reason };
  return maskAnswer(context, exchange, policy, { ...read, content: parsed.content });
}

/** `content` is undefined where the text is no JSON. */
function maskAnswer(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  read: AnswerText & { readonly content: MessageContent | undefined },
): Reading | Promise<Reading> {
  const { answer, bytes, decoded, text, content } = read;
  const { masker } = policy;
  if (content === undefined && !mayBeText(answer, text.length)) return { kind: 'withheld', reason: 'not_json' };
  const waiting = answeredBy(exchange, content?.message);
  const copy =
    content === undefined
      ? maskPlain(masker, text)
      : maskMessage(masker, text, answerContext(context.schemas, exchange, waiting));
  const together = (settled: MaskedMessage): Reading => {
    if (settled.kind === 'refused') return { kind: 'withheld', reason: settled.reason };
    const fit = fitting(settled, content?.message);
    const listed = listedCopy(context, exchange, policy, { text, content, waiting, copy: fit });
    if (typeof listed === 'string') return { kind: 'withheld', reason: listed };
    return { kind: 'read', bytes, decoded, copy: listed, batch: 0, ...content };
  };
  return copy instanceof Promise ? copy.then(together) : together(copy);
}

interface MaskedContent {
  readonly text: string;
  readonly content: MessageContent | undefined;
  readonly waiting: Waiting | undefined;
  readonly copy: Copy;
}

/** The copy as the tool ledger leaves it; a reason where that cannot be. */
export function listedCopy(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  { text, content, waiting, copy }: MaskedContent,
): ListedCopy | 'list_too_large' {
  const message = content?.message;
  if (message?.kind === 'response') {
    const listed = filterList(context, exchange, policy, { message, waiting, text, copy });
    if (typeof listed === 'string') return listed;
    const sealed = sealedAnswer(context, exchange, { message, waiting, text: () => listed.client ?? text });
    const discovered = { request: waiting?.request, message, text };
    const client = sealed ?? announcedTasks(context, exchange, discovered, listed.client);
    return client === undefined ? listed : { ...listed, client };
  }
  return content !== undefined && content.batch > 0 ? filterBatch(context, exchange, policy, { text, copy }) : copy;
}

function answeredBy(exchange: Exchange, message: JsonRpcMessage | undefined): Waiting | undefined {
  return message?.kind === 'response' ? waitingFor(exchange, message) : undefined;
}

/** Error pages and the `Accepted` of HTTP+SSE are texts that clients do not take for a message. */
function mayBeText({ statusCode = 0 }: IncomingMessage, length: number): boolean {
  return length === 0 || statusCode >= 400 || statusCode === 202;
}

export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** The record of an answer, without its HTTP facts. */
export function answerDraft(context: CallContext, exchange: Exchange, { message, copy, batch }: ReadAnswer): Draft {
  if (message !== undefined) return singleDraft(context, exchange, message, copy);
  const draft = baseDraft(exchange, batch > 0 ? 'mcp.response' : 'http.exchange', 's2c');
  if (copy.body !== '') addCopy(draft, copy);
  if (batch > 0) draft.detail = { batch };
  addListFacts(draft, copy);
  return draft;
}

/** What the client may get where masking broke the result. */
export function fitting<Text>(copy: CopyOf<Text>, message: JsonRpcMessage | undefined): CopyOf<Text | string> {
  if (copy.isUnfit !== true || message?.kind !== 'response') return copy;
  return { ...copy, client: unfitResult(message.id, copy.mask) };
}

function singleDraft(context: CallContext, exchange: Exchange, message: JsonRpcMessage, copy: AnyListedCopy): Draft {
  const draft = messageDraft(context, exchange, message, copy);
  draft.dir = 's2c';
  if (message.kind !== 'response') return draft;
  addResponseFacts(context, exchange, draft, { message, copy, waiting: waitingFor(exchange, message) });
  return draft;
}

interface Answered {
  readonly message: JsonRpcResponse;
  readonly copy: AnyListedCopy;
  readonly waiting: Waiting | undefined;
}

/** What an answer's record says beyond the message, whichever way the answer came. */
export function addResponseFacts(
  context: CallContext,
  exchange: Exchange,
  draft: Draft,
  { message, copy, waiting }: Answered,
): void {
  addAnswerFacts(context, draft, waiting);
  noteTask(context, exchange, message);
  if (waiting?.request.method === 'tools/list') {
    context.schemas.learn(exchange.session, message.result);
    context.hints.learn(message.result);
  }
  if (copy.isUnfit === true) {
    draft.outcome = 'withheld';
    draft.detail = { reason: 'output_schema' };
  }
  addListFacts(draft, copy);
  const error = errorType(message);
  if (error !== undefined) draft.error_type = error;
}

/** The request that this answers. A server that could not read an id answers null; that is then the only request's. */
function waitingFor({ waiting }: Exchange, { id }: JsonRpcResponse): Waiting | undefined {
  if (id !== null) return waiting.get(jsonRpcIdText(id));
  return waiting.size === 1 ? waiting.values().next().value : undefined;
}

/** OpenTelemetry's `error.type`: the JSON-RPC code, or `tool_error` for a tool's own. */
export function errorType(message: JsonRpcMessage): string | undefined {
  if (message.kind !== 'response') return undefined;
  if (message.error !== undefined) return String(message.error.code ?? 'unknown');
  return message.result['isError'] === true ? 'tool_error' : undefined;
}
