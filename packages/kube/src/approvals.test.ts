import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isKubeError } from './kube-error.ts';
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

const draft = (namespace: string, name: string, live: 'true' | 'false' = 'true') => ({
  namespace,
  name,
  labels: { live },
  spec: { tool: 'query' },
  status: { state: 'pending' },
});

test('of two writers of one version the second gets a conflict, and what the first wrote stays', async () => {
  const read = await kube.createApproval(draft('team-a', 'one'));
  const write = async (state: string) =>
    kube.updateApproval({ ...draft('team-a', 'one'), status: { state }, resourceVersion: read.resourceVersion });
  await write('approved');
  const late = await write('denied').catch((error: unknown) => error);
  expect(isKubeError(late, 'conflict')).toBe(true);
  await expect(kube.getApproval('team-a', 'one')).resolves.toMatchObject({ status: { state: 'approved' } });
});

test('creating what exists is a conflict', async () => {
  await kube.createApproval(draft('team-a', 'one'));
  await expect(kube.createApproval(draft('team-a', 'one'))).rejects.toMatchObject({ code: 'conflict' });
});

test('lists a namespace or all, by label and by name', async () => {
  await kube.createApproval(draft('team-a', 'one'));
  await kube.createApproval(draft('team-a', 'two', 'false'));
  await kube.createApproval(draft('team-b', 'three'));
  const names = async (selector: Parameters<Kube['listApprovals']>[0]) =>
    (await kube.listApprovals(selector)).map((one) => `${one.namespace}/${one.name}`).toSorted();
  await expect(names({})).resolves.toEqual(['team-a/one', 'team-a/two', 'team-b/three']);
  await expect(names({ namespace: 'team-a', labelSelector: 'live=true' })).resolves.toEqual(['team-a/one']);
  await expect(names({ name: 'three' })).resolves.toEqual(['team-b/three']);
});

test('removes only the version that was read', async () => {
  const read = await kube.createApproval(draft('team-a', 'one'));
  const { resourceVersion } = await kube.updateApproval({
    ...draft('team-a', 'one'),
    resourceVersion: read.resourceVersion,
  });
  await expect(kube.deleteApproval(read)).rejects.toMatchObject({ code: 'conflict' });
  await kube.deleteApproval({ ...read, resourceVersion });
  await kube.deleteApproval({ ...read, resourceVersion });
  await expect(kube.getApproval('team-a', 'one')).resolves.toBeUndefined();
});

test('a watch hears of approvals of all namespaces', async () => {
  server.put('/apis/tachograph.dev/v1alpha1/mcpapprovals', { metadata: { name: 'one', namespace: 'team-a' } });
  const seen: string[] = [];
  const watch = kube.watchApprovals({ onObject: ({ name }) => void seen.push(name) });
  await watch.synced;
  watch.stop();
  expect(seen).toEqual(['one']);
});
