import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPrivateKey } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  approverAudience,
  bundlePayload,
  serverList,
  statement,
  toolsReportAnswer,
  type BundlePayload,
  type LedgerDrift,
  type LedgerSection,
} from '@tachograph/protocol';
import { SignJWT } from 'jose';
import { statePaths } from './state/state-files.ts';
import { demoIssuer } from './state/state-issuers.ts';
import { startInstallation, type Installation } from './testing/installation.ts';
import { callHttps, type Answer, type SidecarClient } from './testing/sidecar-client.ts';

let installation: Installation;
let sidecar: SidecarClient;

beforeEach(async () => {
  installation = await startInstallation();
  sidecar = await installation.enrol('store');
});
afterEach(async () => installation.close());

const hex = (letter: string): string => letter.repeat(64);

async function report(
  names: Readonly<Record<string, string>>,
  more: { readonly section?: LedgerSection; readonly complete?: boolean; readonly from?: SidecarClient } = {},
): Promise<readonly LedgerDrift[]> {
  const { section = 'tools', complete = true, from = sidecar } = more;
  const items = Object.entries(names).map(([name, letter]) => ({
    name,
    digest: hex(letter),
    text: JSON.stringify({ name, description: letter }),
  }));
  const answer = await from.call('POST', '/v1/tools', { body: JSON.stringify({ section, complete, items }) });
  expect(answer.status).toBe(200);
  return toolsReportAnswer.parse(answer.json()).drift;
}

async function bundle(etag?: string): Promise<{ readonly payload: BundlePayload; readonly etag: string }> {
  const headers = etag === undefined ? {} : { 'if-none-match': etag, prefer: 'wait=10' };
  const answer = await sidecar.call('GET', '/v1/bundle?workload=store', { headers });
  expect(answer.status).toBe(200);
  const payload = bundlePayload.parse(JSON.parse(statement.parse(answer.json()).payload));
  return { payload, etag: String(answer.headers['etag']) };
}

