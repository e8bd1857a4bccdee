/** Brings events to one receiver: in order, each at least once, and the cursor only behind what was taken. */
import type { Clock, Logger } from '@tachograph/service';
import type { Timers } from '../ports.ts';
import { post, type Posted, type SinkRequest } from './post.ts';
import type { PlacedEvent } from './read-events.ts';
import type { SinkClaim, SinkCursor, SinkPosition } from './sink-cursor.ts';
import type { SinkEvent } from './sink-event.ts';

export interface SinkPumpOptions {
  readonly cursor: SinkCursor;
  /** Where a sink without a cursor begins. */
  readonly start: () => Promise<SinkPosition>;
  readonly events: (from: SinkPosition) => AsyncGenerator<PlacedEvent>;
  readonly encode: (events: readonly SinkEvent[]) => Promise<SinkRequest>;
  /** How many of them the receiver said that it threw away. */
  readonly rejectedIn: (answer: string) => number;
  readonly watch: SinkWatch;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Pause after the first failure; it doubles up to a minute. Default 1000. */
  readonly firstPauseMs?: number;
}

/** What metrics are made of. */
export interface SinkWatch {
  sent(events: number): void;
  failed(): void;
  rejected(events: number): void;
  /** Where delivery stands; `oldestMs`: epoch milliseconds of the oldest event that waits. `undefined`: another replica delivers. */
  stands(at: { readonly index: number; readonly oldestMs: number | undefined } | undefined): void;
}

export interface SinkPump {
  /** Delivers what is there. Rejects when the bucket or the cursor fails; the next call goes on where the last save stood. */
  run(): Promise<void>;
  /** Ends a run that waits, and resolves when it has ended. */
  close(): Promise<void>;
}

const mostEvents = 500;
const mostChars = 1024 * 1024;
const longestPauseMs = 60_000;
/** The cursor is one object of the API server: what comes again after a crash costs less than a write a second. */
const saveEveryMs = 5000;
const renewEveryMs = 20_000;

interface Delivery {
  readonly claim: SinkClaim;
  position: SinkPosition;
  savedMs: number;
  isSaved: boolean;
}

/** Only one run at a time. */
export function createSinkPump(options: SinkPumpOptions): SinkPump {
  const closing = new AbortController();
  let delivery: Delivery | undefined;
  let running: Promise<void> = Promise.resolve();
  const claim = async (): Promise<Delivery | undefined> => {
    const claimed = await options.cursor.claim(options.start);
    if (claimed === undefined) options.watch.stands(undefined);
    if (claimed === undefined) return undefined;
    return { claim: claimed, position: claimed.position, savedMs: options.clock.nowMs(), isSaved: true };
  };
  const once = async (): Promise<void> => {
    delivery ??= await claim();
    if (delivery === undefined || (await deliverAll(options, delivery, closing.signal)) === 'done') return;
    delivery = undefined;
    options.log.info('another replica delivers to the sink now');
  };
  return {
    async run() {
      running = once();
      await running;
    },
    async close() {
      closing.abort();
      await running.catch(() => undefined);
      await delivery?.claim.release(delivery.position).catch(() => undefined);
    },
  };
}

/** `lost`: another replica has taken over. A rejection leaves the position where delivery stood. */
async function deliverAll(
  options: SinkPumpOptions,
  delivery: Delivery,
  closing: AbortSignal,
): Promise<'done' | 'lost'> {
  for await (const { events, next } of chunksOf(options.events(delivery.position))) {
    if (events.length > 0 && !(await deliver(options, delivery, events, closing))) return 'done';
    delivery.isSaved &&= samePosition(delivery.position, next);
    delivery.position = next;
    if ((await save(options, delivery, saveEveryMs)) === 'lost') return 'lost';
    if (closing.aborted) return 'done';
  }
  options.watch.stands({ index: delivery.position.index, oldestMs: undefined });
  return save(options, delivery, delivery.isSaved ? renewEveryMs : 0);
}

interface Chunk {
  readonly events: readonly SinkEvent[];
  /** Where to go on once all of them were taken. */
  readonly next: SinkPosition;
}

