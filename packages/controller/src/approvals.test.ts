import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPrivateKey } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { approvalView, approverAudience, type ApprovalView } from '@tachograph/protocol';
import { createSettingsReader } from '@tachograph/service';
import { SignJWT } from 'jose';
import { readApprovalSettings } from './approvals/approval-settings.ts';
import { closeServer, listen, portOf } from './http/listen.ts';
import { statePaths } from './state/state-files.ts';
import { demoIssuer } from './state/state-issuers.ts';
import { startInstallation, until, type Installation } from './testing/installation.ts';
import { callHttps, type Answer, type SidecarClient } from './testing/sidecar-client.ts';
import { testBundle, testDigest, testRequest } from './testing/test-approval.ts';

let installation: Installation;
let sidecar: SidecarClient;
const caller = { iss: demoIssuer, sub: 'alice', type: 'human' } as const;
const use = JSON.stringify({ digest: testDigest, bundle: testBundle });

beforeEach(async () => {
  installation = await startInstallation();
  sidecar = await installation.enrol('store');
});
afterEach(async () => installation.close());

async function tokenOf(sub: string, claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const key = createPrivateKey(await readFile(statePaths.issuerKey(installation.state), 'utf8'));
  const audience = approverAudience('test');
  return new SignJWT({ groups: ['dba'], aud: audience, ...claims })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer(demoIssuer)
    .setSubject(sub)
    .setExpirationTime('1h')
    .sign(key);
}

