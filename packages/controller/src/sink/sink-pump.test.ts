import { afterEach, describe, expect, test } from '@jest/globals';
import { silentLogger, systemClock, type Clock } from '@tachograph/service';
import fc from 'fast-check';
import { systemTimers, type Secrets } from '../ports.ts';
import { createMemorySecrets } from '../testing/memory-secrets.ts';
import { startSinkReceiver, type Behaviour, type SinkReceiver } from '../testing/sink-receiver.ts';
import { retryAfterMs } from './post.ts';
import type { PlacedEvent } from './read-events.ts';
import { createSinkCursor, type SinkPosition } from './sink-cursor.ts';
import type { SinkEvent } from './sink-event.ts';
import { createSinkPump, type SinkPump, type SinkWatch } from './sink-pump.ts';

const receivers: SinkReceiver[] = [];
afterEach(async () => {
  for (const one of receivers.splice(0)) await one.close();
});

async function receiver(behaviour?: (request: number) => Behaviour): Promise<SinkReceiver> {
  const started = await startSinkReceiver(behaviour);
  receivers.push(started);
  return started;
}

function eventOf(index: number, body?: string): SinkEvent {
  const event = { id: `log:${index}`, type: 'pod.injected', time: '2026-11-21T10:00:00Z', place: {}, facts: { index } };
  return body === undefined ? event : { ...event, body };
}

/** A log of leaves, each one event; every third is none that is sent. */
function logOf(size: number): (from: SinkPosition) => AsyncGenerator<PlacedEvent> {
  return async function* events(from) {
    for (let index = from.index; index < size; index += 1) {
      const next = { batch: 0, index: index + 1, lines: 0 };
      yield await Promise.resolve({ event: index % 3 === 2 ? undefined : eventOf(index), next });
    }
  };
}

function idsOf(size: number): readonly string[] {
  return Array.from({ length: size }, (_, index) => index)
    .filter((index) => index % 3 !== 2)
    .map((index) => `log:${index}`);
}

interface Parts {
  readonly secrets: Secrets;
  readonly holder?: string;
  readonly watch?: Partial<SinkWatch>;
  readonly firstPauseMs?: number;
  readonly clock?: Clock;
}

function pumpTo(
  { url }: SinkReceiver,
  events: (from: SinkPosition) => AsyncGenerator<PlacedEvent>,
  parts: Parts,
): SinkPump {
  const { secrets, holder = 'a', watch = {}, firstPauseMs = 1, clock = systemClock } = parts;
  return createSinkPump({
    cursor: createSinkCursor({ secrets, name: 'sink', holder, clock }),
    start: async () => ({ batch: 0, index: 0, lines: 0 }),
    events,
    encode: async (sent) => ({ url, headers: {}, body: JSON.stringify(sent) }),
    rejectedIn: () => 0,
    watch: {
      sent: () => undefined,
      failed: () => undefined,
      rejected: () => undefined,
      stands: () => undefined,
      ...watch,
    },
    clock,
    timers: systemTimers,
    log: silentLogger,
    firstPauseMs,
  });
}

function receivedBy({ kept }: SinkReceiver): readonly string[] {
  return kept.flatMap(({ body }) => (JSON.parse(body) as { readonly id: string }[]).map(({ id }) => id));
}

const faults: readonly Behaviour[] = [
  { status: 503 },
  { status: 500 },
  { status: 401 },
  { status: 413 },
  { status: 429, headers: { 'retry-after': '0' } },
  'reset',
  'reset-after',
];

describe('whatever the receiver does', () => {
  test('what is received, each id once, is what there was to send, in its order', async () => {
    const behaviour = fc.oneof({ weight: 3, arbitrary: fc.constant<Behaviour>('take') }, fc.constantFrom(...faults));
    const property = fc.asyncProperty(fc.array(behaviour, { maxLength: 8 }), fc.nat(1800), async (told, size) => {
      const at = await receiver((request) => told[request] ?? 'take');
      const pump = pumpTo(at, logOf(size), { secrets: createMemorySecrets() });
      await pump.run();
      await pump.close();
      expect([...new Set(receivedBy(at))]).toEqual(idsOf(size));
    });
    await fc.assert(property, { numRuns: 15 });
  });

  test('a restart at any request loses nothing', async () => {
    const property = fc.asyncProperty(fc.integer({ min: 0, max: 3 }), fc.constantFrom(...faults), async (at, fault) => {
      const size = 3000;
      const secrets = createMemorySecrets();
      // From one request on everything fails, until the process ends.
      const first = await receiver((request) => (request < at ? 'take' : fault));
      const ending = pumpTo(first, logOf(size), { secrets, firstPauseMs: 5 });
      const run = ending.run();
      while (first.requests <= at) await new Promise((resolve) => setTimeout(resolve, 2));
      await ending.close();
      await run;
      const second = await receiver();
      const next = pumpTo(second, logOf(size), { secrets, holder: 'b' });
      await next.run();
      await next.close();
      const received = [...receivedBy(first), ...receivedBy(second)];
      expect([...new Set(received)]).toEqual(idsOf(size));
      // What was taken and saved is not sent again from the beginning.
      expect(receivedBy(second).includes('log:0')).toBe(at === 0);
    });
    await fc.assert(property, { numRuns: 8 });
  });
});

