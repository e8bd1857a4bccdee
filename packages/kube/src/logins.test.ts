import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createKubeOver, type Kube } from './kube.ts';
import { startFakeApiServer, type FakeApiServer } from './testing/fake-api-server.ts';

const quiet = { info: () => undefined, warn: () => undefined };
let server: FakeApiServer;
let kube: Kube;

beforeEach(async () => {
  server = await startFakeApiServer();
  kube = createKubeOver(server.transport, { log: quiet });
});
afterEach(async () => server.close());

const draft = (name: string, grant = 'none', data = 'sealed') => ({
  namespace: 'system',
  name,
  labels: { grant },
  spec: { kind: 'AuthorizationCode', data },
});

test('creating what exists is a conflict', async () => {
  await kube.createLogin(draft('one'));
  await expect(kube.createLogin(draft('one'))).rejects.toMatchObject({ code: 'conflict' });
});

test('of two writers of one version the second gets a conflict, and what the first wrote stays', async () => {
  const { resourceVersion } = await kube.createLogin(draft('one'));
  await kube.updateLogin({ ...draft('one', 'none', 'first'), resourceVersion });
  const late = kube.updateLogin({ ...draft('one', 'none', 'second'), resourceVersion });
  await expect(late).rejects.toMatchObject({ code: 'conflict' });
  await expect(kube.getLogin('system', 'one')).resolves.toMatchObject({ spec: { data: 'first' } });
});

test('lists by label', async () => {
  for (const [name, grant] of [
    ['one', 'a'],
    ['two', 'b'],
    ['three', 'a'],
  ] as const) {
    await kube.createLogin(draft(name, grant));
  }
  const names = (await kube.listLogins('system', 'grant=a')).map(({ name }) => name);
  expect(names.toSorted()).toEqual(['one', 'three']);
  expect(await kube.listLogins('system')).toHaveLength(3);
});

test('removes only the version that was read, where one is named, and what is gone is removed', async () => {
  const read = await kube.createLogin(draft('one'));
  await kube.updateLogin({ ...draft('one'), resourceVersion: read.resourceVersion });
  await expect(kube.deleteLogin(read)).rejects.toMatchObject({ code: 'conflict' });
  await kube.deleteLogin({ namespace: 'system', name: 'one' });
  await kube.deleteLogin({ namespace: 'system', name: 'one' });
  await expect(kube.getLogin('system', 'one')).resolves.toBeUndefined();
});
