import { describe, expect, test } from '@jest/globals';
import { createQuietCollector, ownCollector } from './quiet-collector.ts';

const mib = 1024 * 1024;

function start(): { state: { rss: number; busy: number }; collected: () => number; tick: () => Promise<void> } {
  const state = { rss: 80 * mib, busy: 0 };
  let collected = 0;
  const tick = createQuietCollector({
    async collect() {
      collected += 1;
      state.rss -= 5 * mib;
    },
    rssBytes: () => state.rss,
    busyShare: () => state.busy,
  });
  return { state, collected: () => collected, tick };
}

describe('the collector of quiet moments', () => {
  test('leaves a process alone that has not grown', async () => {
    const { state, collected, tick } = start();
    state.rss += 3 * mib;
    await tick();
    expect(collected()).toBe(0);
  });

  test('leaves a process alone that is busy', async () => {
    const { state, collected, tick } = start();
    state.rss += 100 * mib;
    state.busy = 0.5;
    await tick();
    expect(collected()).toBe(0);
  });

  test('collects once after growth, and again only after more of it', async () => {
    const { state, collected, tick } = start();
    state.rss += 30 * mib;
    await tick();
    await tick();
    expect(collected()).toBe(1);
    state.rss += 8 * mib;
    await tick();
    expect(collected()).toBe(2);
  });

  test('does not begin twice', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let begun = 0;
    let rss = 0;
    const tick = createQuietCollector({
      collect: async () => {
        begun += 1;
        await promise;
      },
      rssBytes: () => rss,
      busyShare: () => 0,
    });
    rss = 100 * mib;
    const first = tick();
    await tick();
    resolve();
    await first;
    expect(begun).toBe(1);
  });

  test('frees what nobody holds any more', async () => {
    let held: object | undefined = { big: 'x'.repeat(1000) };
    const weak = new WeakRef(held);
    const own = ownCollector();
    held = undefined;
    // A reference that was read stays alive until its turn of the loop is over.
    await new Promise((resolve) => setTimeout(resolve, 0));
    await own.collect();
    expect([held, weak.deref()]).toEqual([undefined, undefined]);
    expect(own.rssBytes()).toBeGreaterThan(mib);
    expect(own.busyShare()).toBeLessThanOrEqual(1);
  });
});
