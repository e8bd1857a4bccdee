import type { Archived } from '@tachograph/protocol';
import { describeError, type Clock, type Counter, type Gauge, type Logger, type Metrics } from '@tachograph/service';
import { retryDelayMs } from '../controller-client/retry-delay.ts';
import type { SealedSegment } from './sealed-segment.ts';
import type { SessionKeys } from './session-keys.ts';
import { shipSegment, type ShippedBlobs } from './ship-segment.ts';
import type { ShippingPort } from './shipping-port.ts';
import type { StreamFacts } from './stream-file.ts';
import type { Timers } from './timers.ts';

export interface ShipperOptions {
  readonly port: ShippingPort;
  readonly blobPath: (sha256: string) => string;
  readonly keys: SessionKeys | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The segment is archived: its files may go. Awaited before the next one. */
  readonly onArchived: (segment: SealedSegment, archived: Archived) => Promise<void>;
  readonly onRegistered: (stream: string) => void;
  /** The controller knows another key for the start that this stream belongs to. */
  readonly onConflict: (stream: string) => void;
}

/** One stream's way to the controller. */
interface Lane {
  readonly facts: StreamFacts;
  readonly segments: SealedSegment[];
  shippedBlobs: ShippedBlobs;
  registered: boolean;
  failures: number;
  notBeforeMs: number;
  /** The controller refused its bytes or its key. */
  refused: boolean;
}

/** Outcome of one attempt: go on at once, or not before so many milliseconds. */
type Step = { readonly kind: 'done' } | { readonly kind: 'wait'; readonly delayMs: number | undefined };

const done: Step = { kind: 'done' };
/** What the controller refuses is offered again from time to time: the fault may be its own. */
const refusedIntervalMs = 60_000;

/**
 * Ships sealed segments: each stream's strictly in order, one call at a time, streams of earlier starts first. A segment
 * stays in the spool until the controller has answered *archived*; one that it refuses stays for ever, with an alarm,
 * and nothing after it is shipped, because the archive would not be a chain.
 */
export class Shipper {
  readonly #options: ShipperOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #refusedStreams: Gauge;
  readonly #attempts: Counter;
  #current: Lane | undefined;
  #running = false;
  #stopped = false;
  #cancelWake: (() => void) | undefined;
  #idle: (() => void)[] = [];

  constructor(options: ShipperOptions) {
    const { metrics } = options;
    this.#options = options;
    this.#refusedStreams = metrics.gauge('refused_streams', 'Streams whose segments or key the controller refuses');
    this.#attempts = metrics.counter('ship_attempts_total', 'Segments and registrations sent, by answer', ['answer']);
  }

  /** The stream of this start: it is registered even before it has a segment. */
  open(facts: StreamFacts): void {
    this.#current = this.#addLane(facts, false);
    this.#wake();
  }

  /** A stream of an earlier start. */
  reopen(facts: StreamFacts, registered: boolean, segments: readonly SealedSegment[]): void {
    this.#addLane(facts, registered).segments.push(...segments);
  }

  add(segment: SealedSegment): void {
    this.#lanes.get(segment.stream)?.segments.push(segment);
    this.#wake();
  }

  /** The last attempt for the stream of this start did not succeed. */
  get failing(): boolean {
    return (this.#current?.failures ?? 0) > 0;
  }

  /** Resolves when nothing waits any more; never while a stream is refused. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => void this.#idle.push(resolve));
  }

  /** Shutting down: what waits for its next attempt is tried now. */
  hurry(): void {
    for (const lane of this.#lanes.values()) lane.notBeforeMs = 0;
    this.#wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelWake?.();
  }

  #addLane(facts: StreamFacts, registered: boolean): Lane {
    const lane: Lane = {
      facts,
      registered,
      segments: [],
      shippedBlobs: new Set<string>(),
      failures: 0,
      notBeforeMs: 0,
      refused: false,
    };
    this.#lanes.set(facts.stream, lane);
    return lane;
  }

  #isIdle(): boolean {
    return !this.#running && [...this.#lanes.values()].every((lane) => lane.segments.length === 0);
  }

