/** Whole logins through real controllers, with a strict provider and a scripted browser. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { jwksPayload, statement } from '@tachograph/protocol';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { startStrictIdp, type StrictIdp } from '../packages/authserver/src/testing/strict-idp.ts';
import { startInstallation, type Installation } from '../packages/controller/src/testing/installation.ts';
import { fetchTrust, type SidecarClient } from '../packages/controller/src/testing/sidecar-client.ts';
import { createIngressLogin, startForwardedLogin, type TypedLogin } from './login/forwarded-login.ts';

const mount = '/as/demo/store';
const ingress = 'https://login.corp.example';

let dir: string;
let idp: StrictIdp;
let installation: Installation;
/** The pod's connections to replicas; each request takes the next. */
let replicas: SidecarClient[];
let login: TypedLogin;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tachograph-login-'));
  idp = await startStrictIdp({ redirectUris: ['http://localhost/as/callback', `${ingress}/as/callback`] });
  const secret = join(dir, 'secret');
  await writeFile(secret, idp.clientSecret);
  installation = await startInstallation({
    environment: {
      TACHO_AUTH_UPSTREAM: idp.issuer,
      TACHO_AUTH_CLIENT_ID: idp.clientId,
      TACHO_AUTH_CLIENT_SECRET_FILE: secret,
      TACHO_AUTH_URL: ingress,
      TACHO_TLS_NAMES: new URL(ingress).hostname,
    },
  });
  replicas = [await installation.enrol('store')];
  login = await startForwardedLogin(mount, next);
});
afterEach(async () => {
  login.close();
  await installation.close();
  await idp.close();
  await rm(dir, { recursive: true });
});

function next(): SidecarClient {
  const [replica] = replicas;
  if (replica === undefined) throw new Error('no replica');
  replicas = [...replicas.slice(1), replica];
  return replica;
}

/** What the sidecar accepts, from the controller's signed statement. */
async function acceptedKeys(): Promise<JSONWebKeySet> {
  const { payload } = statement.parse((await next().call('GET', '/v1/jwks')).json());
  const { issuers } = jwksPayload.parse(JSON.parse(payload));
  return { keys: issuers.find(({ issuer }) => issuer === `tachograph://test${mount}`)?.keys ?? [] };
}

test('a person logs in, and the token is one that the workload’s key set accepts', async () => {
  const attempt = await login.begin();
  const { access_token: token, ...rest } = await login.end(attempt, await login.goOn(attempt));
  expect(rest).toMatchObject({ token_type: 'Bearer', expires_in: 300, refresh_token: expect.any(String) });
  const { payload } = await jwtVerify(String(token), createLocalJWKSet(await acceptedKeys()), {
    issuer: `tachograph://test${mount}`,
    audience: 'tachograph://test/demo/store',
    typ: 'at+jwt',
    algorithms: ['ES256'],
  });
  expect(payload).toMatchObject({
    sub: 'alice',
    groups: ['platform', 'dev'],
    email: 'alice@corp.example',
    client_id: attempt.clientId,
    upstream_iss: idp.issuer,
    resource: `${login.origin}/mcp`,
    scope: 'mcp',
  });
});

test('behind an ingress a person logs in under its own name', async () => {
  await next().call('GET', '/v1/bundle?workload=store');
  const [controller] = installation.controllers;
  const { tlsRoots } = await fetchTrust(controller?.url ?? '', controller?.fingerprint ?? '');
  const dial = new URL(controller?.url ?? '');
  const behind = createIngressLogin(mount, { origin: ingress, dial, ca: tlsRoots.join('\n') });
  const attempt = await behind.begin();
  expect(await behind.end(attempt, await behind.goOn(attempt))).toHaveProperty('access_token');
});

test('two replicas answer by turns', async () => {
  replicas = [...replicas, await installation.enrol('store', await installation.startController())];
  const attempt = await login.begin();
  expect(await login.end(attempt, await login.goOn(attempt))).toHaveProperty('access_token');
});

test('a login that one controller began ends at its successor', async () => {
  const attempt = await login.begin();
  const page = await login.goOn(attempt);
  await installation.controllers[0]?.close();
  replicas = [await installation.enrol('store', await installation.startController())];
  expect(await login.end(attempt, page)).toHaveProperty('access_token');
});

test('what lasts is sealed: no file names the person, the client, a token or a secret', async () => {
  const attempt = await login.begin();
  const tokens = await login.end(attempt, await login.goOn(attempt));
  const logins = join(installation.state, 'logins');
  const texts = await Promise.all((await readdir(logins)).map(async (name) => readFile(join(logins, name), 'utf8')));
  expect(texts.length).toBeGreaterThan(0);
  for (const secret of ['alice', attempt.clientId, String(tokens['refresh_token']), idp.clientSecret])
    expect(texts.join('\n')).not.toContain(secret);
});
