import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadConditions, type Conditions } from '@tachograph/policy';
import type { PodFacts, PolicyStatus, StoredPolicy } from '../ports.ts';
import { writePolicyStatuses } from './policy-status.ts';

let conditions: Conditions;
beforeAll(async () => {
  conditions = await loadConditions();
});

function stored(name: string, spec: unknown, more: Partial<StoredPolicy> = {}): StoredPolicy {
  return { kind: 'McpPolicy', name, namespace: 'team', generation: 3, resourceVersion: '7', status: {}, spec, ...more };
}

function pod(namespace: string, workload: string, injected = true): PodFacts {
  return { namespace, workload, injected, pod: `${workload}-0`, podUid: workload, labelled: true, running: true };
}

async function statusesOf(policies: readonly StoredPolicy[]): Promise<ReadonlyMap<string, PolicyStatus>> {
  const written = new Map<string, PolicyStatus>();
  const statuses = {
    list: () => policies,
    write: async (policy: StoredPolicy, status: PolicyStatus) => {
      written.set(policy.name, status);
      return 'updated' as const;
    },
  };
  const pods = {
    list: async () => [pod('team', 'files'), pod('team', 'files'), pod('ops', 'db'), pod('team', 'x', false)],
  };
  await writePolicyStatuses({ statuses, pods, conditions });
  return written;
}

const upstream = (name: string): unknown => ({ upstream: { header: 'Authorization', secret: { name, key: 'k' } } });

describe('the status of a policy', () => {
  test('tells its hash and its workloads', async () => {
    const cluster = stored('floor', { default: 'deny' }, { kind: 'ClusterMcpPolicy', namespace: '' });
    const written = await statusesOf([
      cluster,
      stored('main', { workloads: ['fi*'] }),
      stored('none', { workloads: ['q'] }),
    ]);
    expect(written.get('floor')).toEqual({
      observedGeneration: 3,
      state: 'compiled',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      workloads: ['ops/db', 'team/files'],
      workloadCount: 2,
      errors: [],
    });
    expect(written.get('main')).toMatchObject({ workloads: ['team/files'] });
    expect(written.get('none')).toMatchObject({ state: 'compiled', workloads: [], workloadCount: 0 });
  });

  test.each<[string, unknown, string]>([
    ['a typo', { rulez: [] }, 'spec.rulez'],
    ['a bad condition', { rules: [{ name: 'r', when: 'x', verdict: 'deny' }] }, 'spec.rules[0].when'],
    ['bad masking', { masking: { off: ['nothing'] } }, 'spec.masking.off.0'],
  ])('tells the place of %s', async (_what, spec, path) => {
    const written = await statusesOf([stored('main', spec)]);
    expect(written.get('main')).toMatchObject({ state: 'refused', errors: [{ path }] });
  });

  test('tells both of two policies that they clash', async () => {
    const written = await statusesOf([stored('a', upstream('one')), stored('b', upstream('two'))]);
    expect([written.get('a'), written.get('b')]).toMatchObject([
      { state: 'refused', errors: [{ path: 'spec.upstream' }] },
      { state: 'refused', errors: [{ path: 'spec.upstream' }] },
    ]);
  });

  test('is not written again while it says the same', async () => {
    const first = (await statusesOf([stored('main', {})])).get('main');
    const again = await statusesOf([stored('main', {}, { status: { ...first } })]);
    expect(again.size).toBe(0);
    expect((await statusesOf([stored('main', {}, { status: { ...first }, generation: 4 })])).size).toBe(1);
  });
});
