/**
 * The life of a call (`architecture.md`), in order: listen, parse, identify, judge, mask and record, hold, forward,
 * respond. Identity is checked between the head and the body, so that nobody unknown makes us keep bytes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeError } from '@tachograph/service';
import { relayLogin } from '../auth-proxy/relay-login.ts';
import type { Seat } from './answer-room.ts';
import { sendRefusal } from './answer.ts';
import { callMessages, refuseUnmasked, takeSession } from './call-messages.ts';
import { challenge } from './challenge.ts';
import { missingCredential } from './credential.ts';
import { callerText, openExchange, type Exchange } from './exchange.ts';
import { mayResume } from './foreign-handles.ts';
import { forward } from './forward.ts';
import { answerResume, isHoldResume } from './hold-resume.ts';
import { identify, identityMode } from './identify.ts';
import { isLongBody, readLongBody, type ReadBody } from './long-body.ts';
import { passAnonymous } from './pass-anonymous.ts';
import { inspectedBytes, passThrough } from './pass-through.ts';
import { collectBody, hidingEncoding, parseBody, type CollectedBody } from './parse-body.ts';
import { parseHead, type Head } from './parse-head.ts';
import type { CallContext, Entry, PolicyInForce, TokenVerdict } from './ports.ts';
import {
  countRefusal,
  durable,
  exchangeDraft,
  recordOutcome,
  refuse,
  refuseStranger,
  refuseUnrecorded,
} from './record.ts';
import { answerWellKnown } from './resource-metadata.ts';

/** Takes one request through the steps. Never throws; every path answers or closes. */
export function handleRequest(context: CallContext, entry: Entry, req: IncomingMessage, res: ServerResponse): void {
  // A client that leaves while it is being written to is no fault of ours.
  res.on('error', ignore);
  const exchange = openExchange(entry, req, res, context.clock.monotonicNs());
  run(context, exchange).catch((error: unknown) => {
    context.log.error('call failed', { exchange: exchange.number, err: describeError(error) });
    // A session that cannot be opened fails here, for the recorder's reason.
    const refusal = context.recorder.refusal();
    if (!exchange.ended) countRefusal(context, exchange, refusal ?? 'internal');
    if (res.headersSent) res.destroy();
    else sendRefusal(res, refusal === undefined ? 'internal' : 'recorder', refusal);
  });
}

function ignore(): void {}

async function run(context: CallContext, exchange: Exchange): Promise<void> {
  exchange.identity = identityMode(context);
  const head = parseHead(exchange, context);
  if (head.kind === 'refused') return refuseStranger(context, exchange, head.reason);
  if (head.kind === 'nonce') return void exchange.res.writeHead(200, { 'content-type': 'text/plain' }).end(head.nonce);
  if (head.kind === 'well-known') return answerWellKnown(context, exchange);
  if (head.kind === 'login') return relayLogin(context, exchange, head);
  const policy = usablePolicy(context, exchange);
  if (policy === undefined) return undefined;
  exchange.upstream = policy.upstream;
  if (head.kind === 'anonymous') return passAnonymous(context, exchange, policy, head.why);
  if (exchange.identity === 'checked') {
    const verdict = identify(context, exchange);
    const isKnown = takeCaller(context, exchange, verdict instanceof Promise ? await verdict : verdict);
    if (!isKnown) return undefined;
  }
  return identified(context, exchange, policy, head);
}

/** False: the caller was answered. */
function takeCaller(context: CallContext, exchange: Exchange, verdict: TokenVerdict): boolean {
  if (verdict.kind === 'known') {
    exchange.principal = verdict.principal;
    exchange.names = verdict.names ?? [];
    return true;
  }
  if (verdict.kind === 'refused') challenge(context, exchange, verdict.reason);
  else refuseStranger(context, exchange, 'identity', verdict.reason);
  return false;
}

/** Promise 3: what cannot be recorded, judged or identified is refused, with the reason. */
function usablePolicy(context: CallContext, exchange: Exchange): PolicyInForce | undefined {
  const { recorder, tokens } = context;
  const refusal = recorder.refusal();
  const policy = context.policy.current();
  const canIdentify = exchange.identity !== 'checked' || tokens.unavailable() === undefined;
  if (refusal === undefined && policy !== undefined && canIdentify) return policy;
  const missing = refusal !== undefined ? 'recorder' : policy === undefined ? 'policy' : 'identity';
  refuseStranger(context, exchange, missing, refusal);
  return undefined;
}

type IdentifiedHead = Extract<Head, { kind: 'bodyless' | 'body' | 'listed' }>;

