import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KubeError, type PolicyObject } from '@tachograph/kube';
import { createSettingsReader, silentLogger } from '@tachograph/service';
import { createInjector, type Injector } from './app.ts';
import { readInjectorSettings } from './settings.ts';
import { callWebhook, type HttpAnswer } from './testing/api-server.ts';
import { createFakeKube, exampleKubePod, exampleNamespace, type FakeKube } from './testing/fake-kube.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const mcp = { 'tachograph.dev/mcp-server': 'true' };
const settings = readInjectorSettings(
  createSettingsReader({
    TACHO_NAMESPACE: 'tachograph',
    TACHO_LISTEN: '127.0.0.1:0',
    TACHO_CLUSTER: 'example',
    TACHO_SIDECAR_IMAGE: 'registry.example/sidecar:1',
    TACHO_CONTROLLER: 'https://tachograph-controller.tachograph.svc:8443',
    TACHO_MUTATING_CONFIGURATIONS: 'tachograph',
    TACHO_VALIDATING_CONFIGURATIONS: 'tachograph,tachograph-connect',
    TACHO_UPGRADER: 'system:serviceaccount:tachograph:tachograph-controller',
  }),
);

let kube: FakeKube;
let injector: Injector;
let port: number;
let nowMs: number;
let due: (() => void)[];

/** Time and rounds move only when the test says so. */
const clock = { nowMs: () => nowMs, monotonicNs: () => nowMs * 1e6 };
const timers = {
  after(_delayMs: number, run: () => void): () => void {
    due.push(run);
    return () => undefined;
  },
};

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 15_000 && !condition(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(condition()).toBe(true);
}

/** Lets the round that waits run, and waits for the next one to be planned. */
async function nextRound(): Promise<void> {
  await until(() => due.length === 1);
  due.shift()?.();
  await until(() => due.length === 1);
}

/** Another process with the same cluster. */
async function restart(
  stop = async (): Promise<void> => injector.close(),
  parts: Partial<typeof settings> = {},
): Promise<void> {
  await stop();
  due = [];
  injector = createInjector({
    settings: { ...settings, ...parts },
    kube,
    clock,
    timers,
    log: silentLogger,
    readFile: async () => 'token',
  });
  port = await injector.listen();
  await until(() => due.length === 1);
}

/** An installation made `ageMs` ago: the TLS client of these tests lives in the present. */
async function startOver(ageMs: number): Promise<void> {
  kube.secrets.delete('tachograph-injector-ca');
  nowMs -= ageMs;
  await restart();
}

beforeEach(async () => {
  nowMs = Date.now();
  kube = createFakeKube();
  kube.namespaces.set('team-a', exampleNamespace('team-a', 'enabled'));
  kube.namespaces.set('strict', exampleNamespace('strict', 'enforced', { 'tachograph.dev/durability': 'archive' }));
  kube.secrets.set('tachograph-trust', {
    namespace: 'tachograph',
    name: 'tachograph-trust',
    resourceVersion: '1',
    data: { fingerprint: `sha256:${'cd'.repeat(32)}` },
  });
  await restart(async () => undefined);
});
afterEach(async () => injector.close());

function bundle(): string {
  return kube.bundles.get('tachograph') ?? '';
}

async function call(path: string, body: unknown, servername?: string): Promise<HttpAnswer> {
  return callWebhook({ port, caBundle: bundle(), path, body, ...(servername === undefined ? {} : { servername }) });
}

interface Response {
  readonly uid: string;
  readonly allowed: boolean;
  readonly patch?: string;
  readonly status?: { readonly message: string };
  readonly warnings?: readonly string[];
}

