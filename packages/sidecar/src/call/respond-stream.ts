/** Step 8 for server-sent events: each event is masked, recorded, durable, and only then released, as it comes. */
import type { IncomingMessage } from 'node:http';
import { jsonRpcError, SseDecoder, sseMessage, type SseEvent } from '@tachograph/protocol';
import { describeError } from '@tachograph/service';
import { openAnsweredSession } from './answer-session.ts';
import { sendHead } from './answer-head.ts';
import { sendRefusal } from './answer.ts';
import { baseDraft, elapsedMs, outcomeDraft } from './drafts.ts';
import { callerText, onlyId, type Draft, type Exchange } from './exchange.ts';
import type { CallContext } from './ports.ts';
import { durable, recordOutcome } from './record.ts';
import { answerCodes } from './refusals.ts';
import { withheldMessage } from './respond-whole.ts';
import { endpointSession } from './sessions.ts';
import { readEvent, type EventReading } from './stream-event.ts';

export function relayStream(context: CallContext, exchange: Exchange, answer: IncomingMessage): void {
  new StreamRelay(context, exchange, answer).start();
}

/** Steps run one after another: an event never overtakes another, whatever its record costs. */
class StreamRelay {
  private readonly context: CallContext;
  private readonly exchange: Exchange;
  private readonly answer: IncomingMessage;
  private readonly coding: string | undefined;
  private readonly decoder = new SseDecoder();
  private steps: Promise<void> = Promise.resolve();
  private headSent = false;
  private bytes = 0;
  private events = 0;

  constructor(context: CallContext, exchange: Exchange, answer: IncomingMessage) {
    this.context = context;
    this.exchange = exchange;
    this.answer = answer;
    this.coding = answer.headers['content-encoding'];
    // A held call's stream has been opened already.
    this.headSent = exchange.res.headersSent;
  }

  start(): void {
    const { answer, exchange } = this;
    answer.on('data', (chunk: Buffer) => {
      answer.pause();
      this.next(async () => this.take(chunk));
    });
    answer.once('end', () => this.next(async () => this.finish()));
    answer.once('error', () => undefined);
    answer.once('close', () => {
      if (!answer.complete) this.next(async () => this.brokenOff());
    });
    exchange.res.once('close', () => this.clientLeft());
    // A fast server's first event comes with the head: then one record covers both.
    setImmediate(() => this.next(async () => this.openHead()));
  }

  private next(step: () => Promise<void>): void {
    this.steps = this.steps.then(step).catch((error: unknown) => {
      this.context.log.error('stream lost', { err: describeError(error) });
      this.exchange.res.destroy();
    });
  }

  private get over(): boolean {
    return this.exchange.ended || this.exchange.res.destroyed;
  }

  private async openHead(): Promise<void> {
    if (this.headSent || this.over) return;
    await this.openSession();
    const draft = baseDraft(this.exchange, 'http.exchange', 's2c');
    draft.http = { status: this.answer.statusCode ?? 0, duration_ms: elapsedMs(this.context, this.exchange.startedNs) };
    draft.detail = { stream: 'open' };
    if (await durable(this.context, [draft])) this.sendHead();
    else this.failClosed('recorder');
  }

  private async openSession(): Promise<void> {
    const { exchange } = this;
    if (exchange.session === undefined && exchange.waiting.size > 0) {
      await openAnsweredSession(this.context, exchange, this.answer);
    }
  }

  private sendHead(): void {
    const { res } = this.exchange;
    if (this.headSent || res.destroyed) return;
    this.headSent = true;
    sendHead(res, this.answer, { streamed: true });
    res.flushHeaders();
    if (this.exchange.method === 'GET' && this.exchange.session !== undefined) this.releaseHeads();
  }

  /** Such a stream may stay open for days, and a thousand others with it: what the heads said is in the records. */
  private releaseHeads(): void {
    for (const message of [this.exchange.req, this.answer]) {
      message.rawHeaders = [];
      message.headers = {};
    }
  }

  private async take(chunk: Buffer): Promise<void> {
    if (this.over) return;
    if (this.coding !== undefined && this.coding !== 'identity') return this.failClosed('content_encoding');
    await this.openSession();
    this.bytes += chunk.length;
    const events = this.decoder.push(chunk);
    if (events === 'overflow') return this.failClosed('event_too_large');
    const drafts: Draft[] = [];
    const out: (Uint8Array | string)[] = [];
    for (const event of events) await this.accept(event, drafts, out);
    if (drafts.length > 0 && !(await durable(this.context, drafts))) return this.failClosed('recorder');
    if (out.length > 0) await this.write(out);
    this.answer.resume();
    return undefined;
  }

  private async accept(event: SseEvent, drafts: Draft[], out: (Uint8Array | string)[]): Promise<void> {
    this.events += 1;
    if (event.event === 'endpoint' && event.data !== undefined) await this.openEndpoint(event.data);
    const read = readEvent(this.context, this.exchange, event);
    const reading = read instanceof Promise ? await read : read;
    drafts.push(...reading.drafts);
    this.describeFirst(drafts);
    const released = reading.kind === 'withheld' ? this.substitute(reading) : reading.out;
    if (released !== undefined) out.push(released);
  }

  /** While the head is unsent, the first record carries the status. */
  private describeFirst(drafts: readonly Draft[]): void {
    const [first] = drafts;
    if (this.headSent || first === undefined || first.http !== undefined) return;
    first.http = { status: this.answer.statusCode ?? 0, duration_ms: elapsedMs(this.context, this.exchange.startedNs) };
  }

