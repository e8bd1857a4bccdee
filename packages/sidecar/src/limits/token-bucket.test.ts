import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { takeToken, toRate, type Rate } from './token-bucket.ts';

const second = 1e9;

/** When each of the attempts was granted. */
function grantedAt(rate: Rate, attempts: readonly number[]): readonly number[] {
  let fullAtNs = 0;
  return attempts.filter((nowNs) => {
    const taking = takeToken(rate, fullAtNs, nowNs);
    if (taking.kind === 'taken') fullAtNs = taking.fullAtNs;
    return taking.kind === 'taken';
  });
}

describe('a token bucket', () => {
  test('gives its burst at once, then one token as each comes back', () => {
    const rate = toRate({ calls: 2, seconds: 10, burst: 3 });
    const times = [0, 0, 0, 0, 4, 5, 5, 9, 10, 100, 100, 100, 100].map((at) => (1000 + at) * second);
    expect(grantedAt(rate, times).map((at) => at / second - 1000)).toEqual([0, 0, 0, 5, 10, 100, 100, 100]);
  });

  test('says when the next token will be there, to the nanosecond', () => {
    const rate = toRate({ calls: 1, seconds: 60 });
    const first = takeToken(rate, 0, 5 * second);
    const fullAtNs = first.kind === 'taken' ? first.fullAtNs : 0;
    const second20 = takeToken(rate, fullAtNs, 25 * second);
    expect(second20).toEqual({ kind: 'over', retryNs: 40 * second });
    expect(takeToken(rate, fullAtNs, 65 * second - 2).kind).toBe('over');
    expect(takeToken(rate, fullAtNs, 65 * second).kind).toBe('taken');
  });

  const limits = fc.record({
    calls: fc.integer({ min: 1, max: 50 }),
    seconds: fc.integer({ min: 1, max: 120 }),
    burst: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
  });
  const pauses = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 })), { maxLength: 200 });

  test('never gives more than burst and rate times the time, in any window', () => {
    fc.assert(
      fc.property(limits, pauses, (limit, pausesMs) => {
        let nowNs = 7 * second;
        const attempts = pausesMs.map((ms) => (nowNs += ms * 1e6));
        const granted = grantedAt(toRate(limit), attempts);
        const burst = limit.burst ?? limit.calls;
        granted.forEach((from, first) => {
          for (let last = first; last < granted.length; last++) {
            const seconds = ((granted[last] ?? 0) - from) / second;
            expect(last - first + 1).toBeLessThanOrEqual(burst + (limit.calls / limit.seconds) * seconds + 1e-6);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  test('gives what is due to who keeps below the rate', () => {
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 100 }), (limit, count) => {
        const everyNs = Math.ceil((limit.seconds * second) / limit.calls);
        const attempts = Array.from({ length: count }, (_, index) => (index + 1) * everyNs);
        expect(grantedAt(toRate(limit), attempts)).toEqual(attempts);
      }),
    );
  });
});
