import { describe, expect, test } from '@jest/globals';
import { environmentOf, examplePod, injected, refusalsOf } from './testing/example-pod.ts';
import { exampleContext } from './testing/example-settings.ts';
import { verifyInjected } from './verify.ts';

const crm = (parts: Parameters<typeof examplePod>[0] = {}) =>
  examplePod({
    ...parts,
    metadata: { annotations: { 'tachograph.dev/workload': 'crm' }, ...parts.metadata },
  });

describe('the Secret of a policy', () => {
  test('is mounted into the sidecar alone, read-only, one key of it, readable by its user', () => {
    const { pod } = injected(crm({ spec: { initContainers: [{ name: 'migrate', image: 'm' }] } }));
    expect(pod.spec.volumes.find(({ name }) => name === 'tachograph-upstream')).toEqual({
      name: 'tachograph-upstream',
      secret: {
        secretName: 'crm-api',
        items: [{ key: 'token', path: 'credential' }],
        defaultMode: 0o444,
        optional: true,
      },
    });
    const mounting = [...pod.spec.initContainers, ...pod.spec.containers].filter((container) =>
      JSON.stringify(container['volumeMounts'] ?? []).includes('tachograph-upstream'),
    );
    expect(mounting.map(({ name }) => name)).toEqual(['tachograph']);
    expect(mounting[0]?.['volumeMounts']).toContainEqual({
      name: 'tachograph-upstream',
      mountPath: '/var/run/secrets/tachograph-upstream',
      readOnly: true,
    });
    expect(environmentOf(mounting[0])).toMatchObject({
      TACHO_UPSTREAM_CREDENTIAL_FILE: '/var/run/secrets/tachograph-upstream/credential',
      TACHO_UPSTREAM_SECRET: 'crm-api/token',
    });
  });

  test('leaves pods of other workloads as they were', () => {
    const { pod } = injected(examplePod());
    expect(JSON.stringify(pod)).not.toMatch(/tachograph-upstream|TACHO_UPSTREAM_/);
  });

  test('is derived again: a pod without it, or with more of it, is not intact', () => {
    const { pod } = injected(crm());
    expect(verifyInjected(pod, exampleContext).kind).toBe('intact');
    expect(injected(pod).operations).toEqual([]);
    const other = { ...exampleContext, namespace: { name: 'team-a' } };
    expect(verifyInjected(pod, other).kind).toBe('refused');
    expect(JSON.stringify(injected(pod, other).pod)).not.toContain('tachograph-upstream');
  });

  test('is no other container’s to mount, and its volume’s name nobody’s to take', () => {
    const volumeMounts = [{ name: 'tachograph-upstream', mountPath: '/stolen' }];
    expect(refusalsOf(crm({ container: { volumeMounts } }))).toContain('volume_mounted');
    const volumes = [{ name: 'tachograph-upstream', emptyDir: {} }];
    expect(refusalsOf(crm({ spec: { volumes } }))).toContain('volume_reserved');
  });
});
