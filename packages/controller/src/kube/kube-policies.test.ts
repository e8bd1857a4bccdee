import { describe, expect, test } from '@jest/globals';
import type { PolicyObject, SeenPolicy, WatchHandle, WatchHandler } from '@tachograph/kube';
import { createKubePolicies } from './kube-policies.ts';

/** Two watches whose events a test makes. */
class FakeWatches {
  readonly written: [SeenPolicy, unknown][] = [];
  readonly own = new FakeWatch();
  readonly cluster = new FakeWatch();
  watchPolicies = (handler: WatchHandler<PolicyObject>): WatchHandle<PolicyObject> => this.own.start(handler);
  watchClusterPolicies = (handler: WatchHandler<PolicyObject>): WatchHandle<PolicyObject> =>
    this.cluster.start(handler);
  updatePolicyStatus = async (seen: SeenPolicy, status: unknown): Promise<'updated'> => {
    this.written.push([seen, status]);
    return 'updated';
  };
}

class FakeWatch {
  synced = false;
  #handler: WatchHandler<PolicyObject> | undefined;
  readonly #objects = new Map<string, PolicyObject>();

  start(handler: WatchHandler<PolicyObject>): WatchHandle<PolicyObject> {
    this.#handler = handler;
    return {
      synced: Promise.resolve(),
      isSynced: () => this.synced,
      list: () => [...this.#objects.values()],
      get: () => undefined,
      stop: () => undefined,
    };
  }

  put(object: PolicyObject): void {
    this.#objects.set(object.uid, object);
    this.#handler?.onObject(object);
  }
}

function policy(name: string, namespace: string, version: number, generation = 1): PolicyObject {
  const meta = { uid: `${namespace}/${name}`, name, namespace, resourceVersion: String(version) };
  return { ...meta, labels: {}, annotations: {}, generation, spec: { default: 'deny' }, status: {} };
}

describe('policies of a cluster', () => {
  test('are unknown until both kinds are read', async () => {
    const kube = new FakeWatches();
    const policies = createKubePolicies(kube);
    await expect(policies.snapshot('team')).rejects.toThrow('not read yet');
    kube.own.synced = true;
    kube.own.put(policy('main', 'team', 5));
    await expect(policies.snapshot('team')).rejects.toThrow('not read yet');
    kube.cluster.synced = true;
    await expect(policies.snapshot('team')).resolves.toMatchObject({ sources: [{ name: 'main' }], revision: 5 });
  });

  test('are those of the cluster and of the namespace', async () => {
    const kube = new FakeWatches();
    kube.own.synced = true;
    kube.cluster.synced = true;
    const policies = createKubePolicies(kube);
    policies.onChange(() => undefined);
    kube.own.put(policy('main', 'team', 5));
    kube.own.put(policy('other', 'elsewhere', 6));
    kube.cluster.put(policy('floor', '', 9));
    const spec = { default: 'deny' };
    await expect(policies.snapshot('team')).resolves.toEqual({
      revision: 9,
      sources: [
        { kind: 'ClusterMcpPolicy', name: 'floor', spec },
        { kind: 'McpPolicy', name: 'main', spec },
      ],
    });
  });

  test('wake nobody for a status that was written', () => {
    const kube = new FakeWatches();
    const policies = createKubePolicies(kube);
    let changes = 0;
    policies.onChange(() => (changes += 1));
    kube.cluster.put(policy('floor', '', 9));
    kube.cluster.put(policy('floor', '', 10));
    expect(changes).toBe(1);
    kube.cluster.put(policy('floor', '', 11, 2));
    expect(changes).toBe(2);
  });

  test('have their status written on the version that was seen', async () => {
    const kube = new FakeWatches();
    kube.own.synced = true;
    kube.cluster.synced = true;
    const { statuses } = createKubePolicies(kube);
    expect(statuses.list()).toEqual([]);
    kube.cluster.put(policy('floor', '', 9));
    const [stored] = statuses.list();
    const status = {
      observedGeneration: 1,
      state: 'compiled',
      hash: 'h',
      workloads: [],
      workloadCount: 0,
      errors: [],
    } as const;
    if (stored !== undefined) await statuses.write(stored, status);
    expect(kube.written).toEqual([
      [expect.objectContaining({ namespace: '', name: 'floor', resourceVersion: '9' }), status],
    ]);
  });
});
