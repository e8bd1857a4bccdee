import { expect, test } from '@jest/globals';
import { createHealth } from './health.ts';
import { silentLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { createShutdown } from './shutdown.ts';

test('shutdown unwinds in reverse order, once, past a failing part', async () => {
  const closed: string[] = [];
  const shutdown = createShutdown(silentLogger);
  shutdown.add('first', () => void closed.push('first'));
  shutdown.add('broken', () => {
    throw new Error('stuck');
  });
  shutdown.add('last', async () => void closed.push('last'));
  await Promise.all([shutdown.run(), shutdown.run()]);
  expect(closed).toEqual(['last', 'first']);
});

test('health names every reason that stands against serving', () => {
  const health = createHealth();
  let bundle: string | undefined = 'no valid bundle';
  health.add('policy', () => bundle);
  health.add('spool', () => undefined);
  expect(health.reasons()).toEqual({ policy: 'no valid bundle' });
  bundle = undefined;
  expect(health.reasons()).toEqual({});
});

test('metrics carry the prefix and their labels', async () => {
  const metrics = createMetrics();
  metrics.counter('calls_total', 'Calls.', ['verdict']).inc({ verdict: 'allow' });
  const { text } = await metrics.expose();
  expect(text).toContain('tachograph_calls_total{verdict="allow"} 1');
});
