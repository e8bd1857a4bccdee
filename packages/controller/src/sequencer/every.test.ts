import { expect, test } from '@jest/globals';
import { silentLogger, type Logger } from '@tachograph/service';
import { StillClock } from '../testing/still-clock.ts';
import { every } from './every.ts';

test('an outage is one warning when it begins and one line when it ends', async () => {
  const said: unknown[] = [];
  const log: Logger = {
    ...silentLogger,
    warn: (message, fields) => void said.push(['warn', message, fields]),
    info: (message, fields) => void said.push(['info', message, fields]),
  };
  const clock = new StillClock();
  let isDown = true;
  let runs = 0;
  const stop = every({ timers: clock, log, name: 'heads' }, 1000, async () => {
    runs += 1;
    if (isDown) throw new Error('no leader');
  });
  await clock.pass(3000);
  const began = ['warn', 'periodic task failed', { task: 'heads', err: 'Error: no leader' }];
  expect(said).toEqual([began]);
  isDown = false;
  await clock.pass(3000);
  const ended = ['info', 'periodic task works again', { task: 'heads', failures: 3 }];
  expect(said).toEqual([began, ended]);
  isDown = true;
  await clock.pass(2000);
  expect(said).toEqual([began, ended, began]);
  expect(runs).toBe(8);
  stop();
  await clock.pass(2000);
  expect(runs).toBe(8);
});
