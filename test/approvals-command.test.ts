/** `tacho approvals` against a real controller: what a person types, and what comes of it. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { approvalView } from '@tachograph/protocol';
import { runCli, type CliResult } from '../packages/cli/src/testing/run-cli.ts';
import { demoIssuer } from '../packages/controller/src/state/state-issuers.ts';
import { startInstallation, type Installation } from '../packages/controller/src/testing/installation.ts';
import { testRequest } from '../packages/controller/src/testing/test-approval.ts';

let installation: Installation;
let env: Readonly<Record<string, string>>;

beforeEach(async () => {
  installation = await startInstallation();
  env = { TACHO_STATE: installation.state };
});
afterEach(async () => installation.close());

async function hold(more: Parameters<typeof testRequest>[0] = {}): Promise<string> {
  const sidecar = await installation.enrol('store');
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const caller = { iss: demoIssuer, sub: 'alice', type: 'human' } as const;
  const body = JSON.stringify(testRequest({ caller, expiresAt, ...more }));
  return approvalView.parse((await sidecar.call('POST', '/v1/approvals', { body })).json()).id;
}

async function as(subject: string, ...argv: readonly string[]): Promise<CliResult> {
  const audience = 'tachograph://test/controller';
  const args = ['dev-token', '--subject', subject, '--groups', 'dba', '--audience', audience];
  const token = (await runCli(args, { env, nowMs: Date.now() })).out.trim();
  return runCli(['approvals', ...argv], { env: { ...env, TACHO_TOKEN: token } });
}

test('an approver lists, looks, approves with a reason', async () => {
  const id = await hold({ count: 2 });
  const listed = await as('bob', 'list');
  expect(listed.out).toMatch(new RegExp(`^ID .*\\n${id}  pending \\(0 of 2\\)  alice +query +demo/store  `));
  const shown = await as('bob', 'show', id);
  expect(shown.out).toContain('caller     alice (human, https://issuer.demo.tachograph.dev)');
  expect(shown.out).toContain('"sql": "delete from t where id = 1"');
  expect(shown.out).toContain('masking hid 1 value\n');
  expect(await as('bob', 'approve', id, '--reason', 'ticket 4711')).toMatchObject({
    code: 0,
    out: `${id} pending (1 of 2)\n`,
  });
  expect(await as('carol', 'approve', id, '--reason', 'agreed')).toMatchObject({ code: 0, out: `${id} approved\n` });
  const json = JSON.parse((await as('bob', 'list', '--state', 'any', '--json')).out) as { approvals: unknown[] };
  expect(json.approvals).toMatchObject([
    { id, state: 'approved', decisions: [{ reason: 'ticket 4711' }, { subject: 'carol' }] },
  ]);
  expect(await as('bob', 'list')).toMatchObject({ code: 0, out: '', err: 'no held calls for you\n' });
});

describe('is told why not', () => {
  test('the caller', async () => {
    const id = await hold();
    const { code, err } = await as('alice', 'approve', id, '--reason', 'mine');
    expect([code, err]).toEqual([1, 'tacho: nobody decides on their own call (own_call)\n']);
  });

  test('who comes late, and who asks for nothing', async () => {
    const id = await hold();
    expect(await as('bob', 'deny', id, '--reason', 'no')).toMatchObject({ code: 0, out: `${id} denied\n` });
    expect(await as('carol', 'approve', id, '--reason', 'yes')).toMatchObject({ code: 1 });
    const none = '01930000-0000-7000-8000-000000000001';
    expect(await as('bob', 'show', none)).toMatchObject({ code: 3, err: 'tacho: no such approval (not_found)\n' });
  });

  test('who gives no reason or no token', async () => {
    expect((await as('bob', 'approve', 'x')).code).toBe(64);
    expect(await runCli(['approvals', 'list'], { env })).toMatchObject({ code: 64 });
  });

  test('who is led to another installation: no token goes there', async () => {
    const trust = `sha256:${'0'.repeat(64)}`;
    const { code, err } = await as('bob', 'list', '--trust', trust);
    expect([code, err]).toEqual([1, expect.stringContaining('another trust root')]);
  });
});

test('shows what masking must not let pass, and numbers as they are', async () => {
  const id = await hold({ judgedMasked: true, arguments: '{"n":12345678901234567890,"t":"\u202e"}' });
  const { out } = await as('bob', 'show', id);
  expect(out).toContain(String.raw`{"n":12345678901234567890,"t":"\u202e"}`);
  expect(out).toContain('who approves must have seen it');
  expect(await as('bob', 'approve', id, '--reason', 'r')).toMatchObject({
    code: 1,
    err: expect.stringContaining('masked_judged_argument'),
  });
});
