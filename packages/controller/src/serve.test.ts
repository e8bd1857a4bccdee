import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  bundlePayload,
  jwksPayload,
  statement,
  statementText,
  type BundlePayload,
  type JwksPayload,
  type TrustPayload,
} from '@tachograph/protocol';
import { verifyEd25519 } from './keys/signing-key.ts';
import { startInstallation, until, type Installation } from './testing/installation.ts';
import { callHttps, fetchTrust, type Answer, type SidecarClient } from './testing/sidecar-client.ts';
import { TestStream, uuidOf } from './testing/test-stream.ts';

let installation: Installation;
let sidecar: SidecarClient;
let trust: TrustPayload;

const policy = (tool: string, extra = ''): string => `apiVersion: tachograph.dev/v1alpha1
kind: McpPolicy
metadata: { name: tools }
spec:
  rules:
    - { name: no-${tool}, what: { tools: [${tool}] }, verdict: deny }
${extra}`;

async function writePolicy(text: string, name = 'tools.yaml'): Promise<void> {
  const dir = join(installation.state, 'policies', 'demo');
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, name), text);
}

beforeEach(async () => {
  installation = await startInstallation();
  sidecar = await installation.enrol('store');
  const [controller] = installation.controllers;
  trust = await fetchTrust(controller?.url ?? '', controller?.fingerprint ?? '');
});
afterEach(async () => installation.close());

function payloadOf(answer: Answer): unknown {
  const { type, payload, sig } = statement.parse(answer.json());
  const key = Buffer.from(trust.bundleKeys[0] ?? '', 'base64');
  expect(verifyEd25519(key, statementText(type, payload), Buffer.from(sig, 'base64'))).toBe(true);
  return JSON.parse(payload);
}

async function keySets(): Promise<JwksPayload> {
  return jwksPayload.parse(payloadOf(await sidecar.call('GET', '/v1/jwks')));
}

async function bundle(headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return sidecar.call('GET', '/v1/bundle?workload=store', { headers });
}

function bundleOf(answer: Answer): BundlePayload {
  return bundlePayload.parse(payloadOf(answer));
}

describe('trust', () => {
  test('the statement names the roots that the server is verified with', async () => {
    const [controller] = installation.controllers;
    const roots = trust.tlsRoots;
    const answer = await callHttps(controller?.url ?? '', 'GET', '/v1/trust', { roots });
    expect(answer.status).toBe(200);
    const other = await startInstallation();
    const foreign = await fetchTrust(other.controllers[0]?.url ?? '', other.controllers[0]?.fingerprint ?? '');
    const call = callHttps(controller?.url ?? '', 'GET', '/v1/trust', { roots: foreign.tlsRoots });
    await expect(call).rejects.toMatchObject({ code: expect.stringMatching(/UNABLE|SELF_SIGNED|VERIFY/) });
    await other.close();
  });

  test('names the log key and stays the same across a restart', async () => {
    expect(trust).toMatchObject({ cluster: 'test', logKeys: [expect.stringMatching(/^tachograph\.dev\/test\+/)] });
    const second = await installation.startController();
    const again = await fetchTrust(second.url, second.fingerprint);
    expect([again.bundleKeys, again.tlsRoots]).toEqual([trust.bundleKeys, trust.tlsRoots]);
    expect(second.fingerprint).toBe(installation.controllers[0]?.fingerprint);
  });
});

describe('bundles', () => {
  test('compile the policies of the namespace, signed for this workload', async () => {
    await writePolicy(policy('drop'));
    const payload = bundleOf(await bundle());
    expect(payload).toMatchObject({
      workload: 'tachograph://test/demo/store',
      rules: [{ policy: 'demo/tools', name: 'no-drop', verdict: 'deny' }],
    });
    expect(Date.parse(payload.notAfter) - Date.parse(payload.issuedAt)).toBe(3_600_000);
  });

  test('replicas answer the same bytes', async () => {
    await writePolicy(policy('drop'));
    const other = await installation.enrol('store', await installation.startController());
    const there = await other.call('GET', '/v1/bundle?workload=store');
    const here = await bundle();
    expect(there.text).toBe(here.text);
    expect(there.headers['etag']).toBe(here.headers['etag']);
  });

  test('the version rises with every change, a deletion included', async () => {
    await writePolicy(policy('drop'));
    await writePolicy(policy('other').replace('name: tools', 'name: more'), 'more.yaml');
    const first = bundleOf(await bundle());
    await rm(join(installation.state, 'policies', 'demo', 'more.yaml'));
    const second = bundleOf(await bundle());
    expect(second.rules).toHaveLength(1);
    expect(second.version).toBeGreaterThan(first.version);
    expect(bundleOf(await bundle()).version).toBe(second.version);
  });

  test('hold the policies of the cluster, which no namespace loosens', async () => {
    const file = join(installation.state, 'policies', 'floor.yaml');
    const floor = `apiVersion: tachograph.dev/v1alpha1
kind: ClusterMcpPolicy
metadata: { name: floor }
spec:
  default: deny
  owner: platform
  floors: { durability: archive }
  rules:
    - { name: small, when: call.arguments.amount < 100, verdict: allow }
`;
    await writePolicy(policy('drop'));
    const before = bundleOf(await bundle());
    await writeFile(file, floor);
    const payload = bundleOf(await bundle());
    expect(payload).toMatchObject({
      default: 'deny',
      defaults: { cluster: { verdict: 'deny', policy: 'floor', owner: 'platform' } },
      durabilityFloor: 'archive',
      rules: [
        { policy: 'floor', cluster: true, owner: 'platform', when: 'call.arguments.amount < 100' },
        { policy: 'demo/tools', name: 'no-drop' },
      ],
    });
    expect(payload.version).toBeGreaterThan(before.version);
    await writeFile(file, floor.replace('amount <', 'amount <<'));
    expect((await bundle()).text).toContain('floor at spec.rules[0].when: line 1');
    await writeFile(file, floor.replace('kind: Cluster', 'kind: '));
    expect((await bundle()).text).toContain('is not a ClusterMcpPolicy');
  });

  test('a faulty policy gives no bundle rather than one without it', async () => {
    await writePolicy(policy('drop', '  rule: typo\n'));
    const answer = await bundle();
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('spec.rule');
  });

  test('a long poll answers when the policies change, and 304 when nothing does', async () => {
    await writePolicy(policy('drop'));
    const known = { 'if-none-match': String((await bundle()).headers['etag']) };
    expect((await bundle({ ...known, prefer: 'wait=1' })).status).toBe(304);
    const polled = bundle({ ...known, prefer: 'wait=20' });
    await writePolicy(policy('other'));
    expect(bundleOf(await polled).rules).toMatchObject([{ name: 'no-other' }]);
  });

  test('of another workload are refused', async () => {
    const answer = await sidecar.call('GET', '/v1/bundle?workload=other');
    expect([answer.status, answer.json()]).toMatchObject([403, { code: 'forbidden' }]);
  });
});

