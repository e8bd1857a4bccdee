import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createKubeOver } from './kube.ts';
import { startFakeApiServer, type FakeApiServer } from './testing/fake-api-server.ts';

let server: FakeApiServer;
beforeEach(async () => {
  server = await startFakeApiServer();
});
afterEach(async () => server.close());

test('lists roles and bindings of the cluster and of its namespaces, each with its kind', async () => {
  const group = '/apis/rbac.authorization.k8s.io/v1';
  server.put(`${group}/clusterroles`, { metadata: { name: 'edit' }, rules: [{ verbs: ['*'] }] });
  server.put(`${group}/roles`, { metadata: { name: 'r', namespace: 'team-a' } });
  server.put(`${group}/clusterrolebindings`, { metadata: { name: 'admins' } });
  server.put(`${group}/rolebindings`, { metadata: { name: 'devs', namespace: 'team-a' } });
  const kube = createKubeOver(server.transport, { log: { info: () => undefined, warn: () => undefined } });
  expect(await kube.listRbac()).toEqual([
    expect.objectContaining({ kind: 'ClusterRole', rules: [{ verbs: ['*'] }] }),
    expect.objectContaining({ kind: 'Role' }),
    expect.objectContaining({ kind: 'ClusterRoleBinding' }),
    expect.objectContaining({ kind: 'RoleBinding' }),
  ]);
});
