import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createKubeOver, type Kube } from './kube.ts';
import { startFakeApiServer, type FakeApiServer } from './testing/fake-api-server.ts';

let server: FakeApiServer;
let kube: Kube;

beforeEach(async () => {
  server = await startFakeApiServer();
  kube = createKubeOver(server.transport, { log: { info: () => undefined, warn: () => undefined } });
});
afterEach(async () => server.close());

const draft = (namespace: string, name: string) => ({ namespace, name, status: { tools: [{ name: 'read' }] } });

test('of two writers of one version the second gets a conflict', async () => {
  await expect(kube.getServer('team-a', 'store')).resolves.toBeUndefined();
  const { resourceVersion } = await kube.putServer(draft('team-a', 'store'));
  await expect(kube.putServer(draft('team-a', 'store'))).rejects.toMatchObject({ code: 'conflict' });
  await kube.putServer({ ...draft('team-a', 'store'), status: { tools: [] }, resourceVersion });
  const late = kube.putServer({ ...draft('team-a', 'store'), resourceVersion });
  await expect(late).rejects.toMatchObject({ code: 'conflict' });
  await expect(kube.getServer('team-a', 'store')).resolves.toMatchObject({ name: 'store', status: { tools: [] } });
});

test('lists a namespace or all, and a watch hears of each', async () => {
  await kube.putServer(draft('team-a', 'one'));
  await kube.putServer(draft('team-b', 'two'));
  const names = async (namespace?: string) => (await kube.listServers(namespace)).map(({ name }) => name).toSorted();
  await expect(names()).resolves.toEqual(['one', 'two']);
  await expect(names('team-b')).resolves.toEqual(['two']);
  await expect(kube.listServerTools('team-b')).resolves.toEqual([
    { namespace: 'team-b', workload: 'two', tools: ['read'] },
  ]);
});
