import { expect, test } from '@jest/globals';
import { secretNames } from '../keys/secret-names.ts';
import type { Secrets } from '../ports.ts';
import { createMemorySecrets } from '../testing/memory-secrets.ts';
import { StillClock } from '../testing/still-clock.ts';
import { createKnownWorkloads } from './known-workloads.ts';

const search = { namespace: 'team-a', workload: 'search.v2' };

function counted(secrets: Secrets): { readonly secrets: Secrets; readonly reads: () => number } {
  let reads = 0;
  const get: Secrets['get'] = async (name) => {
    reads += 1;
    return secrets.get(name);
  };
  return { secrets: { ...secrets, get }, reads: () => reads };
}

test('a workload is known once any replica has published a bundle for it', async () => {
  const { secrets, reads } = counted(createMemorySecrets());
  const clock = new StillClock();
  const known = createKnownWorkloads(secrets, clock);
  expect(await known.has(search)).toBe(false);
  await secrets.create(secretNames.bundleVersions, { 'team-a.search.v2': '{}' });
  await clock.pass(5000);
  expect(await known.has(search)).toBe(true);
  expect(await known.has({ namespace: 'team-a', workload: 'search' })).toBe(false);
  expect(reads()).toBe(2);
});

test('a flood of invented names reads once', async () => {
  const { secrets, reads } = counted(createMemorySecrets());
  const known = createKnownWorkloads(secrets, new StillClock());
  const names = Array.from({ length: 100 }, (_, at) => ({ namespace: 'team-a', workload: `invented-${at}` }));
  expect(await Promise.all(names.map(async (name) => known.has(name)))).not.toContain(true);
  await known.has(search);
  expect(reads()).toBe(1);
});

test('what cannot be read is a fault, not an absent workload', async () => {
  const failing: Secrets = { ...createMemorySecrets(), get: async () => Promise.reject(new Error('down')) };
  const known = createKnownWorkloads(failing, new StillClock());
  await expect(known.has(search)).rejects.toThrow('down');
  await expect(known.has(search)).rejects.toThrow('down');
});
