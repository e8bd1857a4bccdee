import { describe, expect, test } from '@jest/globals';
import { KubeError, type AccessQuestion, type KubeEvent, type ServerDraft, type ServerObject } from '@tachograph/kube';
import { silentLogger, systemClock } from '@tachograph/service';
import { emptyInventory } from '../ledger/observe.ts';
import { createKubeInventories } from './kube-inventories.ts';
import { createKubePodEvents } from './kube-pod-events.ts';
import { createKubeServerAccess } from './kube-server-access.ts';

const meta = { uid: 'u', labels: {}, annotations: {}, owners: [] };

function servers(status: unknown = emptyInventory) {
  const object = {
    ...meta,
    namespace: 'team-a',
    name: 'store',
    resourceVersion: '41',
    status,
  } as unknown as ServerObject;
  const drafts: ServerDraft[] = [];
  let isSynced = false;
  return {
    drafts,
    sync: () => (isSynced = true),
    getServer: async (_namespace: string, name: string) => (name === 'store' ? object : undefined),
    listServers: async () => [object],
    putServer: async (draft: ServerDraft) => {
      if (draft.resourceVersion !== '41') throw new KubeError('conflict', 'changed');
      drafts.push(draft);
      return object;
    },
    watchServers: () => ({
      synced: Promise.resolve(),
      isSynced: () => isSynced,
      list: () => [object],
      get: (_namespace: string, name: string) => (name === 'store' ? object : undefined),
      stop: () => undefined,
    }),
  };
}

describe('McpServer objects', () => {
  test('are replaced in the version that was read, or not at all', async () => {
    const kube = servers();
    const store = createKubeInventories(kube, silentLogger);
    const { version = '' } = (await store.get('team-a', 'store')) ?? {};
    const draft = { namespace: 'team-a', workload: 'store', inventory: emptyInventory };
    expect(await store.put({ ...draft, version })).toBe('written');
    expect(await store.put({ ...draft, version: '40' })).toBe('conflict');
    expect(kube.drafts).toEqual([
      { namespace: 'team-a', name: 'store', status: emptyInventory, resourceVersion: '41' },
    ]);
  });

  test('make no bundle before they are read', async () => {
    const kube = servers();
    const store = createKubeInventories(kube, silentLogger);
    await expect(store.peek('team-a', 'store')).rejects.toMatchObject({ code: 'unavailable' });
    kube.sync();
    await expect(store.peek('team-a', 'store')).resolves.toMatchObject({ revision: 41 });
    await expect(store.peek('team-a', 'other')).resolves.toBeUndefined();
  });

  test('that somebody else has written are never taken for a first sight', async () => {
    const store = createKubeInventories(servers({ tools: 'none' }), silentLogger);
    await expect(store.get('team-a', 'store')).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('who may pin', () => {
  const asked: AccessQuestion[] = [];
  const kube = { reviewAccess: async (question: AccessQuestion) => asked.push(question) > 0 };
  const alice = { iss: 'https://idp.example', sub: 'alice', type: 'human', groups: ['dba'] };

  test('is asked under the one name that the API server would give the person', async () => {
    await createKubeServerAccess(kube, { user: '', group: '' }).may(alice, 'pin', 'team-a');
    await createKubeServerAccess(kube, { user: 'oidc:', group: 'oidc:' }).may(alice, 'read', 'team-a');
    expect(asked).toMatchObject([
      { user: 'https://idp.example#alice', groups: ['system:authenticated'], verb: 'update', subresource: 'pins' },
      { user: 'oidc:alice', groups: ['oidc:dba', 'system:authenticated'], verb: 'get', namespace: 'team-a' },
    ]);
  });

  test('is no pipeline', async () => {
    expect(await createKubeServerAccess(kube, { user: '', group: '' }).may({ ...alice, type: 'ci' }, 'pin', 'n')).toBe(
      false,
    );
  });
});

test('an Event stands at the pod; one that cannot be written stops nothing', async () => {
  const written: KubeEvent[] = [];
  const pod = { namespace: 'team-a', pod: 'store-1', podUid: 'u' };
  const events = createKubePodEvents(
    { createEvent: async (event) => void written.push(event) },
    { clock: systemClock, log: silentLogger },
  );
  await events.warn(pod, 'ToolDrift', 'store: tool read changed');
  expect(written).toMatchObject([
    { namespace: 'team-a', reason: 'ToolDrift', type: 'Warning', about: { kind: 'Pod', name: 'store-1', uid: 'u' } },
  ]);
  const failing = createKubePodEvents(
    { createEvent: async () => Promise.reject(new KubeError('forbidden', 'no')) },
    { clock: systemClock, log: silentLogger },
  );
  await expect(failing.warn(pod, 'ToolDrift', 'x')).resolves.toBeUndefined();
});
