import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwksPayload, statement, type JwksPayload } from '@tachograph/protocol';
import { startInstallation, until, type Installation } from '../testing/installation.ts';
import { createScriptedAuthServer, type Asked, type ScriptedAuthServer } from '../testing/scripted-auth-server.ts';
import { callHttps, type Answer, type SidecarClient } from '../testing/sidecar-client.ts';

let dir: string;
let scripted: ScriptedAuthServer;
let installation: Installation;
let sidecar: SidecarClient;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tachograph-auth-'));
  scripted = createScriptedAuthServer();
});
afterEach(async () => {
  await installation.close();
  await rm(dir, { recursive: true });
});

async function start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
  const secret = join(dir, 'secret');
  await writeFile(secret, 'a secret\n');
  installation = await startInstallation({
    authServer: scripted,
    environment: {
      // Nobody listens there: a provider that is down.
      TACHO_AUTH_UPSTREAM: 'https://127.0.0.1:1',
      TACHO_AUTH_CLIENT_ID: 'tachograph',
      TACHO_AUTH_CLIENT_SECRET_FILE: secret,
      ...environment,
    },
  });
  sidecar = await installation.enrol('store');
}

const asked = (answer: Answer): Asked => answer.json() as Asked;
const controllerUrl = (): string => installation.controllers[0]?.url ?? '';
const adminUrl = (): string => `http://127.0.0.1:${installation.controllers[0]?.adminPort}`;
const origin = { 'tacho-origin': 'http://localhost:8080' };

async function keySets(of: SidecarClient): Promise<JwksPayload> {
  const { payload } = statement.parse((await of.call('GET', '/v1/jwks')).json());
  return jwksPayload.parse(JSON.parse(payload));
}

