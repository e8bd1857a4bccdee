import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Logger } from '@tachograph/service';
import { ask, type Told } from '../testing/ask.ts';
import { dial, eventually, exchangeRaw, post, readAll, toolCall } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import { createManualTimers } from '../testing/manual-timers.ts';
import type { Timers } from '../record/timers.ts';
import { createTestIssuer } from '../testing/issuer.ts';
import { answerJson, startUpstream, type Upstream } from '../testing/upstream.ts';
import type { LoginAnswer, LoginCall } from './login-port.ts';
import { loginSeats } from './login-seats.ts';

const mount = '/as/default/local';
const own = `tachograph://local${mount}`;
const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

let upstream: Upstream;
let harness: Harness;
let calls: LoginCall[];
let answer: (call: LoginCall) => LoginAnswer | Promise<LoginAnswer>;
let logged: string[];

const said = (status: number, body: unknown, headers: LoginHeaders = json): LoginAnswer => ({
  kind: 'answer',
  status,
  headers,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
type LoginHeaders = Extract<LoginAnswer, { kind: 'answer' }>['headers'];

const note = (message: string, fields?: unknown): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
const testLog: Logger = { debug: note, info: note, warn: note, error: note, child: () => testLog };

interface StartOptions {
  readonly publicUrl?: string;
  readonly environment?: Record<string, string>;
  readonly timers?: Timers;
}

async function start(options: StartOptions = {}): Promise<void> {
  const { payload } = await createTestIssuer(own);
  const issuers = payload.issuers.map((one) => ({
    ...one,
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
  }));
  harness = await startHarness({
    upstream: upstream.url,
    issuers: { ...payload, issuers },
    environment: options.environment ?? {},
    log: testLog,
    ...(options.timers === undefined ? {} : { timers: options.timers }),
    login: {
      call: async (call) => {
        calls.push(call);
        return answer(call);
      },
    },
  });
}

beforeEach(async () => {
  calls = [];
  logged = [];
  answer = () => said(200, { ok: true });
  upstream = await startUpstream(answerJson({ ok: true }));
  await start();
});

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

const upgrade = (host: string, path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
const port = (): string => new URL(harness.url).port;
const pages = (): string => `tachograph.localhost:${port()}`;
const page = async (path: string, headers: Record<string, string> = {}, method = 'GET', body?: string): Promise<Told> =>
  ask(harness.url, path, { host: pages(), headers, method, ...(body === undefined ? {} : { body }) });

describe('metadata of the resource', () => {
  test.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])('names the auth server on %s', async (name) => {
    const host = `${name}:${port()}`;
    const told = await ask(harness.url, '/.well-known/oauth-protected-resource/mcp', { host });
    expect(JSON.parse(told.body)).toEqual({
      resource: `http://${host}/mcp`,
      authorization_servers: [`http://${host.toLowerCase()}${mount}`],
      scopes_supported: ['mcp'],
      bearer_methods_supported: ['header'],
    });
  });

  test('has the origin as the resource in its root form', async () => {
    const told = await ask(harness.url, '/.well-known/oauth-protected-resource');
    expect(JSON.parse(told.body)).toMatchObject({ resource: `http://localhost:${port()}` });
  });

  test('names no login on a host from which no browser finds the pages', async () => {
    const told = await ask(harness.url, '/.well-known/oauth-protected-resource/mcp', {
      host: 'search.default.svc:8080',
    });
    expect(JSON.parse(told.body)).toEqual({
      resource: 'http://search.default.svc:8080/mcp',
      scopes_supported: ['mcp'],
      bearer_methods_supported: ['header'],
    });
    expect((await ask(harness.url, `${mount}/token`, { host: 'search.default.svc:8080', method: 'POST' })).status).toBe(
      404,
    );
    expect(calls).toEqual([]);
  });

  test('is that of a public name over TLS, whatever a proxy or a client says of it', async () => {
    await harness.close();
    await start({ environment: { TACHO_HOSTS: 'mcp.corp.example' }, publicUrl: `https://login.corp.example${mount}` });
    const headers = { 'x-forwarded-proto': 'http', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
    const host = 'mcp.corp.example';
    const told = await ask(harness.url, '/.well-known/oauth-protected-resource/mcp', { host, headers });
    expect(JSON.parse(told.body)).toMatchObject({ resource: 'https://mcp.corp.example/mcp' });
    const refused = await ask(harness.url, '/mcp', { host, method: 'POST', headers, body: toolCall() });
    expect(refused.headers['www-authenticate']).toContain(
      'resource_metadata="https://mcp.corp.example/.well-known/oauth-protected-resource/mcp"',
    );
  });

  test.each(['evil.example', 'localhost.evil.example', 'evil.example:8080'])(
    'and the auth server are not for %s, whose name leads here by DNS',
    async (host) => {
      for (const path of ['/.well-known/oauth-protected-resource/mcp', `${mount}/token`, '/as/callback'])
        expect((await ask(harness.url, path, { host })).status).toBe(403);
      expect(calls).toEqual([]);
    },
  );

  test('names the ingress where there is one, and then nothing is forwarded', async () => {
    await harness.close();
    await start({ publicUrl: `https://login.corp.example${mount}` });
    const told = await ask(harness.url, '/.well-known/oauth-protected-resource/mcp');
    expect(JSON.parse(told.body)).toMatchObject({ authorization_servers: [`https://login.corp.example${mount}`] });
    expect((await ask(harness.url, `${mount}/token`, { method: 'POST' })).status).toBe(404);
    expect((await page(`${mount}/auth`)).status).toBe(404);
    expect([calls, upstream.received]).toEqual([[], []]);
  });

  test('stands in the challenge, with the scope to ask for', async () => {
    const told = await ask(harness.url, '/mcp', { method: 'POST', headers: json, body: toolCall() });
    expect(told.status).toBe(401);
    expect(told.headers['www-authenticate']).toBe(
      `Bearer resource_metadata="http://localhost:${port()}/.well-known/oauth-protected-resource/mcp", scope="mcp"`,
    );
  });
});

describe('the protocol’s endpoints', () => {
  test('go to the controller with what it must know, and nothing that was forged', async () => {
    await ask(harness.url, `${mount}/token?x=1`, {
      method: 'POST',
      body: 'grant_type=authorization_code&code=c-1',
      headers: {
        ...form,
        accept: 'application/json',
        authorization: 'Basic Zm9yZ2Vk',
        cookie: 'a=b',
        'tacho-origin': 'http://evil.example',
        'tacho-page': '1',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.example',
        'x-real-ip': '1.2.3.4',
        'x-other': 'y',
      },
    });
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ method: 'POST', path: `${mount}/token?x=1` });
    expect(calls[0]?.headers).toEqual({
      'tacho-origin': `http://localhost:${port()}`,
      'accept-encoding': 'identity',
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(calls[0]?.body?.toString()).toBe('grant_type=authorization_code&code=c-1');
    expect(upstream.received).toEqual([]);
  });

  test('answer as the auth server does, without cookies or anything to render', async () => {
    answer = () =>
      said(400, { error: 'invalid_grant' }, { ...json, 'set-cookie': ['a=b'], 'x-powered-by': 'x', location: '/x' });
    const told = await ask(harness.url, `${mount}/token`, { method: 'POST', headers: form, body: 'code=used' });
    expect([told.status, told.body]).toEqual([400, '{"error":"invalid_grant"}']);
    expect(Object.keys(told.headers)).not.toEqual(expect.arrayContaining(['set-cookie']));
    expect(told.headers).not.toHaveProperty('x-powered-by');
    expect(told.headers).not.toHaveProperty('location');
    expect(told.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(harness.recorder.counted).toEqual([
      { source: '127.0.0.1', reason: 'login_token_invalid_grant', origin: 'network' },
    ]);
  });

  test.each<[string, LoginAnswer, number, string]>([
    ['a page', said(200, '<html>', { 'content-type': 'text/html' }), 502, 'login_unfit'],
    ['a redirect', said(303, '', { location: 'https://evil.example' }), 502, 'login_unfit'],
    ['a refusal of the pod', said(401, { code: 'unauthorized', message: 'no' }), 503, 'login_unavailable'],
    ['a path that it does not know', said(404, { code: 'not_found', message: 'no' }), 404, 'login_unknown'],
    ['too many', said(429, { code: 'busy', message: 'no' }), 429, 'login_busy'],
    ['a proxy’s error', said(502, { error: 'server_error' }), 503, 'login_unavailable'],
    ['no answer', { kind: 'unreachable', error: new Error('refused') }, 503, 'login_unavailable'],
  ])('do not pass on %s', async (_what, given, status, reason) => {
    answer = () => given;
    const told = await ask(harness.url, `${mount}/token`, { method: 'POST', headers: form, body: 'code=c' });
    expect(told.status).toBe(status);
    expect(JSON.parse(told.body)).toHaveProperty('error_description');
    expect(told.headers).not.toHaveProperty('location');
    expect(harness.recorder.counted.map((one) => one.reason)).toEqual([reason]);
  });

  test('without a controller say so, and calls with a token go on', async () => {
    const issuer = await createTestIssuer(own);
    const alone = await startHarness({ upstream: upstream.url, issuers: issuer.payload });
    try {
      const told = await ask(alone.url, `${mount}/token`, { method: 'POST', headers: form, body: 'code=c' });
      expect(told.status).toBe(503);
      expect(told.headers['retry-after']).toBe('5');
      const called = await post(`${alone.url}/mcp`, toolCall(), { authorization: `Bearer ${await issuer.sign()}` });
      expect(called.status).toBe(200);
    } finally {
      await alone.close();
    }
  });

  test.each([
    ['GET', `${mount}/token`, 'POST'],
    ['POST', `${mount}/jwks`, 'GET'],
    ['DELETE', `${mount}/reg`, 'POST'],
    ['POST', '/as/callback', 'GET'],
  ])('refuse %s %s with 405', async (method, path, allow) => {
    const told = await ask(harness.url, path, { method });
    expect([told.status, told.headers.allow]).toEqual([405, allow]);
    expect(calls).toEqual([]);
  });

  test('take no body over 64 KiB, and none that is compressed', async () => {
    const large = await ask(harness.url, `${mount}/reg`, { method: 'POST', headers: json, body: 'x'.repeat(65_537) });
    const packed = await ask(harness.url, `${mount}/reg`, {
      method: 'POST',
      headers: { ...json, 'content-encoding': 'gzip' },
      body: 'x',
    });
    expect([large.status, packed.status]).toEqual([413, 400]);
    expect(calls).toEqual([]);
    answer = () => said(201, { client_id: 'c' });
    const fits = await ask(harness.url, `${mount}/reg`, { method: 'POST', headers: json, body: 'x'.repeat(65_536) });
    expect(fits.status).toBe(201);
  });

  test('wait for a body no longer than for an answer, and the seat is free then', async () => {
    await harness.close();
    const timers = createManualTimers();
    await start({ timers });
    const socket = await dial(harness.url);
    const told = readAll(socket);
    socket.write(`POST ${mount}/token HTTP/1.1\r\nHost: localhost:${port()}\r\nContent-Length: 10\r\n\r\ncode`);
    await eventually(() => {
      timers.advance(15_000);
      return harness.recorder.counted.some(({ reason }) => reason === 'login_slow');
    }, 'refused');
    socket.end();
    expect(await told).toMatch(/^HTTP\/1.1 408 /);
    expect(calls).toEqual([]);
  });

  test('give the call up when the client leaves', async () => {
    answer = async ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'unreachable', error: new Error('given up') }));
      });
    const socket = connect(Number(port()), '127.0.0.1');
    socket.write(`GET ${mount}/jwks HTTP/1.1\r\nHost: localhost:${port()}\r\n\r\n`);
    await eventually(() => calls.length === 1, 'a call');
    socket.destroy();
    await eventually(() => calls[0]?.signal.aborted === true, 'given up');
    expect(upstream.received).toEqual([]);
  });

  test('serve so many at once and no more', async () => {
    const open = Promise.withResolvers<undefined>();
    answer = async () => {
      await open.promise;
      return said(200, { keys: [] });
    };
    const first = Array.from({ length: loginSeats }, async () => ask(harness.url, `${mount}/jwks`));
    await eventually(() => calls.length === loginSeats, 'all seats taken');
    const over = await ask(harness.url, `${mount}/jwks`);
    expect([over.status, over.headers['retry-after']]).toEqual([429, '5']);
    open.resolve(undefined);
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual(first.map(() => 200));
    expect((await ask(harness.url, `${mount}/jwks`)).status).toBe(200);
  });

  test('are asked for at the root by clients of 2025-03-26', async () => {
    await ask(harness.url, '/.well-known/oauth-authorization-server');
    expect(calls[0]?.path).toBe(`/.well-known/oauth-authorization-server${mount}`);
  });
});

