/** Step 8 for answers in one piece: JSON, an error page, or nothing. */
import type { IncomingMessage } from 'node:http';
import { jsonRpcError, type JsonRpcMessage } from '@tachograph/protocol';
import { describeError } from '@tachograph/service';
import { endInSlices } from '../end-in-slices.ts';
import { collectAnswer, type AnswerBody } from './answer-body.ts';
import { sendHead } from './answer-head.ts';
import { endedSession, openAnsweredSession } from './answer-session.ts';
import { sendJson, sendRefusal } from './answer.ts';
import { addAnswerFacts, baseDraft, elapsedMs, type AnyCopy } from './drafts.ts';
import { onlyId, type Draft, type Exchange } from './exchange.ts';
import type { CallContext } from './ports.ts';
import { endEventStream, isOwnEventStream } from './own-event-stream.ts';
import { driftDrafts } from './list-answer.ts';
import { answerDraft, readAnswer, type ReadAnswer } from './read-answer.ts';
import { durable, recordOutcome } from './record.ts';
import { answerCodes, refusals } from './refusals.ts';
import { wireForm } from './wire-form.ts';

export function respondWhole(context: CallContext, exchange: Exchange, answer: IncomingMessage): void {
  const { res } = exchange;
  const seat = context.answers.enter(answer);
  if (res.destroyed) seat.leave();
  else res.once('close', () => seat.leave());
  const done = (body: AnswerBody): void => {
    take(context, exchange, answer, body)
      .catch((error: unknown) => {
        context.log.error('answer lost', { err: describeError(error) });
        res.destroy();
      })
      .finally(() => seat.answered());
  };
  collectAnswer(answer, context.settings.maxBodyBytes, done, seat);
}

async function take(
  context: CallContext,
  exchange: Exchange,
  answer: IncomingMessage,
  body: AnswerBody,
): Promise<void> {
  if (body.kind === 'aborted') return aborted(context, exchange);
  if (exchange.session === undefined && exchange.waiting.size > 0) await openAnsweredSession(context, exchange, answer);
  if (body.kind === 'too_large') return withhold(context, exchange, { answer, reason: 'too_large' });
  const reading = readAnswer(context, exchange, answer, body.bytes);
  const read = reading instanceof Promise ? await reading : reading;
  if (read.kind === 'withheld')
    return withhold(context, exchange, {
      answer,
      reason: read.reason,
      hmac: read.hmac ?? context.recorder.digest(body.bytes),
    });
  const drafts = [completeDraft(context, exchange, answer, read), ...driftDrafts(context, exchange, read.copy)];
  exchange.ended = true;
  if (!(await durable(context, drafts))) return sendRefusal(exchange.res, 'recorder', undefined, onlyId(exchange));
  await endSession(context, exchange, answer);
  return release(context, exchange, answer, read);
}

function completeDraft(context: CallContext, exchange: Exchange, answer: IncomingMessage, read: ReadAnswer): Draft {
  const draft = answerDraft(context, exchange, read);
  const status = answer.statusCode ?? 0;
  const { length } = read.bytes;
  if (length > 0) draft.raw_hmac = read.hmac ?? context.recorder.digest(read.bytes);
  draft.http = { status, response_bytes: length, duration_ms: elapsedMs(context, exchange.startedNs) };
  // Over HTTP+SSE a 202 says that the answer comes on the session's stream: the request stays open.
  const later = exchange.answeredElsewhere && status === 202 && exchange.waiting.size > 0;
  if (!later) forgetElsewhere(context, exchange);
  if (!later && draft.kind === 'http.exchange') draft.outcome = 'answered';
  return draft;
}

/** No answer will come on the session's stream. */
export function forgetElsewhere(
  { sessions }: CallContext,
  { mcpSessionId, waiting, answeredElsewhere }: Exchange,
): void {
  if (!answeredElsewhere || mcpSessionId === undefined) return;
  for (const id of waiting.keys()) sessions.answered(mcpSessionId, id);
}