describe('a sidecar that forwards a person', () => {
  test('is answered for its own workload on the origin that the client typed', async () => {
    await start();
    const answer = await sidecar.call('POST', '/as/demo/store/token?a=b', {
      body: 'grant_type=refresh_token',
      headers: { ...origin, cookie: 'c=1', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil' },
    });
    const { url, body, site, headers } = asked(answer);
    expect({ url, body }).toEqual({ url: '/as/demo/store/token?a=b', body: 'grant_type=refresh_token' });
    expect(site).toEqual({
      workload: { cluster: 'test', namespace: 'demo', workload: 'store' },
      origin: 'http://localhost:8080',
      pageOrigin: 'http://tachograph.localhost:8080',
      isPage: false,
    });
    expect(Object.keys(headers).toSorted()).toEqual(['connection', 'content-length', 'cookie', 'host']);
  });

  test('has pages on a host of their own', async () => {
    await start();
    const headers = { 'tacho-origin': 'http://tachograph.localhost:8080', 'tacho-page': '1' };
    const answer = await sidecar.call('GET', '/as/callback', { headers });
    expect(asked(answer).site).toMatchObject({ isPage: true, workload: { workload: 'store' } });
  });

  test.each([
    ['another workload', '/as/demo/other/token', 404, origin],
    ['another namespace', '/as/elsewhere/store/token', 404, origin],
    ['no path of an issuer', '/as/demo', 404, origin],
    ['an origin that is not loopback', '/as/demo/store/token', 400, { 'tacho-origin': 'https://evil.example' }],
    ['a page on the application’s origin', '/as/demo/store/token', 400, { ...origin, 'tacho-page': '1' }],
    ['no origin', '/as/demo/store/token', 404, {}],
  ])('is refused for %s', async (_what, path, status, headers) => {
    await start();
    expect((await sidecar.call('GET', path, { headers })).status).toBe(status);
  });

  test('is refused without a pod’s token, and with an invented one', async () => {
    await start();
    for (const token of [{}, { token: 'invented' }]) {
      const answer = await callHttps(controllerUrl(), 'GET', '/as/demo/store/token', { headers: origin, ...token });
      expect(answer.status).toBe(401);
    }
  });
});

describe('an ingress', () => {
  const host = { host: 'login.corp.example' };
  const environment = { TACHO_AUTH_URL: 'https://login.corp.example' };

  test('is answered under its own host without any token', async () => {
    await start(environment);
    await sidecar.call('GET', '/v1/bundle?workload=store');
    const headers = { ...host, authorization: 'Basic Y2xpZW50OnNlY3JldA==', 'x-forwarded-proto': 'http' };
    const answer = await callHttps(controllerUrl(), 'GET', '/as/demo/store/auth', { headers });
    expect(asked(answer).site).toEqual({
      workload: { cluster: 'test', namespace: 'demo', workload: 'store' },
      origin: 'https://login.corp.example',
      pageOrigin: 'https://login.corp.example',
      isPage: true,
    });
    expect(asked(answer).headers).toMatchObject({ authorization: headers.authorization });
    expect(asked(answer).headers).not.toHaveProperty('x-forwarded-proto');
  });

  test('has no issuer for a workload that was never served a bundle', async () => {
    await start(environment);
    const answer = await callHttps(controllerUrl(), 'GET', '/as/demo/invented/auth', { headers: host });
    expect(answer.status).toBe(404);
  });

  test('serves one callback for all workloads', async () => {
    await start(environment);
    const answer = await callHttps(controllerUrl(), 'GET', '/as/callback?state=s', { headers: host });
    expect(asked(answer).site).not.toHaveProperty('workload');
  });

  test('does not pass for a sidecar', async () => {
    await start(environment);
    const headers = { ...host, ...origin };
    expect((await callHttps(controllerUrl(), 'GET', '/as/demo/store/token', { headers })).status).toBe(401);
  });

  test.each(['login.corp.example:8443', 'evil.example', 'login.corp.example.evil.example'])(
    'is not what calls itself %s',
    async (name) => {
      await start(environment);
      await sidecar.call('GET', '/v1/bundle?workload=store');
      const answer = await callHttps(controllerUrl(), 'GET', '/as/demo/store/token', { headers: { host: name } });
      expect(answer.status).toBe(404);
    },
  );
});

describe('accepted issuers', () => {
  test('have the workload’s own auth server among them, and no other’s', async () => {
    await start();
    const other = await installation.enrol('other');
    const issuers = async (of: SidecarClient) => (await keySets(of)).issuers.map(({ issuer }) => issuer);
    expect(await issuers(sidecar)).toContain('tachograph://test/as/demo/store');
    expect(await issuers(other)).toContain('tachograph://test/as/demo/other');
    expect(await issuers(other)).not.toContain('tachograph://test/as/demo/store');
    expect((await keySets(sidecar)).issuers.at(-1)).toMatchObject({ keys: [{ kty: 'EC', alg: 'ES256' }] });
    expect(JSON.stringify(await keySets(sidecar))).not.toContain('"d":');
  });

  test('say where the ingress is', async () => {
    await start({ TACHO_AUTH_URL: 'https://login.corp.example' });
    expect((await keySets(sidecar)).issuers.at(-1)).toMatchObject({
      publicUrl: 'https://login.corp.example/as/demo/store',
    });
  });
});

describe('without an issuer to log in at', () => {
  test('there is no auth server, and none is loaded', async () => {
    await start({ TACHO_AUTH_UPSTREAM: '', TACHO_AUTH_CLIENT_ID: '', TACHO_AUTH_CLIENT_SECRET_FILE: '' });
    expect((await sidecar.call('GET', '/as/demo/store/token', { headers: origin })).status).toBe(404);
    expect((await keySets(sidecar)).issuers.map(({ issuer }) => issuer)).not.toContain(
      'tachograph://test/as/demo/store',
    );
    expect(scripted.made).toEqual([]);
  });
});

describe('operators', () => {
  test('see a controller ready whose provider is down', async () => {
    await start();
    await installation.leading();
    const isReady = until('readiness', async () => ((await fetch(`${adminUrl()}/readyz`)).ok ? true : undefined));
    await expect(isReady).resolves.toBe(true);
  });

  test('see how logins end', async () => {
    await start();
    for (const query of ['code=abc&iss=x', 'error=access_denied', 'error=%3Cscript%3E']) {
      scripted.redirectTo = `http://localhost:1/callback?${query}`;
      await sidecar.call('GET', '/as/demo/store/auth/visit', { headers: origin });
    }
    scripted.redirectTo = undefined;
    await sidecar.call('POST', '/as/demo/store/reg', { headers: origin });
    const text = await (await fetch(`${adminUrl()}/metrics`)).text();
    for (const outcome of ['completed', 'access_denied', 'other_error'])
      expect(text).toContain(`tachograph_auth_logins_total{outcome="${outcome}"} 1`);
    expect(text).toContain('tachograph_auth_answers_total{endpoint="registration",status="200"} 1');
    expect(text).toContain('tachograph_answers_total{endpoint="/as",status="200"} 1');
    expect(text).not.toContain('script');
  });
});
