import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startFakeApiServer, type FakeApiServer } from './testing/fake-api-server.ts';
import { isKubeError } from './kube-error.ts';
import { createKubeOver, type Kube } from './kube.ts';

const quiet = { info: () => undefined, warn: () => undefined };
let server: FakeApiServer;
let kube: Kube;

beforeEach(async () => {
  server = await startFakeApiServer();
  kube = createKubeOver(server.transport, { log: quiet });
});
afterEach(async () => server.close());

function answerWith(body: unknown, status = 200): void {
  server.respond(() => ({ status, body }));
}

describe('reviewToken', () => {
  const claims = Buffer.from(JSON.stringify({ exp: 1_800_000_000 })).toString('base64url');
  const user = {
    username: 'system:serviceaccount:team-a:mcp',
    uid: 'u1',
    groups: ['system:serviceaccounts'],
    extra: { 'authentication.kubernetes.io/pod-name': ['mcp-0'], 'authentication.kubernetes.io/pod-uid': ['p1'] },
  };

  test('says who a pod-bound token is', async () => {
    answerWith({ status: { authenticated: true, audiences: ['tachograph-controller'], user } });
    await expect(kube.reviewToken(`h.${claims}.s`, ['tachograph-controller'])).resolves.toEqual({
      kind: 'authenticated',
      username: 'system:serviceaccount:team-a:mcp',
      uid: 'u1',
      groups: ['system:serviceaccounts'],
      audiences: ['tachograph-controller'],
      namespace: 'team-a',
      serviceAccount: 'mcp',
      podName: 'mcp-0',
      podUid: 'p1',
      expires: 1_800_000_000,
    });
  });

  test('refuses an accepted token whose audience nobody confirmed', async () => {
    answerWith({ status: { authenticated: true, user } });
    await expect(kube.reviewToken('x', ['tachograph-controller'])).resolves.toEqual({
      kind: 'refused',
      message: 'the token is not for tachograph-controller',
    });
  });

  test('refuses what the API server refuses, and throws when it does not answer', async () => {
    answerWith({ status: { authenticated: false, error: 'expired' } });
    await expect(kube.reviewToken('x', ['a'])).resolves.toEqual({ kind: 'refused', message: 'expired' });
    answerWith({ message: 'busy' }, 503);
    await expect(kube.reviewToken('x', ['a'])).rejects.toMatchObject({ code: 'unavailable', status: 503 });
  });
});

describe('secrets', () => {
  test('a second writer of the same version gets a conflict', async () => {
    const created = await kube.createSecret({ namespace: 'tachograph', name: 'ca', data: { key: 'ä' } });
    await expect(kube.getSecret('tachograph', 'ca')).resolves.toEqual(created);
    await kube.updateSecret({ ...created, data: { key: 'new' } });
    const late = kube.updateSecret({ ...created, data: { key: 'late' } }).catch((error: unknown) => error);
    expect(isKubeError(await late, 'conflict')).toBe(true);
    const again = kube.createSecret({ namespace: 'tachograph', name: 'ca', data: {} }).catch((error: unknown) => error);
    expect(isKubeError(await again, 'conflict')).toBe(true);
    await expect(kube.getSecret('tachograph', 'ca')).resolves.toMatchObject({ data: { key: 'new' } });
  });

  test('an absent one is undefined', async () => {
    await expect(kube.getSecret('tachograph', 'none')).resolves.toBeUndefined();
  });
});

describe('patchWebhookCaBundle', () => {
  const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
  const bundle = 'PEM';
  const encoded = Buffer.from(bundle).toString('base64');

  test('patches only webhooks that lack the bundle, each pinned by name', async () => {
    server.put(path, {
      metadata: { name: 'tachograph' },
      webhooks: [
        { name: 'done', clientConfig: { caBundle: encoded } },
        { name: 'open', clientConfig: {} },
      ],
    });
    server.respond(({ method }) => (method === 'PATCH' ? { status: 200, body: {} } : undefined));
    await expect(kube.patchWebhookCaBundle('MutatingWebhookConfiguration', 'tachograph', bundle)).resolves.toBe(
      'patched',
    );
    const patch = server.requests.find((it) => it.method === 'PATCH');
    expect(patch?.contentType).toBe('application/json-patch+json');
    expect(patch?.body).toEqual([
      { op: 'test', path: '/webhooks/1/name', value: 'open' },
      { op: 'add', path: '/webhooks/1/clientConfig/caBundle', value: encoded },
    ]);
  });

  test('tells of each webhook whether it can be called, and what happens when not', async () => {
    server.put(path, {
      metadata: { name: 'tachograph' },
      webhooks: [
        { name: 'done', failurePolicy: 'Fail', clientConfig: { caBundle: encoded } },
        { name: 'open', failurePolicy: 'Ignore', clientConfig: {} },
      ],
    });
    await expect(kube.getWebhooks('MutatingWebhookConfiguration', 'tachograph')).resolves.toEqual([
      { name: 'done', hasCaBundle: true, failurePolicy: 'Fail' },
      { name: 'open', hasCaBundle: false, failurePolicy: 'Ignore' },
    ]);
    await expect(kube.getWebhooks('ValidatingWebhookConfiguration', 'tachograph')).resolves.toBeUndefined();
  });

  test('does nothing when the bundle is there', async () => {
    server.put(path, {
      metadata: { name: 'tachograph' },
      webhooks: [{ name: 'a', clientConfig: { caBundle: encoded } }],
    });
    await expect(kube.patchWebhookCaBundle('MutatingWebhookConfiguration', 'tachograph', bundle)).resolves.toBe('same');
    expect(server.requests.filter((it) => it.method === 'PATCH')).toEqual([]);
  });
});