test('the key set names the issuers of the file, and follows it', async () => {
  expect((await keySets()).issuers).toMatchObject([
    { issuer: 'https://issuer.demo.tachograph.dev', subjectType: 'human', keys: [{ kty: 'OKP', crv: 'Ed25519' }] },
  ]);
  const issuer = {
    issuer: 'https://ci',
    subjectType: 'ci',
    audiences: ['a'],
    subjects: ['repo:corp/*'],
    keys: [{ kty: 'OKP' }],
  };
  await writeFile(join(installation.state, 'issuers.json'), JSON.stringify({ issuers: [issuer] }));
  await until('the new issuers', async () =>
    (await keySets()).issuers[0]?.issuer === 'https://ci' ? true : undefined,
  );
});

test('the newest checkpoint is a note of the log', async () => {
  await sidecar.open(new TestStream({ stream: uuidOf(1) }).opening);
  const note = await until('a checkpoint of size 2', async () => {
    const { text } = await sidecar.call('GET', '/v1/checkpoint');
    return text.startsWith('tachograph.dev/test\n2\n') ? text : undefined;
  });
  expect(note).toContain('\u2014 tachograph.dev/test ');
});

test('errors are the contract’s, whatever is asked', async () => {
  const cases = [
    await sidecar.call('GET', '/v1/nothing'),
    await sidecar.call('POST', '/v1/streams', { body: '{' }),
    await sidecar.call('POST', '/v1/streams', { body: '{}' }),
    await sidecar.call('GET', '/v1/bundle'),
    await sidecar.call('PUT', '/v1/segments/%ff', { body: 'x' }),
    await sidecar.call('POST', '/internal/pods', { body: '{}' }),
  ];
  expect(cases.map((answer) => [answer.status, (answer.json() as { code?: string }).code])).toEqual([
    [404, 'not_found'],
    [400, 'bad_request'],
    [400, 'bad_request'],
    [400, 'bad_request'],
    [400, 'bad_request'],
    [403, 'forbidden'],
  ]);
});

test('the sequencer takes nothing from who is no controller', async () => {
  const [sequencer] = installation.sequencers;
  const answer = await callHttps(sequencer?.url ?? '', 'POST', '/internal/leaves', {
    token: 'x',
    body: '{"leaves":[]}',
  });
  expect([answer.status, answer.json()]).toMatchObject([403, { code: 'forbidden' }]);
});

test('controllers follow the lease to the next sequencer', async () => {
  const stream = new TestStream({ stream: uuidOf(1) });
  await sidecar.open(stream.opening);
  const follower = await installation.startSequencer();
  const second = await installation.enrol('store', await installation.startController());
  expect(follower.waiting()).toBeDefined();
  expect((await second.putSegment(stream.seal())).status).toBe(200);
  await installation.sequencers.shift()?.close();
  await installation.leading();
  stream.append({ kind: 'heartbeat' });
  const segment = stream.seal();
  const answer = await until('the follower to take over', async () => {
    const tried = await second.putSegment(segment);
    return tried.status === 200 ? tried : undefined;
  });
  expect(answer.json()).toMatchObject({ index: 4 });
});

test('readiness and metrics are on a port of their own', async () => {
  const port = installation.controllers[0]?.adminPort ?? 0;
  await until('readiness', async () =>
    (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200 ? true : undefined,
  );
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(metrics).toContain('tachograph_object_conflicts_total 0');
  expect(metrics).toMatch(/tachograph_answers_total\{endpoint="\/v1\/trust",status="200"\} \d/);
  expect((await fetch(`http://127.0.0.1:${port}/v1/trust`)).status).toBe(404);
});
