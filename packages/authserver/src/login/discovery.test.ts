import { expect, test } from '@jest/globals';
import { createDiscovery } from './discovery.ts';

function harness(): {
  readonly found: () => Promise<number | undefined>;
  readonly asked: () => number;
  readonly pass: (ms: number) => void;
  readonly fail: (isDown: boolean) => void;
} {
  let [nowMs, asked, isDown] = [0, 0, false];
  const clock = { nowMs: () => nowMs, monotonicNs: () => nowMs * 1e6 };
  const discover = async (): Promise<number> => {
    asked += 1;
    if (isDown) throw new Error('down');
    return asked;
  };
  return {
    found: createDiscovery({ clock, discover, onFailure: () => undefined }),
    asked: () => asked,
    pass: (ms) => {
      nowMs += ms;
    },
    fail: (down) => {
      isDown = down;
    },
  };
}

test('asks once for everybody who waits and for an hour', async () => {
  const { found, asked, pass } = harness();
  expect(await Promise.all([found(), found(), found()])).toEqual([1, 1, 1]);
  pass(3_599_999);
  expect([await found(), asked()]).toEqual([1, 1]);
  pass(1);
  expect(await found()).toBe(2);
});

test('asks a provider that failed again after five seconds, not before', async () => {
  const { found, asked, pass, fail } = harness();
  fail(true);
  expect([await found(), await found(), asked()]).toEqual([undefined, undefined, 1]);
  fail(false);
  pass(4_999);
  expect([await found(), asked()]).toEqual([undefined, 1]);
  pass(1);
  expect([await found(), asked()]).toEqual([2, 2]);
});

test('keeps what it found while the provider is down', async () => {
  const { found, asked, pass, fail } = harness();
  await found();
  fail(true);
  pass(3_600_000);
  expect([await found(), await found(), asked()]).toEqual([1, 1, 2]);
});