describe('objects', () => {
  test('a pod keeps the starts of its containers, and the workload that it was created with', async () => {
    const env = [
      { name: 'TACHO_WORKLOAD', value: 'overridden' },
      { name: 'TACHO_WORKLOAD', value: 'mcp' },
    ];
    server.put('/api/v1/namespaces/team-a/pods', {
      metadata: { name: 'mcp-0', namespace: 'team-a', uid: 'p1', deletionTimestamp: '2026-11-21T12:00:00Z' },
      spec: { serviceAccountName: 'mcp', containers: [{ name: 'app' }], initContainers: [{ name: 'tachograph', env }] },
      status: {
        phase: 'Running',
        podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }],
        initContainerStatuses: [
          {
            name: 'tachograph',
            ready: true,
            restartCount: 1,
            containerID: 'containerd://two',
            state: { running: { startedAt: '2026-11-21T11:00:00Z' } },
            lastState: { terminated: { containerID: 'containerd://one', exitCode: 137, reason: 'OOMKilled' } },
          },
        ],
      },
    });
    const pod = await kube.getPod('team-a', 'mcp-0');
    expect(pod).toMatchObject({
      uid: 'p1',
      podIps: ['10.0.0.1', 'fd00::1'],
      initContainers: ['tachograph'],
      recordedWorkload: 'mcp',
    });
    expect(pod?.deletionTimestamp).toBe('2026-11-21T12:00:00Z');
    expect(pod?.initContainerStatuses[0]).toEqual({
      name: 'tachograph',
      ready: true,
      restartCount: 1,
      image: '',
      imageId: '',
      current: { state: 'running', containerId: 'containerd://two', startedAt: '2026-11-21T11:00:00Z' },
      last: { state: 'terminated', containerId: 'containerd://one', exitCode: 137, reason: 'OOMKilled' },
    });
  });

  test('a status is patched on the policy that was seen', async () => {
    answerWith({});
    const seen = { namespace: 'team-a', name: 'default', resourceVersion: '7' };
    await expect(kube.updatePolicyStatus(seen, { observedGeneration: 2 })).resolves.toBe('updated');
    expect(server.requests[0]).toMatchObject({
      method: 'PATCH',
      body: { metadata: { resourceVersion: '7' }, status: { observedGeneration: 2 } },
    });
    expect(server.requests[0]?.url.pathname).toBe(
      '/apis/tachograph.dev/v1alpha1/namespaces/team-a/mcppolicies/default/status',
    );
    answerWith({ message: 'changed' }, 409);
    await expect(kube.updatePolicyStatus({ ...seen, namespace: '' }, {})).resolves.toBe('conflict');
    expect(server.requests[1]?.url.pathname).toBe('/apis/tachograph.dev/v1alpha1/clustermcppolicies/default/status');
  });

  test('a missing object is undefined, a forbidden one an error', async () => {
    await expect(kube.getPod('team-a', 'none')).resolves.toBeUndefined();
    answerWith({ message: 'no' }, 403);
    await expect(kube.getPod('team-a', 'none')).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('an answer that is no JSON object is a protocol error', async () => {
    answerWith([]);
    await expect(kube.getPod('team-a', 'x')).rejects.toMatchObject({ code: 'protocol' });
  });

  test('access is allowed only by a plain yes', async () => {
    const question = {
      user: 'alice',
      groups: [],
      verb: 'break-glass',
      group: 'tachograph.dev',
      resource: 'pods',
      namespace: 'team-a',
      name: 'x',
    };
    answerWith({ status: { allowed: true } }, 201);
    await expect(kube.reviewAccess(question)).resolves.toBe(true);
    answerWith({ status: { allowed: true, denied: true } }, 201);
    await expect(kube.reviewAccess(question)).resolves.toBe(false);
    answerWith({}, 201);
    await expect(kube.reviewAccess(question)).resolves.toBe(false);
  });
});

describe('serviceAccountIssuer', () => {
  const keys = [{ kty: 'EC', kid: 'k1', crv: 'P-256', x: 'x', y: 'y' }];

  test('is what the API server publishes of its tokens', async () => {
    const issuer = 'https://kubernetes.default.svc.cluster.local';
    server.respond(({ url }) => ({ status: 200, body: url.pathname === '/openid/v1/jwks' ? { keys } : { issuer } }));
    await expect(kube.serviceAccountIssuer()).resolves.toEqual({ issuer, keys });
  });

  test('is refused when nobody is named', async () => {
    answerWith({ keys });
    await expect(kube.serviceAccountIssuer()).rejects.toMatchObject({ code: 'protocol' });
  });
});