async function as(token: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const url = installation.controllers[0]?.url ?? '';
  return callHttps(url, method, path, { token, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

async function ask(more: Parameters<typeof testRequest>[0] = {}, from = sidecar): Promise<ApprovalView> {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const body = JSON.stringify(testRequest({ caller, expiresAt, ...more }));
  return approvalView.parse((await from.call('POST', '/v1/approvals', { body })).json());
}

async function decide(sub: string, id: string, verdict = 'approve'): Promise<Answer> {
  return as(await tokenOf(sub), 'POST', `/v1/approvals/${id}/decision`, { verdict, reason: 'looked at it' });
}

const codes = (answer: Answer) => [answer.status, (answer.json() as { code?: string }).code];

test('a call is held, approved by somebody else, and used once', async () => {
  const { id, url, state } = await ask();
  expect([state, url]).toEqual(['pending', `${installation.controllers[0]?.url}/approvals/${id}`]);
  expect(codes(await sidecar.call('POST', `/v1/approvals/${id}/consume`, { body: use }))).toEqual([
    409,
    'approval_pending',
  ]);
  expect((await decide('bob', id)).status).toBe(200);
  const used = await sidecar.call('POST', `/v1/approvals/${id}/consume`, { body: use });
  expect(used.json()).toMatchObject({
    state: 'consumed',
    decisions: [{ iss: demoIssuer, subject: 'bob', verdict: 'approve', reason: 'looked at it' }],
  });
  expect(codes(await sidecar.call('POST', `/v1/approvals/${id}/consume`, { body: use }))).toEqual([
    409,
    'approval_ended',
  ]);
  const logged = await until('both states in the log', async () => {
    const leaves = await installation.leavesOf('decision.log');
    return leaves.length === 2 ? leaves : undefined;
  });
  expect(logged).toMatchObject([
    { approval: id, digest: testDigest, state: 'approved' },
    { approval: id, digest: testDigest, state: 'consumed' },
  ]);
});

test('a waiting sidecar hears of the decision from another replica, and a restart loses nothing', async () => {
  const { id } = await ask();
  const other = await installation.enrol('store', await installation.startController());
  const waiting = other.call('GET', `/v1/approvals/${id}?wait=20`);
  expect((await decide('bob', id)).status).toBe(200);
  expect((await waiting).json()).toMatchObject({ id, state: 'approved' });
  await installation.controllers.shift()?.close();
  const used = await other.call('POST', `/v1/approvals/${id}/consume`, { body: use });
  expect([used.status, used.json()]).toMatchObject([200, { state: 'consumed' }]);
});

test('of two replicas that consume at once, one does', async () => {
  const other = await installation.enrol('store', await installation.startController());
  const { id } = await ask();
  await decide('bob', id);
  const answers = await Promise.all(
    Array.from({ length: 8 }, async (_, at) =>
      (at % 2 === 0 ? sidecar : other).call('POST', `/v1/approvals/${id}/consume`, { body: use }),
    ),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('what masking hid goes sealed from the sidecar to the person, over the replica where the person waits', async () => {
  const { id } = await ask({ judgedMasked: true, approvers: { subjects: ['bob'], groups: [] } });
  const other = await installation.enrol('store', await installation.startController());
  const bob = await tokenOf('bob');
  const asking = as(bob, 'POST', `/v1/approvals/${id}/reveals`, { reason: 'ours?', key: 'k'.repeat(43) });
  const seen = approvalView.parse((await sidecar.call('GET', `/v1/approvals/${id}?wait=30`)).json());
  const [wish] = seen.reveals ?? [];
  expect(wish).toMatchObject({ subject: 'bob', reason: 'ours?' });
  const path = `/v1/approvals/${id}/reveals/${wish?.id}`;
  const body = JSON.stringify({ digest: testDigest, box: 'Ym94' });
  const elsewhere = await other.call('POST', path, { body });
  expect([...codes(elsewhere), elsewhere.headers['connection']]).toEqual([421, 'reveal_elsewhere', 'close']);
  expect((await sidecar.call('POST', path, { body })).status).toBe(204);
  const answer = await asking;
  expect([answer.status, answer.json()]).toMatchObject([200, { approval: id, digest: testDigest, box: 'Ym94' }]);
  expect((await as(bob, 'GET', `/v1/approvals/${id}`)).text).not.toContain('Ym94');
  expect((await decide('bob', id)).status).toBe(200);
});

describe('refused', () => {
  test('is the caller, an administrator too, and who is no approver', async () => {
    const { id } = await ask();
    expect(codes(await decide('alice', id))).toEqual([403, 'own_call']);
    const admin = await tokenOf('a-1', { preferred_username: 'Alice', groups: ['dba', 'system:masters'] });
    const decision = { verdict: 'approve', reason: 'mine' };
    expect(codes(await as(admin, 'POST', `/v1/approvals/${id}/decision`, decision))).toEqual([403, 'own_call']);
    const stranger = await tokenOf('eve', { groups: [] });
    expect(codes(await as(stranger, 'POST', `/v1/approvals/${id}/decision`, decision))).toEqual([
      403,
      'not_an_approver',
    ]);
    expect(codes(await as(stranger, 'GET', `/v1/approvals/${id}`))).toEqual([403, 'not_an_approver']);
  });

  test('is a decision without a reason, and one on what a rule judged but masking hid', async () => {
    const { id } = await ask({ judgedMasked: true });
    const bob = await tokenOf('bob');
    const path = `/v1/approvals/${id}/decision`;
    expect(codes(await as(bob, 'POST', path, { verdict: 'approve', reason: ' ' }))).toEqual([400, 'bad_request']);
    expect(codes(await as(bob, 'POST', path, { verdict: 'approve', reason: 'ok' }))).toEqual([
      403,
      'masked_judged_argument',
    ]);
  });

  test.each([
    ['a token for calling', { aud: 'tachograph://test/demo/store' }],
    ['a token for another cluster', { aud: 'tachograph://other/controller' }],
    ['an expired token', { exp: 1_000_000_000 }],
  ])('is %s', async (_name, claims) => {
    const { id } = await ask();
    const key = createPrivateKey(await readFile(statePaths.issuerKey(installation.state), 'utf8'));
    const token = await new SignJWT({
      sub: 'bob',
      iss: demoIssuer,
      groups: ['dba'],
      aud: approverAudience('test'),
      exp: Math.floor(Date.now() / 1000) + 3600,
      ...claims,
    })
      .setProtectedHeader({ alg: 'EdDSA' })
      .sign(key);
    const answer = await as(token, 'POST', `/v1/approvals/${id}/decision`, { verdict: 'approve', reason: 'ok' });
    expect(codes(answer)).toEqual([401, 'unauthenticated']);
    expect(codes(await as(token, 'GET', `/v1/approvals/${id}`))).toEqual([401, 'unauthenticated']);
  });

  test('is a token of an issuer that is accepted no more', async () => {
    const { id } = await ask();
    await writeFile(statePaths.issuers(installation.state), '{"issuers":[]}');
    const started = await installation.startController();
    const token = await tokenOf('bob');
    const body = JSON.stringify({ verdict: 'approve', reason: 'ok' });
    const answer = await callHttps(started.url, 'POST', `/v1/approvals/${id}/decision`, { token, body });
    expect(codes(answer)).toEqual([401, 'unauthenticated']);
  });

  test('is another workload’s sidecar, a person who asks as one, and a sidecar that decides', async () => {
    const { id } = await ask();
    const other = await installation.enrol('other');
    expect(codes(await other.call('GET', `/v1/approvals/${id}`))).toEqual([404, 'not_found']);
    expect(codes(await other.call('POST', `/v1/approvals/${id}/cancel`))).toEqual([404, 'not_found']);
    expect(codes(await as(await tokenOf('bob'), 'POST', '/v1/approvals', testRequest()))).toEqual([
      401,
      'unauthenticated',
    ]);
    const decision = JSON.stringify({ verdict: 'approve', reason: 'ok' });
    const answer = await sidecar.call('POST', `/v1/approvals/${id}/decision`, { body: decision });
    expect(codes(answer)).toEqual([401, 'unauthenticated']);
  });

  test('is what is no id, no body, no state', async () => {
    const bob = await tokenOf('bob');
    expect(codes(await sidecar.call('GET', '/v1/approvals/..%2f..%2fsecrets'))).toEqual([404, 'not_found']);
    expect(codes(await sidecar.call('POST', '/v1/approvals', { body: '{}' }))).toEqual([400, 'bad_request']);
    expect(codes(await as(bob, 'GET', '/v1/approvals?state=open'))).toEqual([400, 'bad_request']);
    expect(codes(await as(bob, 'GET', '/v1/approvals?namespace=../x'))).toEqual([400, 'bad_request']);
  });
});

test('an approver lists what waits, sees the masked arguments, and a denial ends it', async () => {
  const { id } = await ask();
  await ask({ digest: 'e'.repeat(64), approvers: { subjects: ['carol'], groups: [] } });
  const bob = await tokenOf('bob');
  const listed = (await as(bob, 'GET', '/v1/approvals?state=pending&namespace=demo')).json();
  expect(listed).toMatchObject({
    approvals: [{ id, arguments: expect.stringContaining('[SECRET]'), maskedValues: 1 }],
  });
  expect((listed as { approvals: unknown[] }).approvals).toHaveLength(1);
  expect((await as(bob, 'GET', '/v1/approvals')).headers['cache-control']).toBe('no-store');
  expect((await decide('bob', id, 'deny')).json()).toMatchObject({ state: 'denied' });
  expect(codes(await sidecar.call('POST', `/v1/approvals/${id}/consume`, { body: use }))).toEqual([
    409,
    'approval_ended',
  ]);
});

test('a client that went away cancels, and nothing can be approved for it', async () => {
  const { id } = await ask();
  expect((await sidecar.call('POST', `/v1/approvals/${id}/cancel`)).json()).toMatchObject({ state: 'cancelled' });
  expect((await sidecar.call('POST', `/v1/approvals/${id}/cancel`)).status).toBe(200);
  expect(codes(await decide('bob', id))).toEqual([409, 'approval_ended']);
});

async function header(client: SidecarClient, workload: string, headers = {}): Promise<unknown> {
  return (await client.call('GET', `/v1/bundle?workload=${workload}`, { headers })).headers['tacho-approval-key'];
}

test('the key for digests comes with every bundle answer, the same from all replicas, another for each workload', async () => {
  const second = await installation.enrol('store', await installation.startController());
  const other = await installation.enrol('other');
  const first = await sidecar.call('GET', '/v1/bundle?workload=store');
  const key = first.headers['tacho-approval-key'];
  expect(Buffer.from(String(key), 'base64')).toHaveLength(32);
  expect(await header(sidecar, 'store', { 'if-none-match': String(first.headers['etag']) })).toBe(key);
  expect(await header(second, 'store')).toBe(key);
  expect(await header(other, 'other')).not.toBe(key);
});

test('the page of a held call says how to decide and nothing of the call', async () => {
  const { id, url } = await ask();
  const page = await callHttps(url, 'GET', `/approvals/${id}`);
  expect(page.status).toBe(200);
  expect(page.text).toContain(`tacho approvals show ${id}`);
  expect(page.text).not.toMatch(/alice|query|delete/);
});

test('a new held call is announced once, with its page', async () => {
  const posts: string[] = [];
  const receiver = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (chunk: string) => posts.push(chunk));
    request.on('end', () => response.end());
  });
  await listen(receiver, { host: '127.0.0.1', port: 0 });
  const secretFile = join(installation.dir, 'secret');
  await writeFile(secretFile, 'shared\n');
  const announcing = await startInstallation({
    environment: {
      TACHO_APPROVAL_URL: 'https://approvals.example/',
      TACHO_APPROVAL_WEBHOOK_URL: `http://127.0.0.1:${portOf(receiver)}/hook`,
      TACHO_APPROVAL_WEBHOOK_SECRET_FILE: secretFile,
    },
  });
  const from = await announcing.enrol('store');
  const { id } = await ask({}, from);
  expect((await ask({}, from)).id).toBe(id);
  await ask({ digest: 'e'.repeat(64), tool: 'last' }, from);
  await until('the last one', () => (posts.some((post) => post.includes('last')) ? true : undefined));
  await announcing.close();
  await closeServer(receiver);
  expect(posts.filter((post) => post.includes(id))).toHaveLength(1);
  expect(posts[0]).toContain(`https://approvals.example/approvals/${id}`);
});

test('a webhook without what signs it is a bad setting', () => {
  const reader = createSettingsReader({ TACHO_APPROVAL_WEBHOOK_URL: 'https://hooks.example/x' });
  expect(() => readApprovalSettings(reader)).toThrow('TACHO_APPROVAL_WEBHOOK_SECRET_FILE');
  const linked = createSettingsReader({ TACHO_APPROVAL_URL: 'https://x/?token=1' });
  expect(() => readApprovalSettings(linked)).toThrow('TACHO_APPROVAL_URL');
});