  #wake(): void {
    this.#cancelWake?.();
    if (!this.#running && !this.#stopped) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let lane = this.#nextLane(); lane !== undefined && !this.#stopped; lane = this.#nextLane()) {
      await this.#attempt(lane);
    }
    this.#running = false;
    if (this.#isIdle()) for (const resolve of this.#idle.splice(0)) resolve();
    this.#sleep();
  }

  /** Lanes stand in the order of their streams, oldest first. */
  #nextLane(): Lane | undefined {
    const nowMs = this.#options.clock.nowMs();
    return [...this.#lanes.values()].find((lane) => this.#isWaiting(lane) && lane.notBeforeMs <= nowMs);
  }

  /** The current stream registers first: there is one key for each start, and an older one must not take its place. */
  #isWaiting(lane: Lane): boolean {
    if (lane === this.#current) return !lane.registered || lane.segments.length > 0;
    return lane.segments.length > 0 && (lane.registered || this.#current?.registered === true);
  }

  #sleep(): void {
    const waiting = [...this.#lanes.values()].filter((lane) => this.#isWaiting(lane));
    if (waiting.length === 0 || this.#stopped) return;
    const nextMs = Math.min(...waiting.map((lane) => lane.notBeforeMs));
    const delayMs = Math.max(1, nextMs - this.#options.clock.nowMs());
    this.#cancelWake = this.#options.timers.after(delayMs, () => this.#wake());
  }

  async #attempt(lane: Lane): Promise<void> {
    const { log, clock, random } = this.#options;
    let step: Step = { kind: 'wait', delayMs: undefined };
    try {
      step = lane.registered ? await this.#ship(lane) : await this.#register(lane);
    } catch (error) {
      log.error('segment not read', { stream: lane.facts.stream, err: describeError(error) });
    }
    if (step.kind === 'done') {
      lane.failures = 0;
      return;
    }
    lane.failures += 1;
    lane.notBeforeMs = clock.nowMs() + (step.delayMs ?? retryDelayMs(lane.failures, random));
  }

  async #register(lane: Lane): Promise<Step> {
    const { line, publicKey, sig, stream } = lane.facts;
    const answer = await this.#options.port.registerStream({ line, publicKey, sig });
    this.#attempts.labels(answer.kind).inc();
    if (answer.kind === 'registered') {
      lane.registered = true;
      this.#options.onRegistered(stream);
      this.#setRefused(lane, false);
      return done;
    }
    if (answer.kind === 'retry') return { kind: 'wait', delayMs: answer.afterMs };
    this.#options.log.error('stream refused by the controller', { stream, reason: answer.kind });
    this.#setRefused(lane, true);
    if (answer.kind === 'conflict') this.#options.onConflict(stream);
    return { kind: 'wait', delayMs: refusedIntervalMs };
  }

  async #ship(lane: Lane): Promise<Step> {
    const segment = lane.segments[0];
    if (segment === undefined) return done;
    const { port, blobPath, keys, onArchived, log } = this.#options;
    const answer = await shipSegment(port, segment, { pathOf: blobPath, shipped: lane.shippedBlobs, keys });
    this.#attempts.labels(answer.kind).inc();
    if (answer.kind === 'blob_missing') return { kind: 'wait', delayMs: undefined };
    if (answer.kind === 'retry') {
      // The controller has lost the stream, or it never had it: registering again is harmless.
      if (answer.reason === 'stream_unknown') lane.registered = false;
      return { kind: 'wait', delayMs: answer.afterMs };
    }
    this.#setRefused(lane, answer.kind === 'refused');
    if (answer.kind === 'refused') {
      log.error('segment refused by the controller', { segment: segment.name, reason: answer.reason });
      return { kind: 'wait', delayMs: refusedIntervalMs };
    }
    lane.segments.shift();
    lane.shippedBlobs = new Set();
    await onArchived(segment, answer.archived);
    return done;
  }

  #setRefused(lane: Lane, refused: boolean): void {
    lane.refused = refused;
    this.#refusedStreams.set([...this.#lanes.values()].filter((one) => one.refused).length);
  }
}