describe('a client in a browser', () => {
  const origin = 'http://localhost:6274';

  test.each(['/.well-known/oauth-protected-resource/mcp', `${mount}/token`, `${mount}/reg`, `${mount}/jwks`])(
    'may ask for %s across origins',
    async (path) => {
      const headers = { origin, 'access-control-request-method': 'POST' };
      const told = await ask(harness.url, path, { method: 'OPTIONS', headers });
      expect(told.status).toBe(204);
      expect(told.headers['access-control-allow-origin']).toBe('*');
      expect(told.headers['access-control-allow-headers']).toContain('MCP-Protocol-Version');
      expect(told.headers).not.toHaveProperty('access-control-allow-credentials');
      expect([calls, upstream.received]).toEqual([[], []]);
    },
  );

  test('reads answers, errors and the challenge', async () => {
    const token = await ask(harness.url, `${mount}/token`, {
      method: 'POST',
      headers: { ...form, origin },
      body: 'a=b',
    });
    expect(token.headers['access-control-allow-origin']).toBe('*');
    const called = await ask(harness.url, '/mcp', { method: 'POST', headers: { ...json, origin }, body: toolCall() });
    expect(called.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'WWW-Authenticate, Mcp-Session-Id',
    });
  });

  test('of another site gets nothing', async () => {
    const headers = { origin: 'https://evil.example' };
    const token = await ask(harness.url, `${mount}/token`, { method: 'POST', headers, body: 'a=b' });
    const ours = await ask(harness.url, `${mount}/token`, {
      method: 'POST',
      headers: { origin: `http://${pages()}` },
      body: 'a=b',
    });
    expect([token.status, ours.status]).toEqual([403, 403]);
    expect(token.headers).not.toHaveProperty('access-control-allow-origin');
    expect(calls).toEqual([]);
  });
});

