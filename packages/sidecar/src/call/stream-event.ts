/** One event of a stream: what is recorded, and what the client gets. */
import {
  jsonRpcIdText,
  withSseData,
  type JsonRpcMessage,
  type JsonRpcResponse,
  type SseEvent,
} from '@tachograph/protocol';
import { longMessage } from '../masking/long-message.ts';
import { contentOf, type MessageContent } from '../masking/message-content.ts';
import { baseDraft, messageDraft, toTextCopy } from './drafts.ts';
import type { Draft, Exchange, Waiting } from './exchange.ts';
import { addListFacts, driftDrafts, recallList, type ListedCopy } from './list-answer.ts';
import { maskMessage, type MaskedMessage } from './mask.ts';
import { answerContext } from './message-context.ts';
import type { CallContext, PolicyInForce } from './ports.ts';
import { holdsValue } from '../upstream/hide-values.ts';
import { addResponseFacts, fitting, listedCopy, parseJson } from './read-answer.ts';

export type EventReading =
  | { readonly kind: 'released'; readonly out: Uint8Array | string; readonly drafts: readonly Draft[] }
  | { readonly kind: 'withheld'; readonly reason: string; readonly drafts: readonly Draft[] };

/** A long message is parsed and masked in another thread; then this is a promise. */
export function readEvent(
  context: CallContext,
  exchange: Exchange,
  event: SseEvent,
): EventReading | Promise<EventReading> {
  if (event.id !== undefined && event.id !== '') context.eventIds.give(event.id, exchange.principal);
  const policy = context.policy.current();
  if (policy === undefined) return withheld(context, exchange, event, 'policy');
  if (!event.valid) return withheld(context, exchange, event, 'not_utf8');
  if (isTelling(context, event)) return withheld(context, exchange, event, 'credential');
  const { data } = event;
  if (data === undefined || data === '') return bare(context, exchange, event, policy);
  if (event.event === 'endpoint') return endpoint(context, exchange, event, policy);
  if (!isPlainName(context, policy, event.event)) return withheld(context, exchange, event, 'event_name');
  return message(context, exchange, { event, data, policy });
}

function isPlainName(context: CallContext, { masker }: PolicyInForce, name: string | undefined): boolean {
  return name === undefined || context.masks.short(masker, name) === name;
}

/** Names, ids and endpoints pass as they are: not those that hold the credential towards the server. */
function isTelling({ credentials }: CallContext, { event, id, data }: SseEvent): boolean {
  const values = credentials.values();
  if (values.length === 0) return false;
  const plain = event === 'endpoint' ? (data ?? '') : '';
  return holdsValue(`${event ?? ''}\n${id ?? ''}\n${plain}`, values);
}

function withheld(context: CallContext, exchange: Exchange, event: SseEvent, reason: string): EventReading {
  const draft = baseDraft(exchange, 'mcp.stream_chunk', 's2c');
  draft.outcome = 'withheld';
  draft.detail = { reason, bytes: event.raw.length };
  draft.raw_hmac = context.recorder.digest(event.raw);
  return { kind: 'withheld', reason, drafts: [draft] };
}

/** Priming events, keep-alives, stray blank lines: passed byte for byte, comments only if they hold nothing to mask. */
function bare(context: CallContext, exchange: Exchange, event: SseEvent, policy: PolicyInForce): EventReading {
  const says = event.comments.length > 0 || event.id !== undefined || event.data !== undefined;
  if (!says) return { kind: 'released', out: event.raw, drafts: [] };
  const draft = baseDraft(exchange, 'mcp.stream_chunk', 's2c');
  draft.sse = toSse(context, exchange, event, policy);
  const comment = event.comments.join('\n');
  const masked = comment === '' ? '' : context.masks.short(policy.masker, comment);
  if (masked !== '') draft.body = masked;
  const out = masked === comment ? event.raw : withSseData(event, '', false);
  return { kind: 'released', out, drafts: [draft] };
}

/** Where an HTTP+SSE client must POST. Its session id is as good as a secret: the record has its digest. */
function endpoint(context: CallContext, exchange: Exchange, event: SseEvent, policy: PolicyInForce): EventReading {
  const draft = baseDraft(exchange, 'mcp.stream_chunk', 's2c');
  draft.sse = { event: 'endpoint' };
  draft.body = context.masks.short(policy.masker, (event.data ?? '').replace(/\?.*$/s, ''));
  if (exchange.mcpSessionId !== undefined)
    draft.mcp_session_id_hmac = context.sessions.digest(context.recorder, exchange.mcpSessionId);
  return { kind: 'released', out: event.raw, drafts: [draft] };
}

interface DataEvent {
  readonly event: SseEvent;
  readonly data: string;
  readonly policy: PolicyInForce;
}