  /** HTTP+SSE: the first event names the session. */
  private async openEndpoint(uri: string): Promise<void> {
    const { context, exchange } = this;
    if (exchange.session !== undefined) return;
    exchange.mcpSessionId = endpointSession(uri);
    context.sessions.issue(exchange.mcpSessionId, exchange.principal);
    exchange.session = await context.sessions.open(
      context.recorder,
      exchange,
      context.sessions.client(exchange, undefined),
    );
    this.attach(exchange.mcpSessionId);
  }

  /** The session's calls are answered here, the sidecar's own answers too; when it closes, nobody waits for them. */
  private attach(mcpSessionId: string): void {
    const { context, exchange } = this;
    const detach = context.streams.attach(mcpSessionId, (message) => {
      if (this.over) return false;
      this.next(async () => this.write([sseMessage(message)]));
      return true;
    });
    exchange.res.once('close', () => {
      detach();
      context.holds.cancelSession(callerText(exchange.principal), mcpSessionId, 'client_left');
    });
  }

  /** A client that waits for one answer on this stream gets an error in its place. */
  private substitute({ reason }: Extract<EventReading, { kind: 'withheld' }>): string | undefined {
    this.context.tally.add('withheld');
    const { waiting } = this.exchange;
    const [first] = waiting.values();
    if (waiting.size !== 1 || first === undefined) return undefined;
    waiting.clear();
    return sseMessage(jsonRpcError(first.request.id, answerCodes.withheld, withheldMessage(reason)));
  }

  private async write(out: readonly (Uint8Array | string)[]): Promise<void> {
    const { res } = this.exchange;
    if (this.over) return;
    this.sendHead();
    let flows = true;
    for (const part of out) flows = res.write(part);
    if (!flows) await drained(this.exchange);
  }

  /** The application ended the stream. An event without its blank line is dropped, as clients do, but recorded. */
  private async finish(): Promise<void> {
    if (this.over) return;
    const drafts = [...this.unfinishedEvent(), ...this.unanswered()];
    this.exchange.ended = true;
    if (drafts.length > 0 && !(await durable(this.context, drafts))) {
      this.exchange.res.destroy();
      return;
    }
    this.context.tally.add('answered');
    this.sendHead();
    this.exchange.res.end();
  }

  private unfinishedEvent(): readonly Draft[] {
    const rest = this.decoder.end();
    // A lone LF is the other half of the CR that ended the last event.
    if (rest.length === 0 || (rest.length === 1 && rest[0] === 0x0a)) return [];
    const draft = baseDraft(this.exchange, 'mcp.stream_chunk', 's2c');
    draft.outcome = 'withheld';
    draft.detail = { reason: 'unterminated_event', bytes: rest.length };
    draft.raw_hmac = this.context.recorder.digest(rest);
    return [draft];
  }

  /** The end of a stream on its own, or of one that left requests without an answer: they may be answered on another. */
  private unanswered(): readonly Draft[] {
    const { context, exchange } = this;
    const isOwn = exchange.method === 'GET';
    if (!isOwn && exchange.waiting.size === 0) return [];
    const detail = { stream: 'end', events: this.events, bytes: this.bytes };
    return [outcomeDraft(context, exchange, isOwn ? 'answered' : 'disconnected', detail), ...this.abandoned()];
  }

  /** Requests that HTTP+SSE would have answered on this stream. */
  private abandoned(): readonly Draft[] {
    const { context, exchange } = this;
    if (exchange.method !== 'GET' || exchange.mcpSessionId === undefined) return [];
    return context.sessions.abandoned(exchange.mcpSessionId).map((waiting) => ({
      ...outcomeDraft(context, exchange, 'disconnected', { reason: 'stream_ended' }),
      exchange: waiting.exchange,
    }));
  }

  /** The application broke off: the client must not take that for an end. */
  private async brokenOff(): Promise<void> {
    const { context, exchange } = this;
    if (this.over) return;
    context.tally.add('upstream_error');
    const drafts = [
      ...this.unfinishedEvent(),
      outcomeDraft(context, exchange, 'upstream_error', { reason: 'stream_broken', events: this.events }),
      ...this.abandoned(),
    ];
    exchange.ended = true;
    await durable(context, drafts);
    if (this.headSent) exchange.res.destroy();
    else sendRefusal(exchange.res, 'upstream', 'its answer broke off', onlyId(exchange));
  }

  private clientLeft(): void {
    const { context, exchange } = this;
    this.answer.destroy();
    if (exchange.ended) return;
    context.tally.add('disconnected');
    const abandoned = this.abandoned();
    recordOutcome(context, exchange, exchange.modern ? 'cancelled' : 'disconnected', { events: this.events });
    void durable(context, abandoned);
  }

  private failClosed(reason: string): void {
    const { context, exchange } = this;
    context.tally.add('withheld');
    recordOutcome(context, exchange, 'withheld', { reason, events: this.events });
    this.answer.destroy();
    if (this.headSent) exchange.res.destroy();
    else sendRefusal(exchange.res, reason === 'recorder' ? 'recorder' : 'upstream', reason, onlyId(exchange));
  }
}

/** Resolves when the client takes more, or has left. */
async function drained({ res }: Exchange): Promise<void> {
  if (res.destroyed) return undefined;
  return new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done);
      res.off('close', done);
      resolve();
    };
    res.once('drain', done);
    res.once('close', done);
  });
}
