/** A whole login through real controllers: strict provider, scripted browser, and a stand-in for the sidecar's forwarding. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { jwksPayload, statement } from '@tachograph/protocol';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { createBrowser, type Browser, type Page } from '../packages/authserver/src/testing/browser.ts';
import { startStrictIdp, type StrictIdp } from '../packages/authserver/src/testing/strict-idp.ts';
import { startInstallation, type Installation } from '../packages/controller/src/testing/installation.ts';
import type { SidecarClient } from '../packages/controller/src/testing/sidecar-client.ts';

const mount = '/as/demo/store';
const redirectUri = 'http://localhost:33418/callback';

let dir: string;
let idp: StrictIdp;
let installation: Installation;
/** The pod's connections to replicas; each request takes the next. */
let replicas: SidecarClient[];
let forwarder: Server;
let port: number;
let browser: Browser;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tachograph-login-'));
  idp = await startStrictIdp({ redirectUris: ['http://localhost/as/callback'] });
  const secret = join(dir, 'secret');
  await writeFile(secret, idp.clientSecret);
  installation = await startInstallation({
    environment: {
      TACHO_AUTH_UPSTREAM: idp.issuer,
      TACHO_AUTH_CLIENT_ID: idp.clientId,
      TACHO_AUTH_CLIENT_SECRET_FILE: secret,
    },
  });
  replicas = [await installation.enrol('store')];
  forwarder = createServer((request, response) => void forward(request, response));
  await new Promise<void>((resolve) => forwarder.listen(0, '127.0.0.1', resolve));
  ({ port } = forwarder.address() as AddressInfo);
  browser = createBrowser({ stopAt: ({ href }) => href.startsWith(redirectUri) });
});
afterEach(async () => {
  forwarder.closeAllConnections();
  forwarder.close();
  await installation.close();
  await idp.close();
  await rm(dir, { recursive: true });
});

async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [replica] = replicas;
  if (replica === undefined) throw new Error('no replica');
  replicas = [...replicas.slice(1), replica];
  const { host = '' } = request.headers;
  const isPage = host.startsWith('tachograph.');
  const answer = await replica.call(request.method ?? '', request.url ?? '', {
    body: await buffer(request),
    headers: {
      'tacho-origin': `http://${host}`,
      ...(isPage ? { 'tacho-page': '1', ...pick(request, ['cookie']) } : {}),
      ...pick(request, ['content-type', 'origin', 'sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest', 'accept']),
    },
  });
  const { 'transfer-encoding': _hop, connection: _too, ...headers } = answer.headers;
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  response.writeHead(answer.status).end(answer.text);
}

function pick({ headers }: IncomingMessage, names: readonly string[]): Readonly<Record<string, string>> {
  const found = names.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return Object.fromEntries(found);
}

const origin = (): string => `http://localhost:${port}`;

async function post(path: string, body: string, type: string): Promise<Readonly<Record<string, unknown>>> {
  const url = new URL(`http://127.0.0.1:${port}${mount}${path}`);
  const headers = { host: `localhost:${port}`, 'content-type': type };
  const { text } = await browser.send({ url, method: 'POST', headers, body });
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

interface Attempt {
  readonly clientId: string;
  readonly verifier: string;
  readonly consent: Page;
}

async function begin(): Promise<Attempt> {
  const registration = JSON.stringify({ client_name: 'a client', redirect_uris: [redirectUri] });
  const { client_id: clientId } = await post('/reg', registration, 'application/json');
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: String(clientId),
    redirect_uri: redirectUri,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 's1',
    scope: 'mcp',
    resource: `${origin()}/mcp`,
  });
  const consent = await browser.open(`http://tachograph.localhost:${port}${mount}/auth?${query.toString()}`);
  return { clientId: String(clientId), verifier, consent };
}

async function goOn({ consent }: Attempt): Promise<Page> {
  return browser.press(consent, 'continue');
}

async function end({ clientId, verifier }: Attempt, login: Page) {
  const { url } = await browser.press(login, 'Log in', { fields: { username: 'alice' } });
  return post(
    '/token',
    new URLSearchParams({
      grant_type: 'authorization_code',
      code: url.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
      client_id: clientId,
      code_verifier: verifier,
    }).toString(),
    'application/x-www-form-urlencoded',
  );
}

/** What the sidecar accepts, from the controller's signed statement. */
async function acceptedKeys(): Promise<JSONWebKeySet> {
  const [replica] = replicas;
  const answer = await replica?.call('GET', '/v1/jwks');
  const { payload } = statement.parse(answer?.json());
  const { issuers } = jwksPayload.parse(JSON.parse(payload));
  const own = issuers.find(({ issuer }) => issuer === `tachograph://test${mount}`);
  return { keys: own?.keys ?? [] };
}

test('a person logs in, and the token is one that the workload’s key set accepts', async () => {
  const attempt = await begin();
  const { access_token: token, ...rest } = await end(attempt, await goOn(attempt));
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
    resource: `${origin()}/mcp`,
    scope: 'mcp',
  });
});

test('two replicas answer by turns', async () => {
  replicas = [...replicas, await installation.enrol('store', await installation.startController())];
  const attempt = await begin();
  expect(await end(attempt, await goOn(attempt))).toHaveProperty('access_token');
});

test('a login that one controller began ends at its successor', async () => {
  const attempt = await begin();
  const login = await goOn(attempt);
  await installation.controllers[0]?.close();
  replicas = [await installation.enrol('store', await installation.startController())];
  expect(await end(attempt, login)).toHaveProperty('access_token');
});

test('what lasts is sealed: no file names the person, the client, a token or a secret', async () => {
  const attempt = await begin();
  const tokens = await end(attempt, await goOn(attempt));
  const logins = join(installation.state, 'logins');
  const texts = await Promise.all((await readdir(logins)).map(async (name) => readFile(join(logins, name), 'utf8')));
  expect(texts.length).toBeGreaterThan(0);
  for (const secret of ['alice', attempt.clientId, String(tokens['refresh_token']), idp.clientSecret])
    expect(texts.join('\n')).not.toContain(secret);
});
