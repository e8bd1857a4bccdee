/** `tacho access` against a real controller, and what a real sidecar process does after it. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runCli, type CliResult } from '../packages/cli/src/testing/run-cli.ts';
import { startInstallation, until, type Installation } from '../packages/controller/src/testing/installation.ts';
import { answerJson, startUpstream, type Upstream } from '../packages/sidecar/src/testing/upstream.ts';
import { callWith, startEnrolled } from './identity/enrolled-sidecar.ts';
import type { SidecarProcess } from './identity/sidecar-process.ts';

let installation: Installation;
let env: Readonly<Record<string, string>>;

beforeEach(async () => {
  installation = await startInstallation({ environment: { TACHO_CUSTODIANS: 'carol' } });
  env = { TACHO_STATE: installation.state };
});
afterEach(async () => installation.close());

async function tokenOf(subject: string, audience: string): Promise<string> {
  const args = ['dev-token', '--subject', subject, '--audience', audience];
  return (await runCli(args, { env, nowMs: Date.now() })).out.trim();
}

async function as(subject: string, ...argv: readonly string[]): Promise<CliResult> {
  const token = await tokenOf(subject, 'tachograph://test/controller');
  return runCli(['access', ...argv], { env: { ...env, TACHO_TOKEN: token } });
}

describe('tacho access', () => {
  test('revokes with a reason, lists, and the log tells who', async () => {
    expect(await as('carol', 'list')).toMatchObject({ code: 0, out: '', err: 'no revocations\n' });
    const revoked = await as('carol', 'revoke', '--subject', 'alice', '--reason', 'laptop stolen');
    expect(revoked).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^alice revoked: tokens issued before 20.*Z\n$/),
    });
    expect((await as('carol', 'list')).out).toMatch(/^SUBJECT .*\nalice +any +20\S+ +20\S+ +carol +laptop stolen\n$/);
    const json = JSON.parse((await as('carol', 'list', '--json')).out) as object;
    expect(json).toMatchObject({ revocations: [{ subject: 'alice', by: { sub: 'carol' }, logged: true }] });
    expect(await installation.leavesOf('admin.action')).toMatchObject([
      { action: 'access.revoked', subject: 'alice', reason: 'laptop stolen', by: { sub: 'carol' } },
    ]);
  });

  test('is refused to others, and without a reason', async () => {
    const { code, err } = await as('alice', 'revoke', '--subject', 'bob', '--reason', 'he left');
    expect([code, err]).toEqual([1, expect.stringContaining('(forbidden)')]);
    expect((await as('carol', 'revoke', '--subject', 'bob')).code).toBe(64);
    expect(await installation.leavesOf('admin.action')).toEqual([]);
  });
});

describe('a sidecar', () => {
  const names = ['store', 'search'];
  let upstream: Upstream;
  let sidecars: readonly SidecarProcess[];

  beforeEach(async () => {
    upstream = await startUpstream(answerJson({ ok: true }));
    sidecars = await Promise.all(
      names.map(async (workload) => startEnrolled(installation, { workload, upstream: upstream.url })),
    );
  });
  afterEach(async () => {
    await Promise.all(sidecars.map(async (one) => one.close()));
    await upstream.close();
  });

  const call = async (index: number, token: string): Promise<Response> => {
    const sidecar = sidecars[index % 2];
    if (sidecar === undefined) throw new Error('no such sidecar');
    return callWith(sidecar, token);
  };

  test('refuses a revoked token at its next request, everywhere, and nobody else’s', async () => {
    const tokens = await Promise.all(
      ['alice', 'bob'].flatMap((who) => names.map((name) => tokenOf(who, `tachograph://test/demo/${name}`))),
    );
    const statuses = async () => Promise.all(tokens.map(async (token, index) => (await call(index, token)).status));
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    await as('carol', 'revoke', '--subject', 'alice', '--reason', 'laptop stolen');
    await until('the revocation at both', async () =>
      (await statuses()).join() === '401,401,200,200' ? true : undefined,
    );
    const answer = await call(0, tokens[0] ?? '');
    expect(answer.headers.get('www-authenticate')).toContain('the token has been revoked');
  });
});