function release(
  context: CallContext,
  exchange: Exchange,
  answer: IncomingMessage,
  { copy, bytes, decoded, message }: ReadAnswer,
): void {
  const { res } = exchange;
  if (res.destroyed) return;
  const client = toBody(copy.client);
  context.tally.add(client === undefined ? 'answered' : 'masked');
  if (isOwnEventStream(res))
    return endEventStream(res, eventText(exchange, answer, { message, text: (client ?? bytes).toString() }));
  // The record's text is that of the bytes only where it hides nothing.
  const out = client ?? (copy.mask.hits === 0 && typeof copy.body === 'string' ? wireForm(bytes, copy.body) : bytes);
  const length = client === undefined ? bytes.length : Buffer.byteLength(client);
  sendHead(res, answer, length === 0 ? {} : { length, decoded });
  endInSlices(res, out);
}

function toBody(client: AnyCopy['client']): Buffer | string | undefined {
  if (typeof client !== 'object') return client;
  const { buffer, byteOffset, length } = client.bytes;
  return Buffer.from(buffer, byteOffset, length);
}

interface AnswerEvent {
  readonly message: JsonRpcMessage | undefined;
  readonly text: string;
}

/** A held call's answer comes as an event: its status is lost, so what is no answer to the call becomes an error. */
function eventText(exchange: Exchange, { statusCode = 0 }: IncomingMessage, { message, text }: AnswerEvent): string {
  const id = onlyId(exchange);
  if (message?.kind === 'response' && message.id === id) return text;
  return jsonRpcError(id, refusals.upstream.code, `the MCP server answered with HTTP status ${statusCode}`);
}

async function endSession(context: CallContext, exchange: Exchange, answer: IncomingMessage): Promise<void> {
  const reason = endedSession(exchange, answer.statusCode ?? 0);
  if (reason === undefined || exchange.session === undefined || exchange.mcpSessionId === undefined) return;
  context.sessions.forget(exchange.mcpSessionId);
  await context.recorder.closeSession(exchange.session, reason);
}

function aborted(context: CallContext, exchange: Exchange): void {
  if (exchange.res.destroyed) {
    context.tally.add('disconnected');
    return recordOutcome(context, exchange, exchange.modern ? 'cancelled' : 'disconnected');
  }
  context.tally.add('upstream_error');
  recordOutcome(context, exchange, 'upstream_error', { reason: 'answer_incomplete' });
  return sendRefusal(exchange.res, 'upstream', 'its answer broke off', onlyId(exchange));
}

interface Withheld {
  readonly answer: IncomingMessage;
  readonly reason: string;
  /** Keyed digest of its bytes. */
  readonly hmac?: string;
}

/** What could not be inspected does not pass: the client gets an error with its id, the record says why. */
async function withhold(context: CallContext, exchange: Exchange, { answer, reason, hmac }: Withheld): Promise<void> {
  context.tally.add('withheld');
  const draft = baseDraft(exchange, exchange.waiting.size > 0 ? 'mcp.response' : 'http.exchange', 's2c');
  draft.outcome = 'withheld';
  draft.detail = { reason };
  draft.http = { status: answer.statusCode ?? 0, duration_ms: elapsedMs(context, exchange.startedNs) };
  const [first] = exchange.waiting.values();
  addAnswerFacts(context, draft, first);
  if (hmac !== undefined) draft.raw_hmac = hmac;
  forgetElsewhere(context, exchange);
  exchange.ended = true;
  if (!(await durable(context, [draft]))) return sendRefusal(exchange.res, 'recorder', undefined, onlyId(exchange));
  const text = jsonRpcError(onlyId(exchange), answerCodes.withheld, withheldMessage(reason));
  return sendJson(exchange.res, exchange.waiting.size > 0 ? 200 : 502, text);
}

/** What a client reads in place of an answer that was withheld. */
export function withheldMessage(reason: string): string {
  return `the server's answer was withheld, because it cannot be inspected (${reason})`;
}
