import { expect, test } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { createMemorySecrets } from '../testing/memory-secrets.ts';
import { StillClock } from '../testing/still-clock.ts';
import { issueLeaf } from './certificates.ts';
import { loadServingAuthority } from './serving-authority.ts';

const dayMs = 86_400_000;

test('replicas that start at once share one authority', async () => {
  const secrets = createMemorySecrets();
  const clock = new StillClock();
  const [a, b] = await Promise.all([loadServingAuthority(secrets, clock), loadServingAuthority(secrets, clock)]);
  expect(a).toEqual(b);
});

test('a successor is published for a day before it signs, and the old root stays until it ends', async () => {
  const secrets = createMemorySecrets();
  const clock = new StillClock();
  const first = await loadServingAuthority(secrets, clock);
  await clock.pass(250 * dayMs);
  const announced = await loadServingAuthority(secrets, clock);
  expect(announced.roots).toHaveLength(2);
  expect(announced.signer).toEqual(first.signer);
  await clock.pass(2 * dayMs);
  const rotated = await loadServingAuthority(secrets, clock);
  expect(rotated.roots).toEqual(announced.roots);
  expect(rotated.signer).not.toEqual(first.signer);
  await clock.pass(200 * dayMs);
  expect((await loadServingAuthority(secrets, clock)).roots).not.toContain(first.signer.cert);
});

test('a leaf is for its names only and is signed by the authority', async () => {
  const clock = new StillClock(Date.now());
  const { signer } = await loadServingAuthority(createMemorySecrets(), clock);
  const names = { dns: ['tachograph-controller.x.svc'], ip: ['127.0.0.1', '::1'] };
  const leaf = new X509Certificate((await issueLeaf(signer, names, { fromMs: clock.nowMs(), lifeMs: dayMs })).cert);
  expect(leaf.verify(new X509Certificate(signer.cert).publicKey)).toBe(true);
  expect(leaf.checkHost('tachograph-controller.x.svc')).toBeDefined();
  expect(leaf.checkHost('other.x.svc')).toBeUndefined();
  expect(leaf.checkIP('::1')).toBeDefined();
  expect(leaf.ca).toBe(false);
});
