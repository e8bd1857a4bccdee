/** `tacho access` against a real controller, and what a real sidecar process does after it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runCli, type CliResult } from '../packages/cli/src/testing/run-cli.ts';
import { startInstallation, until, type Installation } from '../packages/controller/src/testing/installation.ts';
import { post, toolCall } from '../packages/sidecar/src/testing/client.ts';
import { answerJson, startUpstream, type Upstream } from '../packages/sidecar/src/testing/upstream.ts';

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
  let dir: string;
  let upstream: Upstream;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tacho-access-'));
    upstream = await startUpstream(answerJson({ ok: true }));
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map(end));
    await upstream.close();
    await rm(dir, { recursive: true, force: true });
  });

  /** The real program; resolves with its URL once it answers. */
  async function start(name: string): Promise<string> {
    const [controller] = installation.controllers;
    await installation.enrol(name);
    const port = await freePort();
    const child = spawn(process.execPath, ['--conditions=source', 'packages/sidecar/src/main.ts'], {
      cwd: join(import.meta.dirname, '..'),
      stdio: 'ignore',
      env: {
        PATH: process.env['PATH'] ?? '',
        TACHO_CLUSTER: 'test',
        TACHO_NAMESPACE: 'demo',
        TACHO_WORKLOAD: name,
        TACHO_DURABILITY: 'process',
        TACHO_CONTROLLER: controller?.url ?? '',
        TACHO_TRUST: controller?.fingerprint ?? '',
        TACHO_TOKEN_FILE: join(installation.state, 'tokens', `demo.${name}.token`),
        TACHO_SPOOL: join(dir, name),
        TACHO_LISTEN: `127.0.0.1:${port}`,
        TACHO_UPSTREAM: upstream.url,
        TACHO_ADMIN: '127.0.0.1:0',
      },
    });
    children.push(child);
    const url = `http://127.0.0.1:${port}/mcp`;
    await until(`sidecar ${name}`, async () => (await statusOf(url, 'none')) === 401 || undefined);
    return url;
  }

  test('refuses a revoked token at its next request, everywhere, and nobody else’s', async () => {
    const names = ['store', 'search'];
    const urls = await Promise.all(names.map(start));
    const tokens = await Promise.all(
      ['alice', 'bob'].flatMap((who) => names.map((name) => tokenOf(who, `tachograph://test/demo/${name}`))),
    );
    const statuses = () => Promise.all(tokens.map((token, n) => statusOf(urls[n % 2] ?? '', token)));
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    await as('carol', 'revoke', '--subject', 'alice', '--reason', 'laptop stolen');
    await until('the revocation at both', async () =>
      (await statuses()).join() === '401,401,200,200' ? true : undefined,
    );
    const answer = await post(urls[0] ?? '', toolCall(), { authorization: `Bearer ${tokens[0]}` });
    expect(answer.headers.get('www-authenticate')).toContain('the token has been revoked');
  });
});

async function statusOf(url: string, token: string): Promise<number> {
  return post(url, toolCall(), { authorization: `Bearer ${token}` }).then(
    ({ status }) => status,
    () => 0,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => void server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
