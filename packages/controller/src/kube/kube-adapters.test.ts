import { describe, expect, test } from '@jest/globals';
import type { ContainerRun, Namespace, Pod, TokenReviewResult, WatchHandle, WatchHandler } from '@tachograph/kube';
import { silentLogger } from '@tachograph/service';
import type { PodEvent } from '../ports.ts';
import { StillClock } from '../testing/still-clock.ts';
import { createKubeIdentity } from './kube-identity.ts';
import { createKubePods, startOf } from './kube-pods.ts';

const meta = { uid: 'u1', name: 'store-0', namespace: 'demo', resourceVersion: '1', labels: {}, annotations: {} };

function podOf(more: Partial<Pod> = {}, run: Partial<ContainerRun> & { last?: ContainerRun } = {}): Pod {
  const { last, ...current } = run;
  const status = {
    name: 'tachograph',
    ready: true,
    restartCount: 0,
    image: 'i',
    imageId: 'i',
    current: { state: 'running', startedAt: '2026-11-21T10:00:00Z', ...current } as const,
    ...(last === undefined ? {} : { last }),
  };
  return {
    ...meta,
    serviceAccount: 'default',
    phase: 'Running',
    podIps: [],
    owners: [],
    initContainers: ['tachograph', 'tachograph-netguard'],
    containers: ['app'],
    ephemeralContainers: [],
    initContainerStatuses: [status],
    containerStatuses: [],
    ...more,
  };
}

describe('the start of the sidecar', () => {
  test('is the running container’s', () => {
    expect(startOf(podOf())).toEqual({ kind: 'started', workload: 'store-0', startedAt: '2026-11-21T10:00:00Z' });
  });

  test('is pending while the container waits or has ended', () => {
    expect(startOf(podOf({}, { state: 'waiting' }))).toEqual({ kind: 'pending', workload: 'store-0' });
    expect(startOf(podOf({}, { state: 'terminated' }))).toEqual({ kind: 'pending', workload: 'store-0' });
    expect(startOf(podOf({ initContainerStatuses: [] }))).toEqual({ kind: 'pending', workload: 'store-0' });
  });

  test('names the start before, whose stream may have been left over', () => {
    const last: ContainerRun = { state: 'terminated', startedAt: '2026-11-21T09:00:00Z' };
    expect(startOf(podOf({}, { last }))).toMatchObject({ previousStartedAt: '2026-11-21T09:00:00Z' });
  });

  test('is absent in a pod without the container', () => {
    expect(startOf(podOf({ initContainers: [] }))).toEqual({ kind: 'absent' });
  });
});

const edited = {
  annotations: { 'tachograph.dev/status': '{"workload":"edited"}', 'tachograph.dev/workload': 'edited' },
};

test.each([
  ['what the sidecar was created with', { recordedWorkload: 'created', ...edited }, 'created'],
  ['never taken from what can be edited', edited, 'store-0'],
  [
    'the owner without the template hash',
    {
      labels: { 'pod-template-hash': 'abc' },
      owners: [{ kind: 'ReplicaSet', name: 'store-abc', uid: 'o', controller: true }],
    },
    'store',
  ],
  ['the owner', { owners: [{ kind: 'StatefulSet', name: 'db', uid: 'o', controller: true }] }, 'db'],
])('the workload is %s', (_what, more, workload) => {
  expect(startOf(podOf(more))).toMatchObject({ workload });
});

test('a pod of the same name but another UID is not the caller’s', async () => {
  const kube = { ...watches(), getPod: async () => podOf(), listPods: async () => [] };
  const pods = createKubePods(kube, silentLogger);
  const identity = { namespace: 'demo', pod: 'store-0' };
  await expect(pods.sidecarStart({ ...identity, podUid: 'u1' })).resolves.toMatchObject({ kind: 'started' });
  await expect(pods.sidecarStart({ ...identity, podUid: 'u2' })).resolves.toEqual({ kind: 'absent' });
});

function handleOf<T>(list: readonly T[]): WatchHandle<T> {
  return {
    synced: Promise.resolve(),
    isSynced: () => true,
    list: () => list,
    get: () => undefined,
    stop: () => undefined,
  };
}

