/** `tacho access revoke` ends a person's login: what the client holds, what it could refresh, and nothing of the next one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createBrowser } from '../packages/authserver/src/testing/browser.ts';
import { startStrictIdp, type StrictIdp } from '../packages/authserver/src/testing/strict-idp.ts';
import { runCli } from '../packages/cli/src/testing/run-cli.ts';
import { startInstallation, until, type Installation } from '../packages/controller/src/testing/installation.ts';
import { answerJson, startUpstream, type Upstream } from '../packages/sidecar/src/testing/upstream.ts';
import { startEnrolled } from './identity/enrolled-sidecar.ts';
import {
  callTool,
  clientCallback,
  discover,
  logIn,
  read,
  refresh,
  tokensOf,
  type Discovered,
  type LoggedIn,
} from './identity/oauth-client.ts';
import type { SidecarProcess } from './identity/sidecar-process.ts';

let dir: string;
let idp: StrictIdp;
let installation: Installation;
let upstream: Upstream;
let sidecar: SidecarProcess;
let found: Discovered;

const url = (): string => sidecar.urls[0] ?? '';
const logInAs = async (user: string): Promise<LoggedIn> =>
  logIn(found, createBrowser({ stopAt: ({ href }) => href.startsWith(clientCallback) }), user);

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tacho-revoked-'));
  writeFileSync(join(dir, 'client-secret'), 'idp-test-secret\n');
  idp = await startStrictIdp({ redirectUris: ['http://localhost/as/callback'] });
  installation = await startInstallation({
    environment: {
      TACHO_CUSTODIANS: 'carol',
      TACHO_AUTH_UPSTREAM: idp.issuer,
      TACHO_AUTH_CLIENT_ID: 'tachograph',
      TACHO_AUTH_CLIENT_SECRET_FILE: join(dir, 'client-secret'),
    },
  });
  upstream = await startUpstream(answerJson({ content: [] }));
  sidecar = await startEnrolled(installation, { workload: 'search', upstream: upstream.url });
  found = await discover(await callTool(url()));
});

afterAll(async () => {
  await sidecar.close();
  await installation.close();
  await upstream.close();
  await idp.close();
  rmSync(dir, { recursive: true, force: true });
});

async function revoke(subject: string, ...more: readonly string[]): Promise<{ readonly before: string }> {
  const env = { TACHO_STATE: installation.state };
  const audience = ['--audience', 'tachograph://test/controller'];
  const token = await runCli(['dev-token', '--subject', 'carol', ...audience], { env, nowMs: Date.now() });
  const args = ['access', 'revoke', '--subject', subject, '--reason', 'laptop stolen', '--json', ...more];
  const { out, err } = await runCli(args, { env: { ...env, TACHO_TOKEN: token.out.trim() } });
  expect(err).toBe('');
  return JSON.parse(out) as { before: string };
}

test.each([
  ['whatever its issuer', []],
  ['of the company’s provider', ['provider']],
  ['of the workload’s auth server', ['tachograph://test/as/demo/search']],
])('a revoked person, %s, neither calls nor refreshes, and may log in again', async (_which, [issuer]) => {
  const [alice, bob] = [await logInAs('alice'), await logInAs('bob')];
  expect([(await callTool(url(), alice.access)).status, (await callTool(url(), bob.access)).status]).toEqual([
    200, 200,
  ]);
  const iss = issuer === 'provider' ? idp.issuer : issuer;
  const { before } = await revoke('alice', ...(iss === undefined ? [] : ['--issuer', iss]));
  const refused = await refresh(found, alice.clientId, alice.refresh);
  expect([refused.status, read(refused.body)['error']]).toEqual([400, 'invalid_grant']);
  const told = await until('the revocation at the sidecar', async () => {
    const answer = await callTool(url(), alice.access);
    return answer.status === 401 ? answer : undefined;
  });
  expect(told.headers['www-authenticate']).toContain('the token has been revoked');
  expect((await callTool(url(), bob.access)).status).toBe(200);
  // A token says the second in which it was issued: one of the same second counts as before.
  await until('the next second', () => (Date.now() >= Date.parse(before) + 1000 ? true : undefined));
  const again = await logInAs('alice');
  expect((await callTool(url(), again.access)).status).toBe(200);
  const renewed = await refresh(found, again.clientId, again.refresh);
  expect([renewed.status, (await callTool(url(), tokensOf(renewed).access)).status]).toEqual([200, 200]);
});
