import { expect, test } from '@jest/globals';
import { silentLogger, type Clock } from '@tachograph/service';
import { createKubeIssuers } from './kube-issuers.ts';

const clock: Clock = { nowMs: () => 0, monotonicNs: () => 0 };
const configured = {
  current: () => [{ issuer: 'https://idp', subjectType: 'human' as const, audiences: [], keys: [{ kid: 'a' }] }],
};

/** Timers that run by hand. */
function manualTimers() {
  const due: (() => void)[] = [];
  return {
    after: (_delayMs: number, run: () => void) => (due.push(run), () => undefined),
    tick: () => due.shift()?.(),
  };
}

test('the cluster’s issuer stands beside the configured ones, for workloads', async () => {
  const kube = { serviceAccountIssuer: async () => ({ issuer: 'https://cluster', keys: [{ kid: 'sa' }] }) };
  const issuers = await createKubeIssuers(kube, configured, { clock, timers: manualTimers(), log: silentLogger });
  expect(issuers.current()).toEqual([
    configured.current()[0],
    {
      issuer: 'https://cluster',
      subjectType: 'workload',
      audiences: [],
      maxLifetimeSeconds: 3600,
      review: true,
      keys: [{ kid: 'sa' }],
    },
  ]);
  issuers.close();
});

test('keys that cannot be read again leave the last ones', async () => {
  let answers = 0;
  const kube = {
    serviceAccountIssuer: async () => {
      answers += 1;
      if (answers > 1) throw new Error('no answer');
      return { issuer: 'https://cluster', keys: [{ kid: 'sa' }] };
    },
  };
  const timers = manualTimers();
  const issuers = await createKubeIssuers(kube, configured, { clock, timers, log: silentLogger });
  timers.tick();
  await new Promise((resolve) => setImmediate(resolve));
  expect(answers).toBe(2);
  expect(issuers.current().map(({ issuer }) => issuer)).toEqual(['https://idp', 'https://cluster']);
});
