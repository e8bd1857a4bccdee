import { expect, test } from '@jest/globals';
import { createMemorySecrets } from '../testing/memory-secrets.ts';
import { publishTrust } from './publish-trust.ts';

test('controller and sequencer each write their own part, in any order and at once', async () => {
  const secrets = createMemorySecrets();
  await Promise.all([
    publishTrust(secrets, 'demo', { fingerprint: 'sha256:aa', controller: 'https://x' }),
    publishTrust(secrets, 'demo', { vkey: 'log+1+key' }),
    publishTrust(secrets, 'demo', { fingerprint: 'sha256:aa' }),
  ]);
  expect((await secrets.get('tachograph-trust'))?.data).toEqual({
    cluster: 'demo',
    fingerprint: 'sha256:aa',
    logKeys: 'log+1+key\n',
  });
});

test('replaces what does not hold, and writes nothing when all of it does', async () => {
  const secrets = createMemorySecrets();
  await secrets.create('tachograph-trust', { fingerprint: 'sha256:planted', logKeys: 'kept\n' });
  await publishTrust(secrets, 'demo', { fingerprint: 'sha256:aa' });
  const written = await secrets.get('tachograph-trust');
  expect(written?.data).toEqual({ cluster: 'demo', fingerprint: 'sha256:aa', logKeys: 'kept\n' });
  await publishTrust(secrets, 'demo', { fingerprint: 'sha256:aa' });
  expect((await secrets.get('tachograph-trust'))?.version).toBe(written?.version);
});

test('gives up where others never stop writing', async () => {
  const secrets = { ...createMemorySecrets(), update: async () => 'conflict' as const };
  await secrets.create('tachograph-trust', {});
  await expect(publishTrust(secrets, 'demo', { vkey: 'k' })).rejects.toMatchObject({ code: 'unavailable' });
});
