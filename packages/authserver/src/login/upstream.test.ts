import { afterEach, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger, systemClock, type Clock, type Logger } from '@tachograph/service';
import {
  OAuth2Server,
  type MutableResponse,
  type MutableToken,
  type TokenRequestIncomingMessage,
} from 'oauth2-mock-server';
import type { UpstreamSettings } from '../settings.ts';
import { createTestCertificates } from '../testing/test-certificates.ts';
import { createBrowser } from '../testing/browser.ts';
import { startStrictIdp } from '../testing/strict-idp.ts';
import { createUpstream, type UpstreamOutcome } from './upstream.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

const redirectUri = 'http://localhost:4711/as/callback';

function settingsOf(issuer: string, more: Partial<UpstreamSettings> = {}): UpstreamSettings {
  return {
    issuer,
    clientId: 'tachograph',
    clientSecret: 'idp-test-secret',
    scopes: ['openid'],
    subjectClaim: 'sub',
    groupsClaim: 'groups',
    groups: [],
    overage: 'refuse',
    ...more,
  };
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const parts = { clock: systemClock, log: silentLogger };

async function startMock(): Promise<OAuth2Server> {
  const mock = new OAuth2Server();
  await mock.issuer.keys.add({ ...privateKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'RS256' });
  await mock.start(0, '127.0.0.1');
  // The server names itself `localhost`, which may mean another family.
  mock.issuer.url = `http://127.0.0.1:${mock.address().port}`;
  closers.push(() => mock.stop());
  return mock;
}

async function startSilent(): Promise<{ issuer: string; server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** Logs in against the mock server as a browser would, with a change of what it answers. */
async function logIn(mock: OAuth2Server, change: (url: URL) => void = () => undefined): Promise<UpstreamOutcome> {
  const upstream = createUpstream({ ...parts, settings: settingsOf(mock.issuer.url ?? '') });
  const begun = await upstream.begin('u1.secret', redirectUri);
  if (begun === undefined) throw new Error('expected the provider to be found');
  const answer = await fetch(begun.url, { redirect: 'manual' });
  const back = new URL(answer.headers.get('location') ?? '');
  change(back);
  return upstream.complete(begun.attempt, back.search.slice(1));
}

/** The ID token alone has an audience. */
function onIdToken(mock: OAuth2Server, change: (token: MutableToken) => void): void {
  mock.service.on('beforeTokenSigning', (token: MutableToken) => {
    if (token.payload['aud'] !== undefined) change(token);
  });
}

const nowSeconds = (): number => Math.floor(systemClock.nowMs() / 1000);

describe('a provider of other hands', () => {
  test('is believed when everything is right', async () => {
    const mock = await startMock();
    onIdToken(mock, ({ payload }) => Object.assign(payload, { groups: ['data'], email: 'joe@corp.example' }));
    const outcome = await logIn(mock);
    expect(outcome).toMatchObject({
      kind: 'claims',
      issuer: mock.issuer.url,
      claims: { sub: 'johndoe', groups: ['data'], email: 'joe@corp.example' },
    });
  });

  test.each<[string, (token: MutableToken) => void]>([
    ['another nonce', ({ payload }) => Object.assign(payload, { nonce: 'other' })],
    ['no nonce', ({ payload }) => delete payload['nonce']],
    ['another audience', ({ payload }) => Object.assign(payload, { aud: 'another-client' })],
    [
      'several audiences and none authorized',
      ({ payload }) => Object.assign(payload, { aud: ['tachograph', 'other'] }),
    ],
    ['another issuer', ({ payload }) => Object.assign(payload, { iss: 'https://evil.example' })],
    ['a time that is over', ({ payload }) => Object.assign(payload, { exp: nowSeconds() - 60 })],
    ['a time that has not begun', ({ payload }) => Object.assign(payload, { nbf: nowSeconds() + 120 })],
    ['no subject', ({ payload }) => delete payload['sub']],
  ])('is not believed with %s in the ID token', async (_what, change) => {
    const mock = await startMock();
    onIdToken(mock, change);
    expect(await logIn(mock)).toEqual({ kind: 'invalid' });
  });

  test.each<[string, (idToken: string) => string]>([
    ['an unsigned ID token', (token) => `${encode({ alg: 'none' })}.${token.split('.')[1] ?? ''}.`],
    ['a changed ID token', (token) => token.replace(/\.[^.]*\./, `.${encode({ ...payloadOf(token), sub: 'root' })}.`)],
    ['an ID token of another key', (token) => `${token.split('.').slice(0, 2).join('.')}.${'A'.repeat(342)}`],
    ['no JWT at all', () => 'x'],
  ])('is not believed with %s', async (_what, change) => {
    const mock = await startMock();
    mock.service.on('beforeResponse', (response: MutableResponse) => {
      if (response.body !== '') response.body['id_token'] = change(String(response.body['id_token']));
    });
    expect(await logIn(mock)).toEqual({ kind: 'invalid' });
  });

  test('is not believed without an ID token', async () => {
    const mock = await startMock();
    mock.service.on('beforeResponse', (response: MutableResponse) => {
      if (response.body !== '') delete response.body['id_token'];
    });
    expect(await logIn(mock)).toEqual({ kind: 'invalid' });
  });

  test('is not believed when the answer names another issuer', async () => {
    const mock = await startMock();
    const outcome = await logIn(mock, (url) => url.searchParams.set('iss', 'https://evil.example'));
    expect(outcome).toEqual({ kind: 'invalid' });
  });

  test.each([
    [['client_secret_basic'], false],
    [undefined, false],
    [['client_secret_basic', 'client_secret_post'], true],
  ])('that takes secrets by %j gets it in the body: %s', async (methods, isInBody) => {
    const mock = await startMock();
    mock.service.on('beforeWellKnownOpenIdConfiguration', (response: MutableResponse) => {
      if (response.body !== '') response.body['token_endpoint_auth_methods_supported'] = methods;
    });
    const seen: unknown[] = [];
    mock.service.on('beforeResponse', (_response: MutableResponse, request: TokenRequestIncomingMessage) => {
      const { headers, body } = request;
      seen.push([headers.authorization?.slice(0, 6), (body as unknown as Record<string, unknown>)['client_secret']]);
    });
    await logIn(mock);
    expect(seen).toEqual([isInBody ? [undefined, 'idp-test-secret'] : ['Basic ', undefined]]);
  });

  test('counts as down when it breaks the connection', async () => {
    const mock = await startMock();
    mock.service.once('beforeResponse', (_response: MutableResponse, request: TokenRequestIncomingMessage) => {
      request.socket.resetAndDestroy();
    });
    expect(await logIn(mock)).toEqual({ kind: 'unavailable' });
  });

  test('is quoted when it refuses the code', async () => {
    const mock = await startMock();
    mock.service.on('beforeResponse', (response: MutableResponse) => {
      response.statusCode = 400;
      response.body = { error: 'invalid_grant', error_description: 'code is stale' };
    });
    expect(await logIn(mock)).toEqual({ kind: 'refused', code: 'invalid_grant', description: 'code is stale' });
  });

  test('counts as down when its token endpoint answers like a gateway', async () => {
    const mock = await startMock();
    mock.service.on('beforeResponse', (response: MutableResponse) => {
      response.statusCode = 502;
      response.body = {};
    });
    expect(await logIn(mock)).toEqual({ kind: 'unavailable' });
  });

  test.each([
    ['access_denied', { kind: 'cancelled' }],
    ['login_required', { kind: 'refused', code: 'login_required', description: 'so' }],
  ])('may answer %s', async (error, expected) => {
    const mock = await startMock();
    const outcome = await logIn(mock, ({ searchParams }) => {
      searchParams.delete('code');
      searchParams.set('error', error);
      searchParams.set('error_description', 'so');
    });
    expect(outcome).toEqual(expected);
  });

  test('tells groups at userinfo when the ID token has none', async () => {
    const mock = await startMock();
    mock.service.on('beforeUserinfo', (response: MutableResponse) => {
      response.body = { sub: 'johndoe', groups: ['from-userinfo'], iss: 'https://evil.example' };
    });
    const outcome = await logIn(mock);
    expect(outcome).toMatchObject({ claims: { groups: ['from-userinfo'], iss: mock.issuer.url } });
  });

  test('is not believed when userinfo speaks of somebody else', async () => {
    const mock = await startMock();
    mock.service.on('beforeUserinfo', (response: MutableResponse) => {
      response.body = { sub: 'somebody', groups: ['admins'] };
    });
    expect(await logIn(mock)).toEqual({ kind: 'invalid' });
  });

  test('counts as down when userinfo fails', async () => {
    const mock = await startMock();
    mock.service.on('beforeUserinfo', (response: MutableResponse) => {
      response.statusCode = 503;
    });
    expect(await logIn(mock)).toEqual({ kind: 'unavailable' });
  });

  test('may refuse userinfo', async () => {
    const mock = await startMock();
    mock.service.on('beforeUserinfo', (response: MutableResponse) => {
      response.statusCode = 403;
    });
    expect(await logIn(mock)).toMatchObject({ kind: 'claims', claims: { sub: 'johndoe' } });
  });

  test('is given another one’s code in vain', async () => {
    const mock = await startMock();
    const upstream = createUpstream({ ...parts, settings: settingsOf(mock.issuer.url ?? '') });
    const one = await upstream.begin('u1.a', redirectUri);
    const two = await upstream.begin('u2.b', redirectUri);
    if (one === undefined || two === undefined) throw new Error('expected the provider to be found');
    const back = new URL((await fetch(one.url, { redirect: 'manual' })).headers.get('location') ?? '');
    back.searchParams.set('state', 'u2.b');
    expect(await upstream.complete(two.attempt, back.search.slice(1))).toEqual({ kind: 'invalid' });
  });
});

describe('time', () => {
  test('is the injected clock’s: an hour ahead everything is over', async () => {
    const mock = await startMock();
    const ahead: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + 2 * 3_600_000 };
    const upstream = createUpstream({ ...parts, clock: ahead, settings: settingsOf(mock.issuer.url ?? '') });
    const begun = await upstream.begin('u1.secret', redirectUri);
    const back = new URL((await fetch(begun?.url ?? '', { redirect: 'manual' })).headers.get('location') ?? '');
    if (begun === undefined) throw new Error('expected the provider to be found');
    expect(await upstream.complete(begun.attempt, back.search.slice(1))).toEqual({ kind: 'invalid' });
  });
});

describe('a provider that does not answer', () => {
  test('is given up after a while', async () => {
    const { issuer } = await startSilent();
    const upstream = createUpstream({ ...parts, settings: settingsOf(issuer), timeoutMs: 50 });
    expect(await upstream.begin('u1.secret', redirectUri)).toBeUndefined();
  });

  test('is given up in the middle of a login', async () => {
    const mock = await startMock();
    const { issuer } = await startSilent();
    mock.service.on('beforeWellKnownOpenIdConfiguration', (response: MutableResponse) => {
      if (response.body !== '') response.body['token_endpoint'] = `${issuer}/token`;
    });
    const upstream = createUpstream({ ...parts, settings: settingsOf(mock.issuer.url ?? ''), timeoutMs: 50 });
    const attempt = { state: 'u1.s', nonce: 'n', verifier: 'v'.repeat(43), redirectUri };
    expect(await upstream.complete(attempt, 'code=c&state=u1.s')).toEqual({ kind: 'unavailable' });
  });

  test('is refused when it never stops talking', async () => {
    const { issuer, server } = await startSilent();
    server.on('request', (_request, response) => {
      const chunk = Buffer.alloc(64 * 1024, ' ');
      const more = (): void => {
        if (!response.destroyed) response.write(chunk, () => setImmediate(more));
      };
      response.on('error', () => undefined).writeHead(200, { 'content-type': 'application/json' });
      more();
    });
    const upstream = createUpstream({ ...parts, settings: settingsOf(issuer) });
    expect(await upstream.begin('u1.secret', redirectUri)).toBeUndefined();
  });
});

describe('TLS', () => {
  test.each([
    ['is accepted with the provider’s own authority', true],
    ['is refused without it', false],
  ])('%s', async (_what, isTrusted) => {
    const { ca, ...tls } = createTestCertificates(['localhost', '127.0.0.1'], systemClock.nowMs());
    const idp = await startStrictIdp({ redirectUris: ['http://localhost/as/callback'], tls });
    closers.push(() => idp.close());
    const upstream = createUpstream({ ...parts, settings: settingsOf(idp.issuer, isTrusted ? { ca } : {}) });
    const begun = await upstream.begin('u1.secret', redirectUri);
    expect(begun === undefined).toBe(!isTrusted);
    if (begun === undefined) return;
    const browser = createBrowser({ ca, stopAt: ({ href }) => href.startsWith(redirectUri) });
    const login = await browser.open(begun.url);
    const back = await browser.press(login, 'Log in', { fields: { username: 'bob' } });
    const outcome = await upstream.complete(begun.attempt, back.url.search.slice(1));
    expect(outcome).toMatchObject({ kind: 'claims', claims: { sub: 'bob', groups: ['data'] } });
  });

  test('is asked for beyond the machine itself', async () => {
    const errors: unknown[] = [];
    const log: Logger = { ...silentLogger, error: (_message, fields) => errors.push(fields?.['err']) };
    const upstream = createUpstream({ ...parts, log, settings: settingsOf('http://idp.corp.example') });
    expect(await upstream.begin('u1.secret', redirectUri)).toBeUndefined();
    expect(errors).toEqual(['TypeError: expected an https issuer, or http on a loopback host']);
  });
});

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function payloadOf(token: string): object {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;
}
