/** WebSockets: only on listed paths, identified, recorded with their byte counts, never inspected (`contracts.md`). */
import { ServerResponse, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { describeError } from '@tachograph/service';
import { challenge } from './challenge.ts';
import { credentialFor } from './credential.ts';
import { openExchange, type Exchange } from './exchange.ts';
import { identify, identityMode } from './identify.ts';
import { isListed, parseHead, type Head } from './parse-head.ts';
import type { CallContext, Entry, PolicyInForce } from './ports.ts';
import type { RefusalName } from './refusals.ts';
import { durable, exchangeDraft, recordOutcome, refuse, refuseStranger } from './record.ts';
import { sendRefusal } from './answer.ts';

export interface UpgradeRequest {
  readonly req: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

export function handleUpgrade(context: CallContext, entry: Entry, { req, socket, head }: UpgradeRequest): void {
  socket.on('error', () => undefined);
  // Node hands over the bare socket; refusals are written as ordinary answers.
  const res = new ServerResponse(req);
  if (socket instanceof Socket) res.assignSocket(socket);
  res.shouldKeepAlive = false;
  res.once('finish', () => socket.end());
  const exchange = openExchange(entry, req, res, context.clock.monotonicNs());
  run(context, exchange, socket, head).catch((error: unknown) => {
    context.log.error('upgrade failed', { err: describeError(error) });
    socket.destroy();
  });
}

async function run(context: CallContext, exchange: Exchange, socket: Duplex, head: Buffer): Promise<void> {
  const { settings } = context;
  exchange.identity = identityMode(context);
  const reason = headRefusal(parseHead(exchange, context));
  if (reason !== undefined) return refuseStranger(context, exchange, reason);
  const policy = context.policy.current();
  const refusal = context.recorder.refusal();
  if (refusal !== undefined) return refuseStranger(context, exchange, 'recorder', refusal);
  if (policy === undefined) return refuseStranger(context, exchange, 'policy');
  exchange.upstream = policy.upstream;
  if (exchange.identity === 'checked') {
    const verdict = await identify(context, exchange);
    if (verdict.kind === 'refused') return challenge(context, exchange, verdict.reason);
    if (verdict.kind === 'unavailable') return refuseStranger(context, exchange, 'identity', verdict.reason);
    exchange.principal = verdict.principal;
  }
  if (!isListed(exchange.method, exchange.path, settings.passthrough)) return refuse(context, exchange, 'upgrade');
  return open(context, exchange, policy, { socket, head });
}

/** A WebSocket is neither a message nor a GET; that alone is no reason. The auth server has none. */
function headRefusal(head: Head): RefusalName | undefined {
  if (head.kind === 'login') return 'upgrade';
  return head.kind === 'refused' && head.reason !== 'accept' && head.reason !== 'not_mcp' ? head.reason : undefined;
}

interface Opening {
  readonly socket: Duplex;
  readonly head: Buffer;
}

async function open(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  { socket, head }: Opening,
): Promise<void> {
  const credential = credentialFor(context, exchange, true);
  if (typeof credential === 'string') return refuse(context, exchange, 'credential', credential);
  const draft = exchangeDraft(context, exchange, policy);
  draft.detail = { upgrade: 'websocket' };
  draft.mask = { rules: policy.masker.rulesHash, hits: 0, inspected: false };
  if (!(await durable(context, [draft]))) return sendRefusal(exchange.res, 'recorder');
  if (socket.destroyed) return recordOutcome(context, exchange, 'disconnected');
  const { res } = exchange;
  let opened: Duplex | undefined;
  socket.once('close', () =>
    recordOutcome(context, exchange, 'answered', { upgrade: 'websocket', ...countBytes(opened) }),
  );
  exchange.entry.forwarder.upgrade(exchange.req, socket, head, {
    target: exchange.target,
    keepAuthorization: exchange.identity !== 'checked',
    ...(credential === undefined ? {} : { credential }),
    onOpen(upstream) {
      if (socket instanceof Socket) res.detachSocket(socket);
      opened = upstream;
    },
    onRefused(status) {
      recordOutcome(context, exchange, 'upstream_error', { upgrade: 'refused', status });
      sendRefusal(res, 'upstream', `it answered ${status} instead of 101`);
    },
    onError() {
      recordOutcome(context, exchange, 'upstream_error', { upgrade: 'failed' });
      sendRefusal(res, 'upstream');
    },
  });
  return undefined;
}

function countBytes(upstream: Duplex | undefined): Record<string, number> {
  if (!(upstream instanceof Socket)) return {};
  return { request_bytes: upstream.bytesWritten, response_bytes: upstream.bytesRead };
}