async function review(path: string, request: object): Promise<Response> {
  const body = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { ...reviewBase, ...request } };
  const answer = await call(path, body);
  expect(answer).toMatchObject({ status: 200, body: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' } });
  return (answer.body as { response: Response }).response;
}

async function messageOf(request: object): Promise<string> {
  return (await review('/policies', request)).status?.message ?? 'allowed';
}

const reviewBase = {
  uid: 'review-1',
  kind: { group: '', version: 'v1', kind: 'Pod' },
  resource: { group: '', version: 'v1', resource: 'pods' },
  operation: 'CREATE',
  namespace: 'team-a',
  userInfo: { username: 'alice', groups: ['system:authenticated'] },
};

function pod(parts: object = {}, labels: Readonly<Record<string, string>> = mcp): object {
  return {
    metadata: { name: 'mcp-0', labels },
    spec: { containers: [{ name: 'server', image: 's', ports: [{ containerPort: 8080 }] }], ...parts },
  };
}

/** What the API server would store after the mutation. */
async function injectedPod(): Promise<{ spec: { initContainers: { image: string }[] } }> {
  const { patch } = await review('/mutate', { object: pod() });
  const operations = JSON.parse(Buffer.from(patch ?? '', 'base64').toString()) as { path: string; value: unknown }[];
  const value = (path: string): unknown => operations.find((it) => it.path === path)?.value;
  const container = { name: 'server', image: 's', ports: [{ containerPort: 8080 }] };
  return {
    metadata: { name: 'mcp-0', labels: mcp, annotations: value('/metadata/annotations') },
    spec: {
      initContainers: value('/spec/initContainers') as { image: string }[],
      containers: [{ ...container, securityContext: value('/spec/containers/0/securityContext') }],
      volumes: value('/spec/volumes'),
    },
  } as unknown as { spec: { initContainers: { image: string }[] } };
}

const filler = (mebibytes: number): string => 'x'.repeat(mebibytes * 1024 * 1024);
const exec = (container: string | undefined, subResource = 'exec'): object => ({
  operation: 'CONNECT',
  subResource,
  name: 'mcp-0',
  object: { kind: 'PodExecOptions', container, command: ['sh'] },
});
const tokenRequest = (audience: string, userInfo: object = reviewBase.userInfo): object => ({
  resource: { group: '', version: 'v1', resource: 'serviceaccounts' },
  subResource: 'token',
  name: 'caller',
  object: { kind: 'TokenRequest', spec: { audiences: [audience] } },
  userInfo,
});
const policy = (spec: unknown, resource = 'mcppolicies'): object => ({
  resource: { group: 'tachograph.dev', version: 'v1alpha1', resource },
  name: 'default',
  object: { metadata: { name: 'default' }, spec },
});

const storedPolicy = (spec: object): PolicyObject => ({
  uid: 'p',
  name: 'crm',
  namespace: 'team-a',
  resourceVersion: '1',
  labels: {},
  annotations: {},
  generation: 1,
  status: {},
  spec,
});
const upstream = { header: 'X-Api-Key', secret: { name: 'crm-api', key: 'token' } };
const mutatedBy = async (): Promise<string> =>
  Buffer.from((await review('/mutate', { object: pod() })).patch ?? '', 'base64').toString();

describe('the Secret of a policy', () => {
  test('is mounted into the sidecars of its workloads', async () => {
    kube.policies.push(storedPolicy({ workloads: ['other'], upstream }));
    expect(await mutatedBy()).not.toContain('crm-api');
    kube.policies.push(storedPolicy({ workloads: ['mcp-*'], upstream }));
    expect(await mutatedBy()).toContain('"secretName":"crm-api"');
  });

  test('is waited for: nothing is injected before the policies are listed', async () => {
    kube.policiesListed = false;
    expect(injector.health.reasons()).toEqual({ policies: 'policies are not listed yet' });
    expect(await review('/mutate', { object: pod() })).toMatchObject({ allowed: false });
  });
});

describe('serving', () => {
  test('is ready with a certificate that the published bundle verifies, under the Service’s name only', async () => {
    expect(injector.health.reasons()).toEqual({});
    expect([...kube.bundles.keys()]).toEqual(['tachograph', 'tachograph-connect']);
    await expect(callWebhook({ port, caBundle: bundle(), path: '/readyz', method: 'GET' })).resolves.toMatchObject({
      status: 200,
    });
    await expect(call('/mutate', {}, 'other.tachograph.svc')).rejects.toThrow(/altname/i);
  });

  test('is not ready while a webhook configuration cannot be written or the trust root is unknown', async () => {
    kube.secrets.delete('tachograph-trust');
    await restart();
    expect(Object.keys(injector.health.reasons())).toEqual(['trust']);
    kube.failure = new KubeError('unavailable', 'away');
    await restart();
    expect(Object.keys(injector.health.reasons())).toEqual(['certificate', 'trust']);
  });

  test('renews its leaf under the same authority without a restart', async () => {
    await startOver(8 * dayMs);
    const before = bundle();
    await expect(call('/mutate', {})).rejects.toThrow(/expired/);
    nowMs += 5 * dayMs;
    await nextRound();
    expect(bundle()).toBe(before);
    nowMs += 3 * dayMs;
    await nextRound();
    expect(injector.health.reasons()).toEqual({});
    await expect(review('/mutate', { object: pod({}, {}) })).resolves.toMatchObject({ allowed: true });
  });

  test('publishes a new authority an hour before it signs, and keeps the old one beside it', async () => {
    await startOver(250 * dayMs + 2 * hourMs);
    const old = bundle();
    nowMs += 250 * dayMs;
    await nextRound();
    expect(bundle().startsWith(old.trim())).toBe(true);
    expect(bundle().split('BEGIN CERTIFICATE')).toHaveLength(3);
    await expect(callWebhook({ port, caBundle: old, path: '/healthz', method: 'GET' })).resolves.toMatchObject({
      status: 200,
    });
    nowMs += 2 * hourMs;
    await nextRound();
    await expect(callWebhook({ port, caBundle: old, path: '/healthz', method: 'GET' })).rejects.toThrow(/certificate/);
    await expect(callWebhook({ port, caBundle: bundle(), path: '/healthz', method: 'GET' })).resolves.toMatchObject({
      status: 200,
    });
  });

  test('shares authority and nonce key with a second replica', async () => {
    const first = await injectedPod();
    await restart();
    expect(await injectedPod()).toEqual(first);
  });
});

describe('what is no review', () => {
  test.each([{}, { apiVersion: 'admission.k8s.io/v1beta1', kind: 'AdmissionReview', request: reviewBase }, [], '{'])(
    'is refused: %j',
    async (body) => {
      await expect(call('/mutate', body)).resolves.toMatchObject({ status: 400 });
    },
  );

  test('a body over 8 MiB is refused, one of 7 is read', async () => {
    await expect(call('/mutate', { filler: filler(9) })).resolves.toMatchObject({ status: 413 });
    await expect(review('/mutate', { object: pod({}, {}), filler: filler(7) })).resolves.toMatchObject({
      allowed: true,
    });
  });
});

describe('pods', () => {
  test('are injected, then accepted as they became', async () => {
    const object = await injectedPod();
    expect(object.spec.initContainers[0]?.image).toBe('registry.example/sidecar:1');
    await expect(review('/validate', { object })).resolves.toEqual({ uid: 'review-1', allowed: true });
  });

  test('that nobody injected, or that were changed afterwards, are refused', async () => {
    await expect(review('/validate', { object: pod() })).resolves.toMatchObject({ allowed: false });
    const object = await injectedPod();
    const [sidecar] = object.spec.initContainers;
    if (sidecar !== undefined) sidecar.image = 'evil';
    const answer = await review('/validate', { object });
    expect(answer.status?.message).toMatch(/^tachograph: the pod differs from what this version injects at/);
  });

  test('refused are refused with every reason, an Event and a count', async () => {
    const answer = await review('/mutate', { object: pod({ hostNetwork: true, hostPID: true }) });
    expect(answer.status?.message).toMatch(/hostNetwork.*hostPID/);
    expect(kube.events).toMatchObject([
      { namespace: 'team-a', reason: 'TachographRefused', about: { kind: 'Pod', name: 'mcp-0' } },
    ]);
    const { body } = await callWebhook({ port, caBundle: bundle(), path: '/metrics', method: 'GET' });
    expect(body).toContain(
      'tachograph_injector_reviews_total{webhook="mutate",verdict="deny",reason="host_network"} 1',
    );
  });

  test('refused in a dry run leave no Event', async () => {
    await review('/mutate', { object: pod({ hostNetwork: true }), dryRun: true });
    expect(kube.events).toEqual([]);
  });

  test('without label pass, except where the namespace enforces recording', async () => {
    await expect(review('/validate', { object: pod({}, {}) })).resolves.toMatchObject({ allowed: true });
    const strict = { namespace: 'strict', object: pod({}, {}) };
    await expect(review('/validate', strict)).resolves.toMatchObject({ allowed: false });
    const off = { namespace: 'strict', object: pod({}, { 'tachograph.dev/mcp-server': 'false' }) };
    await expect(review('/validate', off)).resolves.toMatchObject({ allowed: true });
  });

  test('take the durability of their namespace', async () => {
    const { patch = '' } = await review('/mutate', { namespace: 'strict', object: pod() });
    expect(Buffer.from(patch, 'base64').toString()).toContain('"name":"TACHO_DURABILITY","value":"archive"');
  });

  test('of a namespace whose PodSecurity forbids netguard are told so', async () => {
    const restricted = exampleNamespace('team-a', 'enabled');
    const labels = { ...restricted.labels, 'pod-security.kubernetes.io/enforce': 'restricted' };
    kube.namespaces.set('team-a', { ...restricted, labels });
    const { warnings } = await review('/mutate', { object: pod() });
    expect(warnings?.join()).toMatch(/PodSecurity restricted, but netguard needs NET_ADMIN/);
  });

  test('of a namespace that nobody knows are refused', async () => {
    await expect(review('/mutate', { namespace: 'none', object: pod() })).resolves.toMatchObject({ allowed: false });
  });

  test('keep their label; their sidecar’s image changes for the controller only', async () => {
    const oldObject = await injectedPod();
    const update = { operation: 'UPDATE', oldObject };
    const unlabelled = { ...oldObject, metadata: { name: 'mcp-0' } };
    await expect(review('/validate', { ...update, object: unlabelled })).resolves.toMatchObject({ allowed: false });
    const object = structuredClone(oldObject);
    const [sidecar] = object.spec.initContainers;
    if (sidecar !== undefined) sidecar.image = 'registry.example/sidecar:2';
    await expect(review('/validate', { ...update, object })).resolves.toMatchObject({ allowed: false });
    for (const subResource of ['ephemeralcontainers', 'resize']) {
      await expect(review('/validate', { ...update, subResource, object })).resolves.toMatchObject({ allowed: false });
    }
    const userInfo = { username: settings.upgrader };
    await expect(review('/validate', { ...update, object, userInfo })).resolves.toMatchObject({ allowed: true });
  });

  test('are refused when the cluster cannot be asked', async () => {
    kube.namespaces.clear();
    kube.failure = new KubeError('unavailable', 'the API server is away');
    const answer = await review('/mutate', { object: pod() });
    expect(answer.status?.message).toMatch(/^tachograph: the webhook failed: KubeError \(unavailable\)/);
  });
});

describe('connections', () => {
  beforeEach(() => {
    kube.pods.set('team-a/mcp-0', exampleKubePod('mcp-0', mcp));
    kube.pods.set('team-a/plain', exampleKubePod('plain', {}));
  });

  test.each(['tachograph', 'tachograph-netguard'])('into %s are denied, exec and attach', async (container) => {
    await expect(review('/connect', exec(container))).resolves.toMatchObject({ allowed: false });
    await expect(review('/connect', exec(container, 'attach'))).resolves.toMatchObject({ allowed: false });
    expect(kube.events.map(({ reason }) => reason)).toEqual(['TachographConnectDenied', 'TachographConnectDenied']);
  });

  test('to the application are noted with who and where', async () => {
    const answer = await review('/connect', exec('server'));
    expect(answer).toMatchObject({
      allowed: true,
      warnings: ['tachograph: pod mcp-0 is recorded; this exec is noted'],
    });
    expect(kube.events).toMatchObject([
      { message: 'exec container server by alice: allowed (exec)', about: { uid: 'uid-mcp-0' } },
    ]);
    await expect(review('/connect', exec(undefined, 'portforward'))).resolves.toMatchObject({ allowed: true });
    expect(kube.events).toHaveLength(2);
  });

  test('to pods that are not recorded are nobody’s business', async () => {
    await expect(review('/connect', { ...exec('tachograph'), name: 'plain' })).resolves.toEqual({
      uid: 'review-1',
      allowed: true,
    });
    expect(kube.events).toEqual([]);
  });

  test('need the break-glass verb where exec is denied', async () => {
    await restart(undefined, { exec: 'deny' });
    await expect(review('/connect', exec('server'))).resolves.toMatchObject({ allowed: false });
    kube.mayBreakGlass = true;
    await expect(review('/connect', exec('server'))).resolves.toMatchObject({ allowed: true });
    await expect(review('/connect', exec('tachograph'))).resolves.toMatchObject({ allowed: false });
    expect(kube.questions[0]).toMatchObject({ user: 'alice', verb: 'break-glass', namespace: 'team-a', name: 'mcp-0' });
  });

  test('are denied when the pod cannot be looked up', async () => {
    kube.failure = new KubeError('unavailable', 'away');
    await expect(review('/connect', exec('server'))).resolves.toMatchObject({ allowed: false });
  });
});

describe('tokens', () => {
  test.each(['tachograph-controller', 'tachograph-sequencer'])(
    'for %s are given to the kubelet only',
    async (audience) => {
      const kubelet = { username: 'system:node:node1', groups: ['system:nodes'] };
      await expect(review('/tokens', tokenRequest(audience))).resolves.toMatchObject({ allowed: false });
      await expect(review('/tokens', tokenRequest(audience, kubelet))).resolves.toMatchObject({ allowed: true });
      const impostor = { username: 'alice', groups: ['system:nodes'] };
      await expect(review('/tokens', tokenRequest(audience, impostor))).resolves.toMatchObject({ allowed: false });
    },
  );

  test('for anybody else are not ours', async () => {
    await expect(review('/tokens', tokenRequest('tachograph://example/team-a/mcp'))).resolves.toMatchObject({
      allowed: true,
    });
  });
});

describe('policies', () => {
  test('that can be enforced are stored', async () => {
    const spec = { default: 'deny', rules: [{ name: 'read', what: { tools: ['get_*'] }, verdict: 'allow' }] };
    await expect(review('/policies', policy(spec))).resolves.toEqual({ uid: 'review-1', allowed: true });
  });

  test.each([
    [{ rulez: [] }, /rulez/],
    [{ rules: [{ name: 'x', verdict: 'maybe' }] }, /spec\.rules\[0\]\.verdict/],
    [{ masking: { off: ['no-such-rule'] } }, /spec\.masking\.off\.0: no masking rule/],
    [{ masking: { rules: [{ path: '$.a[?(@.b)]', transform: 'drop' }] } }, /spec\.masking\.rules\.0\.path: expected/],
    [
      { masking: { patterns: [{ id: 'a1', keywords: ['abc'], pattern: '(' }] } },
      /spec\.masking\.patterns\.0\.pattern: /,
    ],
    [
      { rules: [{ name: 'x', verdict: 'deny', when: 'call.args.x == 1' }] },
      /spec\.rules\[0\]\.when: unknown field call\.args/,
    ],
    [{ rules: [{ name: 'x', verdict: 'deny', when: 'call.name ==' }] }, /spec\.rules\[0\]\.when: line 1, column/],
    [
      { rules: [{ name: 'x', verdict: 'deny', what: { tools: ['{a,b}'] } }] },
      /spec\.rules\[0\]\.what\.tools\[0\]: no tool/,
    ],
    [
      { rules: [{ name: 'x', verdict: 'deny', what: { methods: ['tool/call'] } }] },
      /what\.methods\[0\]: no MCP method/,
    ],
    [{ rules: [{ name: 'x', verdict: 'deny', approve: { count: 2 } }] }, /spec\.rules\[0\]\.approve: only a rule/],
    [{ guards: [{ kind: 'sql', verdicts: { dll: 'deny' } }] }, /spec\.guards\[0\]\.verdicts\.dll: unknown verdict/],
    [
      { guards: [{ kind: 'shell', verdicts: { ddl: 'deny' } }] },
      /spec\.guards\[0\]\.verdicts\.ddl: no verdict of shell/,
    ],
    [{ limits: [{ name: 'l', per: 'caller', calls: 0, seconds: 1 }] }, /spec\.limits\[0\]\.calls: expected at least 1/],
    [{ upstream: { header: 'Host', secret: { name: 'a', key: 'b' } } }, /spec\.upstream\.header: this header/],
    [{ namespaces: ['a'] }, /spec\.namespaces: unknown field/],
    [{ masking: { transforms: { email: 'hide' } } }, /spec\.masking\.transforms\.email: expected one of redact/],
    [undefined, /spec/],
  ])('%j is refused with the place', async (spec, message) => {
    const answer = await review('/policies', policy(spec));
    expect(answer.allowed).toBe(false);
    expect(answer.status?.message).toMatch(message);
  });

  test('of the cluster are reviewed with their own fields', async () => {
    const spec = { namespaces: ['team-*'], floors: { durability: 'node', masking: { off: ['no-such-rule'] } } };
    const answer = await review('/policies', policy(spec, 'clustermcppolicies'));
    expect(answer.status?.message).toMatch(/spec\.floors\.masking\.off\.0: no masking rule/);
    const sound = policy({ ...spec, floors: { durability: 'node' } }, 'clustermcppolicies');
    await expect(review('/policies', sound)).resolves.toMatchObject({ allowed: true });
    const typo = policy({ floors: { durabilty: 'node' } }, 'clustermcppolicies');
    expect((await review('/policies', typo)).status?.message).toContain('spec.floors.durabilty: unknown field');
  });

  test('in strict mode name tools that a server is known to have', async () => {
    const spec = { strict: true, rules: [{ name: 'x', verdict: 'deny', what: { tools: ['delete_*', 'reed'] } }] };
    expect(await messageOf(policy(spec))).toContain('spec.strict: this cluster keeps no inventory');
    kube.servers = [];
    expect(await messageOf(policy(spec))).toContain('spec.strict: no tools are known yet');
    kube.servers = [{ namespace: 'team-a', workload: 'files', tools: ['delete_file', 'read'] }];
    expect(await messageOf(policy(spec))).toContain(
      'spec.rules[0].what.tools[1]: no server of the policy has a tool reed',
    );
    expect(await messageOf(policy({ ...spec, workloads: ['other'] }))).toContain('spec.strict: no tools are known yet');
    const object = { metadata: { name: 'default' }, spec };
    const relabelled = { ...policy(spec), operation: 'UPDATE', object, oldObject: object };
    expect(await messageOf(relabelled)).toBe('allowed');
    kube.failure = new KubeError('unavailable', 'away');
    expect(await messageOf(policy(spec))).toContain('spec.strict: the inventory of servers cannot be read');
  });
});