/** Watches whose events a test makes. */
function watches() {
  const podHandlers: WatchHandler<Pod>[] = [];
  const namespaceHandlers: WatchHandler<Namespace>[] = [];
  const pods: Pod[] = [];
  return {
    pods,
    podHandlers,
    namespaceHandlers,
    watchPods: (_selector: unknown, handler: WatchHandler<Pod>) => {
      podHandlers.push(handler);
      for (const pod of pods) handler.onObject(pod);
      return handleOf(pods);
    },
    watchNamespaces: (handler: WatchHandler<Namespace>) => {
      namespaceHandlers.push(handler);
      return handleOf<Namespace>([]);
    },
  };
}

test('without a sidecar the workload is what the annotations say', async () => {
  const plain = podOf({ initContainers: [], ...edited });
  const pods = createKubePods(
    { ...watches(), getPod: async () => undefined, listPods: async () => [plain] },
    silentLogger,
  );
  await expect(pods.list()).resolves.toMatchObject([{ workload: 'edited', injected: false }]);
});

test('watches pods of recorded namespaces, and those with a sidecar wherever they are', async () => {
  const kube = watches();
  kube.pods.push(podOf({ uid: 'plain', initContainers: [] }), podOf({ uid: 'foreign', namespace: 'other' }));
  const heard: PodEvent[] = [];
  const pods = createKubePods({ ...kube, getPod: async () => undefined, listPods: async () => [] }, silentLogger);
  await pods.watch((event) => void heard.push(event));
  expect(heard.map(({ pod }) => pod.podUid)).toEqual(['foreign']);
  const [namespaces] = kube.namespaceHandlers;
  namespaces?.onObject({ ...meta, name: 'demo', labels: { 'tachograph.dev/inject': 'enabled' } });
  expect(heard.at(-1)).toMatchObject({ kind: 'seen', pod: { podUid: 'plain', injected: false, labelled: false } });
  kube.podHandlers[0]?.onDeleted?.(podOf({ uid: 'plain', initContainers: [] }));
  expect(heard.at(-1)).toMatchObject({ kind: 'gone', pod: { podUid: 'plain' } });
});

function reviewed(result: TokenReviewResult) {
  const asked: string[] = [];
  const clock = new StillClock();
  const reviewToken = async (_token: string, audiences: readonly string[]): Promise<TokenReviewResult> => {
    asked.push(audiences.join(','));
    return audiences[0] === 'tachograph-controller' ? result : { kind: 'refused', message: 'audience' };
  };
  const allowed = ['system:serviceaccount:system:tachograph-injector'];
  return { asked, clock, identity: createKubeIdentity({ reviewToken }, allowed, clock) };
}

describe('identity', () => {
  const accepted: TokenReviewResult = {
    kind: 'authenticated',
    username: 'system:serviceaccount:demo:store',
    uid: 'x',
    groups: [],
    audiences: ['tachograph-controller'],
    namespace: 'demo',
    podName: 'store-0',
    podUid: 'u1',
  };

  test('is the pod of a pod-bound token, asked anew after ten seconds', async () => {
    const { asked, clock, identity } = reviewed(accepted);
    await expect(identity.pod('t')).resolves.toEqual({ namespace: 'demo', pod: 'store-0', podUid: 'u1' });
    await identity.pod('t');
    await clock.pass(10_000);
    await identity.pod('t');
    expect(asked).toEqual(['tachograph-controller', 'tachograph-controller']);
  });

  test('is nobody for a token that is bound to no pod', async () => {
    const { podName: _name, podUid: _uid, ...unbound } = accepted;
    await expect(reviewed(unbound).identity.pod('t')).resolves.toBeUndefined();
  });

  test('a component is one of the allowed users only', async () => {
    await expect(reviewed(accepted).identity.component('t')).resolves.toBeUndefined();
    const injector = { ...accepted, username: 'system:serviceaccount:system:tachograph-injector' };
    await expect(reviewed(injector).identity.component('t')).resolves.toBe(injector.username);
  });
});