function identified(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  head: IdentifiedHead,
): Promise<void> {
  const missing = missingCredential(context, exchange);
  if (missing !== undefined) return refuse(context, exchange, 'credential', missing);
  if (head.kind === 'bodyless') return forwardBodyless(context, exchange, policy);
  if (head.kind === 'listed') return passThrough(context, exchange, policy, {});
  return takeBody(context, exchange, policy, head);
}

async function takeBody(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  { onMcpPath, listed }: Extract<Head, { kind: 'body' }>,
): Promise<void> {
  const { maxBodyBytes: maxBytes } = context.settings;
  const streams = listed && !onMcpPath && hidingEncoding(exchange.req) === undefined;
  let seat: Seat | undefined;
  const enter = (): Seat => (seat = enterRoom(context, exchange));
  const limits = streams ? { maxBytes, streamFromBytes: inspectedBytes } : { maxBytes };
  const collected = await collectBody(exchange.req, limits, enter);
  const taken = takeCollected(context, exchange, policy, { collected, onMcpPath, listed });
  return seat === undefined ? taken : taken.finally(() => seat?.answered());
}

/** Its bytes count until the exchange is over. */
function enterRoom({ requests }: CallContext, { req, res }: Exchange): Seat {
  const seat = requests.enter(req);
  if (res.destroyed) seat.leave();
  else res.once('close', () => seat.leave());
  return seat;
}

interface Collected extends Omit<WholeBody, 'bytes'> {
  readonly collected: CollectedBody;
}

async function takeCollected(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  { collected, onMcpPath, listed }: Collected,
): Promise<void> {
  switch (collected.kind) {
    case 'collected':
      return takeWholeBody(context, exchange, policy, { bytes: collected.bytes, onMcpPath, listed });
    case 'streaming':
      return passThrough(context, exchange, policy, { head: collected.head });
    case 'refused':
      return refuse(context, exchange, collected.reason);
    case 'aborted':
      return recordOutcome(context, exchange, 'disconnected', { reason: 'half_request' });
  }
}

interface WholeBody {
  readonly bytes: Buffer;
  readonly onMcpPath: boolean;
  readonly listed: boolean;
}

function takeWholeBody(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  whole: WholeBody,
): Promise<void> {
  const { bytes } = whole;
  if (isLongBody(bytes, exchange.req)) return takeLongBody(context, exchange, policy, whole);
  return takeBodyRead(context, exchange, policy, { ...whole, read: { ...parseBody(bytes, exchange.req), bytes } });
}

async function takeLongBody(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  whole: WholeBody,
): Promise<void> {
  const read = await readLongBody(context, exchange, policy, whole.bytes);
  return takeBodyRead(context, exchange, policy, { ...whole, read });
}

function takeBodyRead(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  { read, onMcpPath, listed }: Omit<WholeBody, 'bytes'> & { readonly read: ReadBody },
): Promise<void> {
  if (read.kind === 'mcp') return callMessages(context, exchange, policy, read);
  if (read.kind === 'long') {
    const { body: bytes, parsed } = read;
    return callMessages(context, exchange, policy, { bytes, text: parsed.text, messages: [parsed], batch: false });
  }
  if (read.kind === 'unread') return refuseUnmasked(context, exchange, read.reason);
  if (read.kind === 'refused') return refuse(context, exchange, read.reason, read.detail);
  if (listed) return passThrough(context, exchange, policy, { body: read.bytes });
  return refuse(context, exchange, onMcpPath ? 'jsonrpc' : 'not_mcp');
}

/** GET for a stream, DELETE of a session. */
async function forwardBodyless(context: CallContext, exchange: Exchange, policy: PolicyInForce): Promise<void> {
  if (!takeSession(context, exchange)) return refuse(context, exchange, 'session_owner');
  const { sessions, recorder, holds } = context;
  if (exchange.method === 'DELETE' && exchange.mcpSessionId !== undefined)
    holds.cancelSession(callerText(exchange.principal), exchange.mcpSessionId, 'session_deleted');
  if (isHoldResume(exchange)) return answerResume(context, exchange, policy);
  if (!mayResume(context, exchange)) return refuse(context, exchange, 'handle');
  exchange.replay = exchange.req.headers['last-event-id'] !== undefined;
  if (exchange.mcpSessionId !== undefined) {
    exchange.session = await sessions.open(recorder, exchange, sessions.client(exchange, undefined));
  }
  return recordAndForward(context, exchange, policy);
}

async function recordAndForward(context: CallContext, exchange: Exchange, policy: PolicyInForce): Promise<void> {
  if (!(await durable(context, [exchangeDraft(context, exchange, policy)]))) return refuseUnrecorded(context, exchange);
  if (exchange.res.destroyed) return recordOutcome(context, exchange, 'disconnected');
  return forward(context, exchange, {});
}
