import { expect, test } from '@jest/globals';
import { createRequestLimits, type LimitedAction, type RequestLimits } from './request-limits.ts';

async function granted(limits: RequestLimits, action: LimitedAction, workloads: readonly string[]): Promise<number> {
  let count = 0;
  for (const workload of workloads) if ((await limits.take(action, workload)) === undefined) count += 1;
  return count;
}

test('one workload has a limit of its own, and leaves others theirs', async () => {
  const limits = createRequestLimits();
  expect(
    await granted(
      limits,
      'register',
      Array.from({ length: 40 }, () => 'one'),
    ),
  ).toBe(30);
  expect(await limits.take('register', 'one')).toBeGreaterThan(0);
  expect(await limits.take('register', 'two')).toBeUndefined();
  expect(await limits.take('authorize', 'one')).toBeUndefined();
});

test('all workloads together have one too', async () => {
  const limits = createRequestLimits();
  const workloads = Array.from({ length: 400 }, (_, at) => `workload-${at}`);
  expect(await granted(limits, 'register', workloads)).toBe(300);
  expect(await limits.take('register', 'another')).toBeGreaterThan(0);
});
