import { describe, expect, test } from '@jest/globals';
import { KubeError, type Namespace, type Pod, type RegisteredWebhook } from '@tachograph/kube';
import { runChecks } from './check.ts';
import { clusterChecks } from './cluster-checks.ts';

const scope = { system: 'tachograph', namespaces: ['team-a'] };
const meta = { uid: 'u', resourceVersion: '1', annotations: {} };
const run = { state: 'running' } as const;

function namespace(name: string, labels: Readonly<Record<string, string>> = {}): Namespace {
  return { ...meta, name, namespace: '', labels };
}

function pod(name: string, ready: boolean, sidecar: boolean): Pod {
  const status = { name: 'c', ready, restartCount: 0, image: '', imageId: '', current: run };
  return {
    ...meta,
    name,
    namespace: 'team-a',
    labels: {},
    serviceAccount: 'default',
    phase: 'Running',
    podIps: [],
    owners: [],
    initContainers: sidecar ? ['tachograph'] : [],
    containers: ['c'],
    ephemeralContainers: [],
    initContainerStatuses: sidecar ? [{ ...status, name: 'tachograph', ready: true }] : [],
    containerStatuses: [status],
  };
}

interface Cluster {
  readonly namespaces: readonly Namespace[];
  readonly pods: (namespace: string | undefined) => readonly Pod[];
  readonly webhooks: readonly RegisteredWebhook[] | undefined;
  /** Data of the Secret that holds no private key. */
  readonly published: Readonly<Record<string, string>> | undefined;
}

const healthy: Cluster = {
  namespaces: [namespace('tachograph'), namespace('team-a', { 'tachograph.dev/inject': 'enabled' })],
  pods: () => [pod('p', true, true)],
  webhooks: [{ name: 'inject', hasCaBundle: true, failurePolicy: 'Fail' }],
  published: { fingerprint: 'sha256:ab', logKeys: 'vkey' },
};

async function outcomes(cluster: Cluster): Promise<Record<string, string>> {
  const checks = clusterChecks(
    {
      getNamespace: (name) => Promise.resolve(cluster.namespaces.find((it) => it.name === name)),
      listPods: (selector) => Promise.resolve(cluster.pods(selector?.namespace)),
      getWebhooks: () => Promise.resolve(cluster.webhooks),
      getSecret: (system, name) =>
        Promise.resolve(
          name === 'tachograph-trust' && cluster.published !== undefined
            ? { namespace: system, name, resourceVersion: '1', data: cluster.published }
            : undefined,
        ),
    },
    scope,
  );
  const results = await runChecks(checks, () => undefined);
  return Object.fromEntries(results.map(({ id, outcome }) => [id, outcome]));
}

async function refused(): Promise<never> {
  return Promise.reject(new KubeError('forbidden', 'may not list pods'));
}

describe('tacho check', () => {
  test('finds nothing wrong with an installation that records', async () => {
    expect(new Set(Object.values(await outcomes(healthy)))).toEqual(new Set(['ok']));
  });

  test.each<[string, Cluster, Record<string, string>]>([
    ['no installation', { ...healthy, namespaces: [] }, { 'system-namespace': 'failed', 'namespace-label': 'failed' }],
    ['no trust root', { ...healthy, published: undefined }, { 'trust-root': 'failed', 'controller-ready': 'ok' }],
    ['no log key', { ...healthy, published: { fingerprint: 'sha256:ab' } }, { 'trust-root': 'failed' }],
    ['webhooks that were removed', { ...healthy, webhooks: undefined }, { webhooks: 'failed' }],
    [
      'webhooks that nobody can call',
      { ...healthy, webhooks: [{ name: 'inject', hasCaBundle: false, failurePolicy: 'Fail' }] },
      { webhooks: 'failed' },
    ],
    [
      'webhooks that let pass what they cannot see',
      { ...healthy, webhooks: [{ name: 'inject', hasCaBundle: true, failurePolicy: 'Ignore' }] },
      { webhooks: 'failed', 'injector-ready': 'ok' },
    ],
    [
      'nothing of a pod that has run to its end',
      {
        ...healthy,
        pods: (name) => [name === 'team-a' ? { ...pod('p', false, false), phase: 'Succeeded' } : pod('p', true, true)],
      },
      { 'pods-recorded': 'ok' },
    ],
    ['parts that are not ready', { ...healthy, pods: () => [pod('p', false, true)] }, { 'sequencer-ready': 'failed' }],
    ['no parts at all', { ...healthy, pods: () => [] }, { 'injector-ready': 'failed', 'pods-recorded': 'ok' }],
    [
      'a namespace that is not recorded',
      { ...healthy, namespaces: [namespace('tachograph'), namespace('team-a')] },
      { 'namespace-label': 'failed', 'system-namespace': 'ok' },
    ],
    [
      'a labelled pod without a sidecar',
      { ...healthy, pods: (name) => [pod('p', true, name !== 'team-a')] },
      { 'pods-recorded': 'warning', 'controller-ready': 'ok' },
    ],
  ])('reports %s', async (_name, cluster, expected) => {
    expect(await outcomes(cluster)).toMatchObject(expected);
  });

  test('counts a question that cannot be asked as failed, with its reason and hint', async () => {
    const checks = clusterChecks(
      { getNamespace: refused, listPods: refused, getSecret: refused, getWebhooks: refused },
      scope,
    );
    const [first] = await runChecks(checks, () => undefined);
    expect(first).toMatchObject({ outcome: 'failed', found: 'may not list pods' });
    expect(first?.hint).toContain('helm install');
  });
});
