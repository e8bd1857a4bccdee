import { expect, test } from '@jest/globals';
import type { PolicyObject } from './check-policy.ts';
import { upstreamOf } from './upstream-of.ts';

const target = { namespace: 'team-a', workload: 'crm' };
const upstream = (name: string) => ({ header: 'X-Api-Key', secret: { name, key: 'token' } });
const policy = (name: string, spec: object, namespace = 'team-a'): PolicyObject => ({ name, namespace, spec });
const secretOf = (...objects: readonly PolicyObject[]): string | undefined => upstreamOf(objects, target)?.secret.name;

test('the credential is that of the policies for the workload', () => {
  const own = policy('b', { workloads: ['c*'], upstream: upstream('own') });
  expect(secretOf(own)).toBe('own');
  expect(secretOf(policy('b', { workloads: ['erp'], upstream: upstream('own') }))).toBeUndefined();
  expect(secretOf(policy('b', { upstream: upstream('own') }, 'team-b'))).toBeUndefined();
  expect(secretOf(policy('b', { rules: [] }), own)).toBe('own');
});

test('of several the cluster’s is first, then the first by name; a faulty one is none', () => {
  const cluster: PolicyObject = {
    kind: 'ClusterMcpPolicy',
    name: 'z',
    namespace: '',
    spec: { namespaces: ['team-*'], upstream: upstream('cluster') },
  };
  const [a, b] = [policy('a', { upstream: upstream('of-a') }), policy('b', { upstream: upstream('of-b') })];
  expect(secretOf(b, a)).toBe('of-a');
  expect(secretOf(b, a, cluster)).toBe('cluster');
  expect(secretOf(policy('a', { upstream: upstream('of-a'), unknown: 1 }), b)).toBe('of-b');
});