describe('pages', () => {
  test('go to the controller with their cookies, and come back with them', async () => {
    const cookies = ['_session=s; Path=/as; HttpOnly', 'wide=1; Domain=localhost; Path=/'];
    answer = () =>
      said(200, '<p>consent</p>', {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'self'",
        'set-cookie': cookies,
        'x-other': 'y',
      });
    const told = await page(`${mount}/interaction/u1?a=b`, { cookie: '_session=s', 'accept-language': 'de' });
    expect(calls[0]?.path).toBe(`${mount}/interaction/u1?a=b`);
    expect(calls[0]?.headers).toEqual({
      'tacho-origin': `http://${pages()}`,
      'tacho-page': '1',
      'accept-encoding': 'identity',
      'accept-language': 'de',
      cookie: '_session=s',
    });
    expect(told.body).toBe('<p>consent</p>');
    expect(told.headers['set-cookie']).toEqual(cookies.slice(0, 1));
    expect(told.headers).toMatchObject({
      'content-security-policy': "default-src 'self'",
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(told.headers).not.toHaveProperty('x-other');
    expect(told.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('say that the port leads elsewhere when a login of another workload begins at it', async () => {
    const told = await page('/as/team-a/elsewhere/auth?client_id=c');
    expect([told.status, told.headers['content-type']]).toEqual([404, 'text/plain; charset=utf-8']);
    expect(told.body).toContain('another MCP server');
    expect([calls, (await page('/as/team-a/elsewhere/interaction/u1')).body]).toEqual([[], 'there is nothing here\n']);
  });

  test('send the browser on to wherever the auth server says', async () => {
    answer = () => said(303, '', { location: 'https://idp.corp.example/authorize?x=y' });
    const told = await page(`${mount}/auth?client_id=c`);
    expect([told.status, told.headers.location]).toEqual([303, 'https://idp.corp.example/authorize?x=y']);
  });

  test.each([
    ['GET', '/'],
    ['GET', '/mcp'],
    ['POST', '/mcp'],
    ['OPTIONS', '/mcp'],
    ['GET', '/sse'],
    ['GET', '/health'],
    ['GET', '/assets/app.js'],
    ['GET', '/sw.js'],
    ['POST', `${mount}/token`],
    ['GET', '/.well-known/oauth-protected-resource/mcp'],
    ['GET', '/.well-known/oauth-authorization-server'],
    ['GET', '/.tachograph/nonce'],
  ])('share their host with nothing: %s %s is a 404', async (method, path) => {
    await harness.close();
    await start({ environment: { TACHO_PASSTHROUGH: 'GET /*,POST /*,OPTIONS /*', TACHO_HOSTS: '*.localhost' } });
    const told = await page(
      path,
      { ...json, accept: 'text/event-stream' },
      method,
      method === 'POST' ? '{}' : undefined,
    );
    expect([told.status, told.headers['content-type']]).toEqual([404, 'text/plain; charset=utf-8']);
    expect([calls, upstream.received]).toEqual([[], []]);
  });

  test.each(['x.tachograph.localhost', 'tachograph.localhost.', 'x.tachograph.localhost.'])(
    'have no other name: %s is refused whatever is configured',
    async (name) => {
      await harness.close();
      await start({ environment: { TACHO_PASSTHROUGH: 'GET /*', TACHO_HOSTS: `*.localhost,${name}` } });
      expect((await ask(harness.url, '/x', { host: `${name}:${port()}` })).status).toBe(403);
      expect([calls, upstream.received]).toEqual([[], []]);
    },
  );

  test.each([`${mount}/auth`, `${mount}/auth/u1`, `${mount}/interaction/u1`])(
    'are not on the application’s origin (%s)',
    async (path) => {
      expect((await ask(harness.url, path)).status).toBe(404);
      expect([calls, upstream.received]).toEqual([[], []]);
    },
  );

  test('hold no WebSocket, and install no service worker', async () => {
    await harness.close();
    await start({ environment: { TACHO_PASSTHROUGH: 'GET /*' } });
    expect(await exchangeRaw(harness.url, upgrade(pages(), '/x'))).toMatch(/^HTTP\/1.1 403 /);
    expect(await exchangeRaw(harness.url, upgrade(`localhost:${port()}`, '/as/x'))).toMatch(/^HTTP\/1.1 403 /);
    expect((await page(`${mount}/auth`, { 'service-worker': 'script' })).status).toBe(403);
    expect((await page('/sw.js', { 'service-worker': 'script' })).status).toBe(403);
    expect([calls, upstream.received]).toEqual([[], []]);
  });

  test('are not opened, framed or sent to by the application’s page', async () => {
    const headers = { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };
    expect((await page(`${mount}/interaction/u1`, headers)).status).toBe(403);
    const origin = `http://localhost:${port()}`;
    expect((await page(`${mount}/interaction/u1`, { ...form, origin }, 'POST', 'ok=1')).status).toBe(403);
    expect(calls).toEqual([]);
  });

  test('say in plain text that the controller is away', async () => {
    answer = () => ({ kind: 'unreachable', error: new Error('connect refused') });
    const told = await page(`${mount}/auth`);
    expect([told.status, told.headers['content-type']]).toEqual([503, 'text/plain; charset=utf-8']);
    expect(told.body).toContain('the login service cannot be reached now');
  });
});

describe('the callback on the origin that the company’s provider knows', () => {
  test('sends browsers to the host of the pages, and renders nothing', async () => {
    const location = `http://${pages()}/as/callback?code=c&state=s`;
    answer = () => said(303, 'Redirecting', { location, 'content-type': 'text/html', 'set-cookie': ['a=b'] });
    const told = await ask(harness.url, '/as/callback?code=c&state=s');
    expect([told.status, told.headers.location, told.body]).toEqual([303, location, '']);
    expect(told.headers).not.toHaveProperty('set-cookie');
    expect(calls[0]?.path).toBe('/as/callback?code=c&state=s');
  });

  test.each([
    'https://evil.example/as/callback',
    'http://tachograph.localhost/as/callback',
    'http://tachograph.localhost:1/as/callback',
    '/as/callback',
  ])('sends them nowhere else (%s)', async (location) => {
    answer = () => said(303, '', { location });
    const told = await ask(harness.url, '/as/callback?code=c');
    expect(told.status).toBe(502);
    expect(told.headers).not.toHaveProperty('location');
  });
});

test('no code, token, verifier or query is in records, counts or the log', async () => {
  const planted = ['c0de-1', 'verifier-1', 'refresh-1', 'access-1', 'state-1', 'cookie-1', 'secret-1', 'client-1'];
  const answers: readonly LoginAnswer[] = [
    said(200, { access_token: 'access-1', refresh_token: 'refresh-1' }),
    said(400, { error: 'invalid_grant', error_description: 'c0de-1' }),
    said(400, { error: 'c0de-1' }),
    said(500, { code: 'c0de-1' }),
    said(200, '<p>access-1</p>', { 'content-type': 'text/html' }),
    { kind: 'unreachable', error: new Error('connect ECONNREFUSED') },
  ];
  for (const one of answers) {
    answer = () => one;
    await ask(harness.url, `${mount}/token?state=state-1`, {
      method: 'POST',
      headers: { ...form, authorization: 'Basic secret-1' },
      body: 'code=c0de-1&code_verifier=verifier-1&refresh_token=refresh-1&client_id=client-1',
    });
    await page(`${mount}/auth?state=state-1&client_id=client-1`, { cookie: 'a=cookie-1' });
    await ask(harness.url, '/as/callback?code=c0de-1&state=state-1');
  }
  await ask(harness.url, `${mount}/nothing?code=c0de-1`);
  await page('/nothing?code=c0de-1');
  const kept = JSON.stringify([harness.recorder.drafts, harness.recorder.counted, logged]);
  expect(harness.recorder.counted.length).toBeGreaterThanOrEqual(20);
  expect(logged.length).toBeGreaterThan(0);
  expect(planted.filter((text) => kept.includes(text))).toEqual([]);
});