test('a process that dies without a word is followed after a minute, and nothing is lost', async () => {
  const size = 3000;
  const secrets = createMemorySecrets();
  const first = await receiver((request) => (request < 2 ? 'take' : { status: 503 }));
  const dying = pumpTo(first, logOf(size), { secrets, firstPauseMs: 60_000 });
  const run = dying.run();
  while (first.requests < 3) await new Promise((resolve) => setTimeout(resolve, 2));
  const second = await receiver();
  const early = pumpTo(second, logOf(size), { secrets, holder: 'b' });
  await early.run();
  expect(second.requests).toBe(0);
  const clock = { ...systemClock, nowMs: () => Date.now() + 61_000 };
  const next = pumpTo(second, logOf(size), { secrets, holder: 'b', clock });
  await next.run();
  expect([...new Set([...receivedBy(first), ...receivedBy(second)])]).toEqual(idsOf(size));
  await dying.close();
  await run;
  // What the dead one wrote last did not take the cursor back.
  expect((await secrets.get('sink'))?.data).toMatchObject({ holder: 'b' });
});

describe('a receiver that is asked to take less', () => {
  test('an event that is too large alone goes without its body, and says so', async () => {
    const at = await receiver((request) => (request === 0 ? { status: 413 } : 'take'));
    const events = async function* one(): AsyncGenerator<PlacedEvent> {
      yield await Promise.resolve({ event: eventOf(0, 'x'.repeat(1000)), next: { batch: 0, index: 1, lines: 0 } });
    };
    await pumpTo(at, events, { secrets: createMemorySecrets() }).run();
    expect(JSON.parse(at.kept[0]?.body ?? '')).toEqual([{ ...eventOf(0), facts: { index: 0, body_omitted: true } }]);
  });

  test('Retry-After is kept to, in seconds and as a date, and bounded', () => {
    const nowMs = Date.parse('2026-11-21T10:00:00Z');
    expect(retryAfterMs('7', nowMs)).toBe(7000);
    expect(retryAfterMs('Sat, 21 Nov 2026 10:00:30 GMT', nowMs)).toBe(30_000);
    expect(retryAfterMs('Sat, 21 Nov 2026 09:00:00 GMT', nowMs)).toBe(0);
    expect(retryAfterMs('99999999', nowMs)).toBe(900_000);
    expect(retryAfterMs('soon', nowMs)).toBeUndefined();
    expect(retryAfterMs(null, nowMs)).toBeUndefined();
  });

  test('a 429 with Retry-After is waited for, and not the shorter pause of our own', async () => {
    const at = await receiver((request) => (request === 0 ? { status: 429, headers: { 'retry-after': '1' } } : 'take'));
    const waited: number[] = [];
    const timers = {
      after(ms: number, run: () => void) {
        waited.push(ms);
        return systemTimers.after(1, run);
      },
    };
    const pump = createSinkPump({
      rejectedIn: () => 0,
      clock: systemClock,
      log: silentLogger,
      firstPauseMs: 3,
      cursor: createSinkCursor({ secrets: createMemorySecrets(), name: 'sink', holder: 'a', clock: systemClock }),
      start: async () => ({ batch: 0, index: 0, lines: 0 }),
      events: logOf(1),
      encode: async (sent) => ({ url: at.url, headers: {}, body: JSON.stringify(sent) }),
      watch: { sent: () => undefined, failed: () => undefined, rejected: () => undefined, stands: () => undefined },
      timers,
    });
    await pump.run();
    expect(waited).toEqual([1000]);
  });
});

describe('two replicas', () => {
  test('one delivers, the other waits, and goes on when the first ends', async () => {
    const secrets = createMemorySecrets();
    const at = await receiver();
    const stands: unknown[] = [];
    const first = pumpTo(at, logOf(10), { secrets, holder: 'a' });
    const second = pumpTo(at, logOf(12), { secrets, holder: 'b', watch: { stands: (place) => stands.push(place) } });
    await first.run();
    await second.run();
    expect(stands).toEqual([undefined]);
    expect(receivedBy(at)).toEqual(idsOf(10));
    await first.close();
    await second.run();
    expect(receivedBy(at)).toEqual(idsOf(12));
  });

  test('one that was overtaken writes nothing over the other', async () => {
    const secrets = createMemorySecrets();
    const clock = { ...systemClock, nowMs: () => Date.now() };
    const cursor = createSinkCursor({ secrets, name: 'sink', holder: 'a', clock });
    const late = createSinkCursor({
      secrets,
      name: 'sink',
      holder: 'b',
      clock: { ...clock, nowMs: () => Date.now() + 61_000 },
    });
    const position = { batch: 0, index: 3, lines: 0 };
    const first = await cursor.claim(async () => position);
    const second = await late.claim(async () => position);
    expect(await first?.save({ ...position, index: 4 })).toBe('lost');
    expect(await second?.save({ ...position, index: 5 })).toBe('saved');
    expect((await secrets.get('sink'))?.data['position']).toBe(JSON.stringify({ ...position, index: 5 }));
  });
});