function message(context: CallContext, exchange: Exchange, one: DataEvent): EventReading | Promise<EventReading> {
  const recalled = recallList(context, exchange, one.policy, one.data);
  if (recalled !== undefined) {
    return released(context, exchange, {
      event: one.event,
      parsed: recalled.message,
      policy: one.policy,
      copy: { ...recalled.copy, ...toTextCopy(recalled.copy) },
    });
  }
  if (one.data.length > longMessage) return longEvent(context, exchange, one);
  const json = parseJson(one.data);
  return maskEvent(context, exchange, one, json && contentOf(json.value));
}

async function longEvent(context: CallContext, exchange: Exchange, one: DataEvent): Promise<EventReading> {
  const parsed = await one.policy.masker.readLong(one.data);
  if (parsed.kind === 'refused') return withheld(context, exchange, one.event, parsed.reason);
  return maskEvent(context, exchange, one, parsed.content);
}

function maskEvent(
  context: CallContext,
  exchange: Exchange,
  { event, data, policy }: DataEvent,
  content: MessageContent | undefined,
): EventReading | Promise<EventReading> {
  if (content === undefined) return withheld(context, exchange, event, 'not_json');
  const { message: parsed } = content;
  const waiting = parsed?.kind === 'response' ? answeredBy(context, exchange, parsed) : undefined;
  const copy = maskMessage(policy.masker, data, answerContext(context.schemas, exchange, waiting));
  const together = (settled: MaskedMessage): EventReading => {
    if (settled.kind === 'refused') return withheld(context, exchange, event, settled.reason);
    const fit = fitting(settled, parsed);
    const listed = listedCopy(context, exchange, policy, { text: data, content, waiting, copy: fit });
    if (typeof listed === 'string') return withheld(context, exchange, event, listed);
    return released(context, exchange, { event, parsed, policy, copy: listed });
  };
  return copy instanceof Promise ? copy.then(together) : together(copy);
}

function answeredBy(
  { sessions }: CallContext,
  { waiting, mcpSessionId }: Exchange,
  { id }: JsonRpcResponse,
): Waiting | undefined {
  if (id === null) return undefined;
  const text = jsonRpcIdText(id);
  return waiting.get(text) ?? (mcpSessionId === undefined ? undefined : sessions.waitingFor(mcpSessionId, text));
}

interface ReadEvent {
  readonly event: SseEvent;
  readonly parsed: JsonRpcMessage | undefined;
  readonly policy: PolicyInForce;
  readonly copy: ListedCopy;
}

function released(context: CallContext, exchange: Exchange, { event, parsed, policy, copy }: ReadEvent): EventReading {
  exchange.tail = copy.tail;
  const draft = dataDraft(context, exchange, parsed, copy);
  const sse = toSse(context, exchange, event, policy);
  if (Object.keys(sse).length > 0) draft.sse = sse;
  draft.raw_hmac = context.recorder.digest(event.raw);
  const { client } = copy;
  const plain = event.comments.length === 0 || isPlainName(context, policy, event.comments.join('\n'));
  const out = client === undefined && plain ? event.raw : withSseData(event, client ?? event.data ?? '', plain);
  if (client !== undefined) context.tally.add('masked');
  return { kind: 'released', out, drafts: [draft, ...driftDrafts(context, exchange, copy)] };
}

function dataDraft(
  context: CallContext,
  exchange: Exchange,
  parsed: JsonRpcMessage | undefined,
  copy: ListedCopy,
): Draft {
  if (parsed === undefined) {
    const draft = baseDraft(exchange, 'mcp.stream_chunk', 's2c');
    draft.mask = copy.mask;
    draft.body = copy.body;
    addListFacts(draft, copy);
    return draft;
  }
  const draft = messageDraft(context, exchange, parsed, copy);
  draft.dir = 's2c';
  if (parsed.kind !== 'response') return draft;
  const waiting = parsed.id === null ? undefined : takeWaiting(context, exchange, jsonRpcIdText(parsed.id));
  addResponseFacts(context, exchange, draft, { message: parsed, copy, waiting });
  return draft;
}

/** The request of this exchange, or of another one of the session. */
function takeWaiting(context: CallContext, exchange: Exchange, id: string): Waiting | undefined {
  const own = exchange.waiting.get(id);
  if (own !== undefined) {
    exchange.waiting.delete(id);
    return own;
  }
  return exchange.mcpSessionId === undefined ? undefined : context.sessions.answered(exchange.mcpSessionId, id);
}

function toSse(
  context: CallContext,
  exchange: Exchange,
  event: SseEvent,
  { masker }: PolicyInForce,
): NonNullable<Draft['sse']> {
  return {
    ...(event.event === undefined || event.event === 'message'
      ? {}
      : { event: context.masks.short(masker, event.event) }),
    ...(event.id === undefined ? {} : { id: context.masks.id(masker, event.id) }),
    ...(exchange.replay ? { replay: true as const } : {}),
    ...(event.data === undefined && event.id === undefined ? { comment_only: true as const } : {}),
  };
}
