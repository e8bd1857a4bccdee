/** What a client gets while its call is held: a head within a second, and signs of life that reset its clock (`mcp.md` §4). */
import { isJsonObject, sseMessage, type JsonRpcRequest } from '@tachograph/protocol';
import type { Cancel } from '../record/timers.ts';
import { baseDraft } from './drafts.ts';
import type { Exchange } from './exchange.ts';
import { resumeEvent, type HoldPhase } from './hold-resume.ts';
import { openEventStream, takesEventStream } from './own-event-stream.ts';
import type { CallContext } from './ports.ts';
import { durable } from './record.ts';

export interface HoldStream {
  /** What the next signs of life say. */
  say(message: string): void;
  /** No more of them. A head that has been sent remains. */
  stop(): void;
  /** From now on the call runs: a client that loses its stream must not be told that it only waited. */
  release(): void;
}

/** Before clients and the proxies between begin to wonder. */
const headAfterMs = 700;
const signEveryMs = 10_000;
/** The server's own progress of the same call comes later and must be higher. */
const progressStep = 1e-6;

const silent: HoldStream = { say: () => undefined, stop: () => undefined, release: () => undefined };

/** The request must be recorded already. Clients that take no stream wait in silence. */
export function startHoldStream(context: CallContext, exchange: Exchange, request: JsonRpcRequest): HoldStream {
  if (exchange.answeredElsewhere || !takesEventStream(exchange.req)) return silent;
  return new OpenHoldStream(context, exchange, request);
}

class OpenHoldStream implements HoldStream {
  private readonly context: CallContext;
  private readonly exchange: Exchange;
  private readonly request: JsonRpcRequest;
  private readonly token: string | number | undefined;
  private readonly timers: Cancel[];
  private message: string | undefined;
  private signs = 0;
  private stopped = false;

  constructor(context: CallContext, exchange: Exchange, request: JsonRpcRequest) {
    this.context = context;
    this.exchange = exchange;
    this.request = request;
    this.token = progressToken(request);
    const passedMs = (context.clock.monotonicNs() - exchange.startedNs) / 1e6;
    this.timers = [
      context.timers.after(Math.max(0, headAfterMs - passedMs), () => this.open()),
      context.timers.every(signEveryMs, () => this.sign()),
    ];
  }

  say(message: string): void {
    const isFirst = this.message === undefined;
    this.message = message;
    if (isFirst && this.exchange.res.headersSent) void this.progress();
  }

  stop(): void {
    this.stopped = true;
    for (const cancel of this.timers) cancel();
  }

  release(): void {
    this.stop();
    if (this.exchange.res.headersSent) this.mark('runs');
  }

  private mark(phase: HoldPhase): void {
    const event = resumeEvent(this.exchange, this.request, phase);
    if (event !== undefined) this.exchange.res.write(event);
  }

  private open(): void {
    if (this.stopped || this.exchange.res.destroyed) return;
    openEventStream(this.exchange.res);
    this.mark('held');
    void this.progress();
  }

  private sign(): void {
    const { res } = this.exchange;
    if (this.stopped || res.destroyed || !res.headersSent) return;
    res.write(': held for approval\n\n');
    void this.progress();
  }

  /** Recorded before it is sent, as every message; one that cannot be is left out. */
  private async progress(): Promise<void> {
    const { context, exchange, token, message } = this;
    if (token === undefined || message === undefined) return;
    this.signs += 1;
    const params = { progressToken: token, progress: this.signs * progressStep, message };
    const text = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params });
    const draft = baseDraft(exchange, 'mcp.notification', 's2c');
    draft.mcp_method_name = 'notifications/progress';
    draft.body = this.recorded(text);
    draft.detail = { from: 'sidecar' };
    if (!(await durable(context, [draft])) || this.stopped || exchange.res.destroyed) return;
    exchange.res.write(sseMessage(text));
  }

  /** The token is the client's, and may be anything. */
  private recorded(text: string): string {
    const policy = this.context.policy.current();
    return policy === undefined ? '' : this.context.masks.short(policy.masker, text);
  }
}

function progressToken({ params }: JsonRpcRequest): string | number | undefined {
  const meta = params['_meta'];
  const token = isJsonObject(meta) ? meta['progressToken'] : undefined;
  return typeof token === 'string' || typeof token === 'number' ? token : undefined;
}