async function* chunksOf(placed: AsyncIterable<PlacedEvent>): AsyncGenerator<Chunk> {
  let events: SinkEvent[] = [];
  let chars = 0;
  let last: SinkPosition | undefined;
  for await (const { event, next } of placed) {
    last = next;
    if (event === undefined) continue;
    events.push(event);
    chars += JSON.stringify(event).length;
    if (events.length < mostEvents && chars < mostChars) continue;
    yield { events, next };
    events = [];
    chars = 0;
    last = undefined;
  }
  if (last !== undefined) yield { events, next: last };
}

function samePosition(a: SinkPosition, b: SinkPosition): boolean {
  return a.index === b.index && a.lines === b.lines;
}

async function save({ clock }: SinkPumpOptions, delivery: Delivery, everyMs: number): Promise<'done' | 'lost'> {
  const nowMs = clock.nowMs();
  if (nowMs - delivery.savedMs < everyMs) return 'done';
  if ((await delivery.claim.save(delivery.position)) === 'lost') return 'lost';
  delivery.savedMs = nowMs;
  delivery.isSaved = true;
  return 'done';
}

/** Until the receiver took all of it; false when the process ends first. Nothing is ever given up. */
async function deliver(
  options: SinkPumpOptions,
  delivery: Delivery,
  events: readonly SinkEvent[],
  closing: AbortSignal,
): Promise<boolean> {
  const { watch, encode, clock } = options;
  for (let attempt = 0; !closing.aborted; attempt += 1) {
    watch.stands({ index: delivery.position.index, oldestMs: Date.parse(events[0]?.time ?? '') });
    const posted = await post(await encode(events), closing, clock.nowMs());
    if (posted.kind === 'taken') {
      noteTaken(options, events.length, posted.answer);
      return true;
    }
    if (posted.kind === 'too_large' && canHalve(events)) return deliverHalves(options, delivery, events, closing);
    if (!closing.aborted) await waitAfter(options, posted, attempt, closing);
  }
  return false;
}

async function waitAfter(
  options: SinkPumpOptions,
  posted: Exclude<Posted, { kind: 'taken' }>,
  attempt: number,
  closing: AbortSignal,
): Promise<void> {
  const { watch, log, firstPauseMs = 1000 } = options;
  watch.failed();
  const err = posted.kind === 'retry' ? posted.reason : 'the receiver takes no event as large as this';
  log.warn('events not delivered', { attempt, err });
  const asked = posted.kind === 'retry' ? posted.afterMs : undefined;
  await pause(options, asked ?? Math.min(firstPauseMs * 2 ** Math.min(attempt, 16), longestPauseMs), closing);
}

function noteTaken({ watch, log, rejectedIn }: SinkPumpOptions, events: number, answer: string): void {
  const rejected = rejectedIn(answer);
  watch.sent(events);
  if (rejected === 0) return;
  watch.rejected(rejected);
  log.warn('the receiver took events and says that it threw some away', { events, rejected });
}

/** A single event that is too large is sent again without its body. */
function canHalve([first, second]: readonly SinkEvent[]): boolean {
  return second !== undefined || first?.body !== undefined;
}

async function deliverHalves(
  options: SinkPumpOptions,
  delivery: Delivery,
  events: readonly SinkEvent[],
  closing: AbortSignal,
): Promise<boolean> {
  const [first] = events;
  if (events.length === 1 && first !== undefined) {
    const { body: _body, ...rest } = first;
    const bare = { ...rest, facts: { ...rest.facts, body_omitted: true } };
    return deliver(options, delivery, [bare], closing);
  }
  const middle = Math.ceil(events.length / 2);
  if (!(await deliver(options, delivery, events.slice(0, middle), closing))) return false;
  return deliver(options, delivery, events.slice(middle), closing);
}

async function pause({ timers }: SinkPumpOptions, ms: number, closing: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = timers.after(ms, resolve);
  const stop = (): void => resolve();
  closing.addEventListener('abort', stop, { once: true });
  await promise.finally(() => {
    cancel();
    closing.removeEventListener('abort', stop);
  });
}
