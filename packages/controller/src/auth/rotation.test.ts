import { describe, expect, test } from '@jest/globals';
import { array, assert as agree, integer, property } from 'fast-check';
import { byUse, rotate, type DatedKey, type RotationPlan } from './rotation.ts';

const dayMs = 86_400_000;
const plan: RotationPlan = { everyMs: 30 * dayMs, announceMs: 2 * 3_600_000, keepMs: dayMs };

function counted(): () => string {
  let made = 0;
  return () => `k${(made += 1)}`;
}

const inUse = (keys: readonly DatedKey<string>[], atMs: number): DatedKey<string> | undefined => byUse(keys, atMs)[0];

describe('rotation', () => {
  test('uses the first key ever at once', () => {
    expect(rotate([], plan, 5, counted())).toEqual([{ value: 'k1', publishedAtMs: 5, usedFromMs: 5 }]);
  });

  test('changes nothing, not even the array, before something is due', () => {
    const keys = rotate([], plan, 0, counted());
    expect(rotate(keys, plan, 30 * dayMs - 1, counted())).toBe(keys);
  });

  test('announces a successor, and keeps the old key for its time', () => {
    const make = counted();
    const due = 30 * dayMs;
    const both = rotate(rotate([], plan, 0, make), plan, due, make);
    expect(both.map(({ value }) => value)).toEqual(['k1', 'k2']);
    expect(inUse(both, due + plan.announceMs - 1)?.value).toBe('k1');
    expect(byUse(both, due + plan.announceMs).map(({ value }) => value)).toEqual(['k2', 'k1']);
    const end = due + plan.announceMs + plan.keepMs;
    expect(rotate(both, plan, end - 1, make)).toBe(both);
    expect(rotate(both, plan, end, make).map(({ value }) => value)).toEqual(['k2']);
  });

  test('never uses a key before its announcement is over, nor drops one that was in use a moment ago, whenever it runs', () => {
    agree(property(array(integer({ min: 1, max: 40 * dayMs }), { maxLength: 30 }), (waits) => expectSafe(waits)));
  });
});

function expectSafe(waits: readonly number[]): void {
  const make = counted();
  let nowMs = 0;
  let keys = rotate([], plan, nowMs, make);
  for (const waitMs of waits) {
    const before = inUse(keys, nowMs + waitMs - 1);
    nowMs += waitMs;
    keys = rotate(keys, plan, nowMs, make);
    const now = inUse(keys, nowMs);
    expect(now?.value === 'k1' || (now?.publishedAtMs ?? Number.NaN) + plan.announceMs <= nowMs).toBe(true);
    expect(keys).toContain(before);
  }
}
