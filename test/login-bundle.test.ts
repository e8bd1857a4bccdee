/** The auth server as it is shipped: minified, a file of its own beside the controller's. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startStrictIdp, type StrictIdp } from '../packages/authserver/src/testing/strict-idp.ts';
import { fetchTrust, SidecarClient } from '../packages/controller/src/testing/sidecar-client.ts';
import { startForwardedLogin } from './login/forwarded-login.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dir = mkdtempSync(join(tmpdir(), 'tachograph-login-bundle-'));
const out = join(dir, 'bundle');
const program = join(out, 'tachograph-controller.mjs');
const started: ChildProcess[] = [];
let idp: StrictIdp;

beforeAll(async () => {
  const only = ['--only', 'tachograph-controller'];
  const { status, stderr } = spawnSync(process.execPath, ['scripts/bundle.mjs', '--out', out, ...only], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  mkdirSync(join(dir, 'bucket'));
  idp = await startStrictIdp({ redirectUris: ['http://localhost/as/callback'] });
  writeFileSync(join(dir, 'secret'), idp.clientSecret);
});
afterAll(async () => {
  for (const child of started) child.kill();
  await idp.close();
  rmSync(dir, { recursive: true, force: true });
});

const environment = (): Readonly<Record<string, string>> => ({
  TACHO_STATE: join(dir, 'state'),
  TACHO_CLUSTER: 'test',
  TACHO_BUCKET: join(dir, 'bucket'),
  TACHO_LISTEN: '127.0.0.1:0',
  TACHO_ADMIN: '127.0.0.1:0',
  TACHO_AUTH_UPSTREAM: idp.issuer,
  TACHO_AUTH_CLIENT_ID: idp.clientId,
  TACHO_AUTH_CLIENT_SECRET_FILE: join(dir, 'secret'),
});

/** Starts the bundled program; answers where it listens and what it prints. */
async function start(): Promise<{ readonly url: string; readonly trust: string; readonly output: string[] }> {
  const child = spawn(process.execPath, [program], { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  const output: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => output.push(line));
  const lines = createInterface({ input: child.stdout });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`exit ${code}: ${output.join('\n')}`)));
    lines.on('line', (line) => {
      output.push(line);
      const { message, url, trust } = JSON.parse(line) as Readonly<Record<string, string>>;
      if (message === 'controller listening') resolve({ url: url ?? '', trust: trust ?? '', output });
    });
  });
}

test('a login completes in the bundle, which prints no warning and no secret', async () => {
  const { url, trust, output } = await start();
  const enrolled = spawnSync(process.execPath, [program, 'enroll', '--workload', 'store', '--namespace', 'demo'], {
    env: { ...environment(), TACHO_CONTROLLER: url },
    encoding: 'utf8',
  });
  const { tokenFile } = JSON.parse(enrolled.stdout) as { readonly tokenFile: string };
  const { tlsRoots } = await fetchTrust(url, trust);
  const sidecar = new SidecarClient(url, readFileSync(tokenFile, 'utf8'), tlsRoots);
  const login = await startForwardedLogin('/as/demo/store', () => sidecar);
  const attempt = await login.begin();
  const tokens = await login.end(attempt, await login.goOn(attempt));
  login.close();
  expect(tokens).toMatchObject({ access_token: expect.any(String), refresh_token: expect.any(String) });
  const printed = output.join('\n');
  expect(printed).toContain('login ended');
  expect(printed).not.toMatch(/warning|oidc-provider/i);
  for (const secret of [idp.clientSecret, String(tokens['refresh_token']), 'alice'])
    expect(printed).not.toContain(secret);
});

/** The library names its models, and we what they are, after classes: minifying could rename them. */
test('what the bundle keeps has the names of the sources', () => {
  const logins = join(dir, 'state', 'logins');
  const kinds = readdirSync(logins).map((name) => {
    const { kind } = JSON.parse(readFileSync(join(logins, name), 'utf8')) as { readonly kind: string };
    return kind;
  });
  expect(kinds).toEqual(expect.arrayContaining(['AuthorizationCode', 'Client', 'Grant', 'RefreshToken']));
});

test('a controller without logins does not carry the auth server in its own file', () => {
  const holders = readdirSync(out).filter(
    (name) => name.endsWith('.mjs') && readFileSync(join(out, name), 'utf8').includes('invalid_client_metadata'),
  );
  expect(holders).not.toEqual([]);
  expect(holders).not.toContain('tachograph-controller.mjs');
});
