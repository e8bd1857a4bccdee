import { expect, test } from '@jest/globals';
import { createMemorySecrets } from '../testing/memory-secrets.ts';
import { StillClock } from '../testing/still-clock.ts';
import { createBundleVersions, type BundleContent } from './bundle-versions.ts';

const content = (digest: string, revision: number): BundleContent => ({
  namespace: 'demo',
  workload: 'store',
  digest,
  revision,
});

function twoReplicas() {
  const clock = new StillClock();
  const secrets = createMemorySecrets();
  return { clock, secrets, a: createBundleVersions(secrets, clock), b: createBundleVersions(secrets, clock) };
}

test('replicas that see the same policies give the same version, whoever is first', async () => {
  const { a, b } = twoReplicas();
  const versions = await Promise.all([a.versionOf(content('x', 10)), b.versionOf(content('x', 12))]);
  expect(versions[0]).toBe(versions[1]);
});

test('a replica that lags does not publish the past as something new', async () => {
  const { clock, a, b } = twoReplicas();
  const old = await a.versionOf(content('x', 10));
  const next = await a.versionOf(content('y', 20));
  expect(next).toBeGreaterThan(old);
  await expect(b.versionOf(content('x', 10))).rejects.toMatchObject({ code: 'unavailable' });
  await clock.pass(1000);
  expect(await b.versionOf(content('y', 20))).toBe(next);
});

test('a deletion that no replica saw is published after a minute', async () => {
  const { clock, secrets, a } = twoReplicas();
  const before = await a.versionOf(content('two policies', 30));
  const restarted = createBundleVersions(secrets, clock);
  const left = content('one policy', 10);
  await expect(restarted.versionOf(left)).rejects.toMatchObject({ code: 'unavailable' });
  await clock.pass(60_000);
  const after = await restarted.versionOf(left);
  expect(after).toBeGreaterThan(before);
  expect(await restarted.versionOf(content('changed', 40))).toBeGreaterThan(after);
});

test('a lost counter goes on above every version it ever gave', async () => {
  const { clock, a } = twoReplicas();
  const before = await a.versionOf(content('x', 10));
  await clock.pass(1000);
  const anew = createBundleVersions(createMemorySecrets(), clock);
  expect(await anew.versionOf(content('x', 10))).toBeGreaterThan(before);
});
