import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startFakeApiServer, type FakeApiServer } from './testing/fake-api-server.ts';
import { createLeaseElector, type LeaseElector } from './lease-elector.ts';
import { createLeasePort, type LeasePort } from './leases.ts';

const ref = { namespace: 'tachograph', name: 'sequencer' };
const quiet = { info: () => undefined, warn: () => undefined };

/** Time that moves only when told; due timers run in order, and what they start gets to finish. */
class ManualTime {
  nowMs = 1_000_000;
  readonly #due: { readonly atMs: number; readonly run: () => void }[] = [];
  readonly clock = { nowMs: () => this.nowMs, monotonicNs: () => this.nowMs * 1e6 };
  readonly timers = {
    after: (delayMs: number, run: () => void): (() => void) => {
      const entry = { atMs: this.nowMs + delayMs, run };
      this.#due.push(entry);
      return () => {
        const index = this.#due.indexOf(entry);
        if (index >= 0) this.#due.splice(index, 1);
      };
    },
  };

  async pass(durationMs: number, letRun: () => Promise<void>): Promise<void> {
    const endMs = this.nowMs + durationMs;
    for (;;) {
      const next = this.#due.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > endMs) break;
      this.#due.splice(this.#due.indexOf(next), 1);
      this.nowMs = next.atMs;
      next.run();
      await letRun();
    }
    this.nowMs = endMs;
  }
}

let server: FakeApiServer;
let time: ManualTime;
let pending = 0;
let events: string[];

async function count<T>(call: Promise<T>): Promise<T> {
  pending += 1;
  try {
    return await call;
  } finally {
    pending -= 1;
  }
}

/** Counts calls under way, so that a test waits for answers and not for a time. */
function counted(port: LeasePort): LeasePort {
  return {
    getLease: (it) => count(port.getLease(it)),
    createLease: (it, lease) => count(port.createLease(it, lease)),
    updateLease: (it, lease) => count(port.updateLease(it, lease)),
  };
}

async function settle(): Promise<void> {
  for (let quietTurns = 0; quietTurns < 3; quietTurns = pending === 0 ? quietTurns + 1 : 0) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function elector(identity: string, leases: LeasePort = counted(createLeasePort(server.transport))): LeaseElector {
  return createLeaseElector({
    ...ref,
    leases,
    identity,
    clock: time.clock,
    timers: time.timers,
    log: quiet,
    durationMs: 15_000,
    onStarted: () => void events.push(`${identity} started`),
    onStopped: () => void events.push(`${identity} stopped`),
  });
}

beforeEach(async () => {
  server = await startFakeApiServer();
  time = new ManualTime();
  pending = 0;
  events = [];
});
afterEach(async () => server.close());

describe('two candidates', () => {
  test('have one leader, and the second leads after the first released', async () => {
    const first = elector('one');
    const second = elector('two');
    first.start();
    await settle();
    second.start();
    await settle();
    await time.pass(60_000, settle);
    expect([first.isLeader(), second.isLeader(), second.holder()]).toEqual([true, false, 'one']);
    await first.stop();
    await time.pass(3000, settle);
    expect(events).toEqual(['one started', 'one stopped', 'two started']);
    await second.stop();
  });

  test('racing for a new lease are told apart by the API server', async () => {
    const first = elector('one');
    const second = elector('two');
    first.start();
    second.start();
    await settle();
    expect([first.isLeader(), second.isLeader()].filter(Boolean)).toHaveLength(1);
    await first.stop();
    await second.stop();
  });

  test('a leader that cannot renew stops before the other may take over', async () => {
    let isCut = false;
    const cut: LeasePort = {
      getLease: async (it) => {
        if (isCut) throw new Error('network is away');
        return createLeasePort(server.transport).getLease(it);
      },
      createLease: (it, lease) => createLeasePort(server.transport).createLease(it, lease),
      updateLease: (it, lease) => createLeasePort(server.transport).updateLease(it, lease),
    };
    const first = elector('one', counted(cut));
    const second = elector('two');
    first.start();
    await settle();
    second.start();
    await settle();
    isCut = true;
    await time.pass(10_000, settle);
    expect(first.isLeader()).toBe(false);
    expect(events).toEqual(['one started', 'one stopped']);
    await time.pass(10_000, settle);
    expect(events).toEqual(['one started', 'one stopped', 'two started']);
    isCut = false;
    await time.pass(5000, settle);
    expect(first.isLeader()).toBe(false);
    await second.stop();
    await time.pass(3000, settle);
    expect(first.isLeader()).toBe(true);
    await first.stop();
  });

  test('a leader whose lease was taken by hand stops at its next look', async () => {
    const first = elector('one');
    first.start();
    await settle();
    const port = createLeasePort(server.transport);
    const lease = await port.getLease(ref);
    if (lease !== undefined) await port.updateLease(ref, { ...lease, holder: 'somebody' });
    await time.pass(3000, settle);
    expect([first.isLeader(), first.holder()]).toEqual([false, 'somebody']);
    expect(events).toEqual(['one started', 'one stopped']);
    await first.stop();
  });
});
