import { describe, expect, test } from '@jest/globals';
import type { RefusalCode } from './reasons.ts';
import { examplePod, injected } from './testing/example-pod.ts';
import { contextWith, exampleContext } from './testing/example-settings.ts';
import { verifyInjected, verifyUpdate, type VerifyResult } from './verify.ts';

interface MutableContainer {
  name: string;
  image: string;
  env: { name: string; value?: string }[];
  volumeMounts: object[];
  resources: { limits: Record<string, string> };
  securityContext: { runAsUser?: number; capabilities?: object };
  [field: string]: unknown;
}

interface MutablePod {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: {
    initContainers: MutableContainer[];
    containers: MutableContainer[];
    ephemeralContainers?: object[];
    volumes: Record<string, unknown>[];
  };
}

function fresh(): MutablePod {
  const { pod } = injected(examplePod({ container: { readinessProbe: { tcpSocket: { port: 8080 } } } }));
  return structuredClone(pod) as unknown as MutablePod;
}

function first<T>(list: readonly T[]): T {
  const [it] = list;
  if (it === undefined) throw new Error('empty');
  return it;
}

function codes(result: VerifyResult): readonly RefusalCode[] {
  return result.kind === 'refused' ? result.reasons.map(({ code }) => code) : [];
}

describe('verifyInjected', () => {
  test('accepts what injection made', () => {
    expect(verifyInjected(fresh(), exampleContext)).toEqual({ kind: 'intact' });
  });

  test('grants what the API server adds', () => {
    const pod = fresh();
    const sidecar = first(pod.spec.initContainers);
    sidecar.volumeMounts.push({
      name: 'kube-api-access-x2k9p',
      readOnly: true,
      mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
    });
    sidecar.resources.limits['ephemeral-storage'] = '1Gi';
    sidecar.resources.limits['memory'] = '0.25Gi';
    pod.spec.volumes.push({ name: 'kube-api-access-x2k9p', projected: {} });
    expect(verifyInjected(pod, exampleContext)).toEqual({ kind: 'intact' });
  });

  test.each<[string, (pod: MutablePod) => void]>([
    ['an image', (pod) => void (first(pod.spec.initContainers).image = 'evil')],
    ['one environment value', (pod) => void (first(first(pod.spec.initContainers).env).value = 'network=127.0.0.1:1')],
    [
      'one more environment variable',
      (pod) => void first(pod.spec.initContainers).env.push({ name: 'TACHO_OFF', value: 'record' }),
    ],
    ['the UID', (pod) => void (first(pod.spec.initContainers).securityContext.runAsUser = 1000)],
    ['an unknown field', (pod) => void (first(pod.spec.initContainers)['stdin'] = true)],
    ['another mount', (pod) => void first(pod.spec.initContainers).volumeMounts.push({ name: 'x', mountPath: '/app' })],
    ['a memory limit', (pod) => void (first(pod.spec.initContainers).resources.limits['memory'] = '1Mi')],
    [
      'the spool’s medium',
      (pod) => void (first(pod.spec.volumes)['emptyDir'] = { sizeLimit: '320Mi', medium: 'Memory' }),
    ],
    ['the status annotation', (pod) => void (pod.metadata.annotations['tachograph.dev/status'] = '{}')],
    [
      'a container that kept its capabilities',
      (pod) => void (first(pod.spec.containers).securityContext = { runAsUser: 1000 }),
    ],
    [
      'a probe moved back',
      (pod) => void (first(pod.spec.containers)['readinessProbe'] = { tcpSocket: { port: 8080 } }),
    ],
    ['the order', (pod) => void (pod.spec.initContainers = pod.spec.initContainers.toReversed())],
  ])('refuses a copy that differs in %s', (_name, tamper) => {
    const pod = fresh();
    tamper(pod);
    expect(codes(verifyInjected(pod, exampleContext))).toEqual(['copy_differs']);
  });

  test('refuses a labelled pod that nobody injected', () => {
    expect(codes(verifyInjected(examplePod(), exampleContext))).toEqual(['not_injected']);
  });

  test('refuses a copy made for another installation', () => {
    expect(codes(verifyInjected(fresh(), contextWith({ nonceKey: 'other' })))).toEqual(['copy_differs']);
  });

  test('refuses a sidecar kept while its annotation was taken', () => {
    const pod = fresh();
    delete pod.metadata.annotations['tachograph.dev/status'];
    expect(codes(verifyInjected(pod, exampleContext))).toContain('name_reserved');
  });
});

describe('verifyUpdate', () => {
  const strict = { mayUpgrade: false };

  test('lets everything else change', () => {
    const after = fresh();
    after.metadata.labels['team'] = 'blue';
    first(after.spec.containers).image = 'registry.example/server:2';
    expect(verifyUpdate(fresh(), after, strict)).toEqual({ kind: 'intact' });
  });

  test.each<[string, (pod: MutablePod) => void]>([
    ['taking the label off', (pod) => void delete pod.metadata.labels['tachograph.dev/mcp-server']],
    ['labelling it false', (pod) => void (pod.metadata.labels['tachograph.dev/mcp-server'] = 'false')],
    ['another workload', (pod) => void (pod.metadata.annotations['tachograph.dev/workload'] = 'other')],
    ['another status', (pod) => void (pod.metadata.annotations['tachograph.dev/status'] = '{}')],
    ['another sidecar image', (pod) => void (first(pod.spec.initContainers).image = 'evil')],
  ])('refuses %s', (_name, change) => {
    const after = fresh();
    change(after);
    expect(codes(verifyUpdate(fresh(), after, strict))).toEqual(['field_immutable']);
  });

  test('lets the controller upgrade the image, and only that', () => {
    const after = fresh();
    first(after.spec.initContainers).image = 'registry.example/tachograph/sidecar:0.1.1';
    expect(verifyUpdate(fresh(), after, { mayUpgrade: true })).toEqual({ kind: 'intact' });
    first(first(after.spec.initContainers).env).value = 'x';
    expect(codes(verifyUpdate(fresh(), after, { mayUpgrade: true }))).toEqual(['field_immutable']);
  });

  test('refuses to label a running pod', () => {
    const plain = examplePod({ metadata: { labels: {} } });
    expect(codes(verifyUpdate(plain, examplePod(), strict))).toEqual(['field_immutable']);
    expect(verifyUpdate(plain, plain, strict)).toEqual({ kind: 'not_selected' });
  });

  test('lets only confined ephemeral containers in', () => {
    const confined = {
      name: 'debug',
      image: 'tools',
      securityContext: { runAsUser: 2000, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    };
    const check = (container: object): readonly RefusalCode[] => {
      const after = fresh();
      after.spec.ephemeralContainers = [container];
      return [...new Set(codes(verifyUpdate(fresh(), after, strict)))];
    };
    const user = first(fresh().spec.initContainers).securityContext.runAsUser;
    expect(check(confined)).toEqual([]);
    expect(check({ ...confined, securityContext: {} })).toEqual(['ephemeral_unconfined']);
    expect(check({ ...confined, targetContainerName: 'tachograph' })).toEqual(['ephemeral_unconfined']);
    for (const runAsUser of [0, 65_534, user]) {
      expect(check({ ...confined, securityContext: { ...confined.securityContext, runAsUser } })).toEqual([
        'ephemeral_unconfined',
      ]);
    }
    const add = { ...confined.securityContext, capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } };
    expect(check({ ...confined, securityContext: add })).toEqual(['capability_added']);
    expect(check({ ...confined, volumeMounts: [{ name: 'tachograph-spool', mountPath: '/s' }] })).toEqual([
      'volume_mounted',
    ]);
  });
});