async function tokenOf(sub: string, aud = approverAudience('test')): Promise<string> {
  const key = createPrivateKey(await readFile(statePaths.issuerKey(installation.state), 'utf8'));
  return new SignJWT({ aud })
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

const approval = '/v1/servers/demo/store/approval';
const entries = [{ section: 'tools', name: 'read', digest: hex('b') }];

describe('what sidecars report', () => {
  test('is pinned the first time, and reaches sidecars in the signed bundle', async () => {
    const before = await bundle();
    expect(before.payload.ledger?.pins).toBeUndefined();
    const waiting = bundle(before.etag);
    expect(await report({ read: 'a' })).toEqual([]);
    const { payload } = await waiting;
    expect(payload.ledger).toEqual({ pins: { read: hex('a') } });
    expect(payload.version).toBeGreaterThan(before.payload.version);
  });

  test('is measured by the pins from then on, also after a restart', async () => {
    await report({ read: 'a' });
    await report({ instructions: 'e' }, { section: 'instructions' });
    await installation.startController();
    await installation.controllers.shift()?.close();
    sidecar = await installation.enrol('store');
    expect(await report({ read: 'b', drop: 'd' })).toMatchObject([
      { name: 'read', change: 'changed', diff: [{ path: '/description', before: '"a"', after: '"b"' }] },
      { name: 'drop', change: 'new' },
    ]);
    expect((await bundle()).payload.ledger).toEqual({
      pins: { read: hex('a') },
      instructions: hex('e'),
      drifted: ['read'],
    });
  });

  test('is of their own workload only', async () => {
    await report({ read: 'a' });
    const other = await installation.enrol('other');
    expect(await report({ read: 'b' }, { from: other })).toEqual([]);
    expect(await report({ read: 'a' })).toEqual([]);
  });

  test('goes with what policy says of drift', async () => {
    const dir = join(installation.state, 'policies', 'demo');
    await mkdir(dir, { recursive: true });
    const policy = `apiVersion: tachograph.dev/v1alpha1
kind: McpPolicy
metadata: { name: strict }
spec: { ledger: { onDrift: hide } }
`;
    await writeFile(join(dir, 'strict.yaml'), policy);
    await report({ read: 'a' });
    expect((await bundle()).payload.ledger).toEqual({ onDrift: 'hide', pins: { read: hex('a') } });
  });

  test('is lost by no other report that comes at once', async () => {
    const sections = ['tools', 'prompts', 'templates', 'instructions'] as const;
    await Promise.all(sections.map(async (section) => report({ one: 'a' }, { section })));
    expect(Object.keys((await bundle()).payload.ledger ?? {}).toSorted()).toEqual([
      'instructions',
      'pins',
      'prompts',
      'templates',
    ]);
  });

  test('is refused where it is no report', async () => {
    const answers = await Promise.all(
      ['{}', '[]', '{"section":"tools","complete":true,"items":[{"name":"a","digest":"x"}]}'].map(async (body) =>
        sidecar.call('POST', '/v1/tools', { body }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
  });
});

describe('people', () => {
  beforeEach(async () => {
    await report({ read: 'a' });
    await report({ read: 'b' });
  });

  test('see what drifted, and pin what they read', async () => {
    const listed = serverList.parse((await as(await tokenOf('carol'), 'GET', '/v1/servers?namespace=demo')).json());
    expect(listed.servers).toMatchObject([{ workload: 'store', drift: [{ name: 'read', digest: hex('b') }] }]);
    const pinned = await as(await tokenOf('carol'), 'POST', approval, { entries, reason: 'release 2' });
    expect([pinned.status, pinned.json()]).toMatchObject([
      200,
      { drift: [], approvals: [{ subject: 'carol', iss: demoIssuer, reason: 'release 2', entries }] },
    ]);
    expect((await bundle()).payload.ledger).toEqual({ pins: { read: hex('b') } });
    expect(await report({ read: 'b' })).toEqual([]);
  });

  test('are named in the log when they pin, and pin again when it has not taken that', async () => {
    await installation.sequencers.shift()?.close();
    const refused = await as(await tokenOf('carol'), 'POST', approval, { entries, reason: 'release 2' });
    expect([refused.status, refused.json()]).toMatchObject([503, { code: 'unavailable' }]);
    expect(refused.text).toContain('pin again');
    await installation.startSequencer();
    await installation.leading();
    await installation.startController();
    await installation.controllers.shift()?.close();
    const again = await as(await tokenOf('carol'), 'POST', approval, { entries, reason: 'release 2' });
    expect(again.status).toBe(200);
    const leaves = await installation.leavesOf('ledger.pin');
    expect(leaves).toMatchObject([{ namespace: 'demo', workload: 'store', by: { iss: demoIssuer, sub: 'carol' } }]);
  });

  test('pin nothing that has changed since they looked', async () => {
    await report({ read: 'c' });
    const answer = await as(await tokenOf('carol'), 'POST', approval, { entries, reason: 'release 2' });
    expect([answer.status, answer.json()]).toMatchObject([409, { code: 'object_conflict' }]);
    expect((await bundle()).payload.ledger?.pins).toEqual({ read: hex('a') });
  });

  test('need a token for this controller, and a reason', async () => {
    expect((await as(await tokenOf('carol'), 'POST', approval, { entries, reason: ' ' })).status).toBe(400);
    const foreign = await as(await tokenOf('carol', 'tachograph://test/demo/store'), 'POST', approval, {
      entries,
      reason: 'r',
    });
    expect(foreign.status).toBe(401);
    const own = await sidecar.call('POST', approval, { body: JSON.stringify({ entries, reason: 'r' }) });
    expect(own.status).toBe(401);
  });

  test('reach no file outside', async () => {
    const answer = await as(await tokenOf('carol'), 'POST', '/v1/servers/demo/..%2F..%2Fissuers/approval', {
      entries,
      reason: 'r',
    });
    expect(answer.status).toBe(400);
  });
});
