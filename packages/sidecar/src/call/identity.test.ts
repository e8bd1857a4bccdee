import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UnsecuredJWT } from 'jose';
import type { Logger } from '@tachograph/service';
import { ask } from '../testing/ask.ts';
import { exchangeRaw, post, toolCall } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import { createTestIssuer, testAudience, type TestIssuer } from '../testing/issuer.ts';
import { answerJson, startUpstream, type Upstream } from '../testing/upstream.ts';

let upstream: Upstream;
let harness: Harness;
let issuer: TestIssuer;
let logged: string[];

const note = (message: string, fields?: unknown): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
const testLog: Logger = { debug: note, info: note, warn: note, error: note, child: () => testLog };

/** How a caller is refused, by RFC 6750. */
interface Refused {
  readonly status: number;
  readonly reason: string;
  readonly challenge: RegExp;
}

const badRequest = (reason: string): Refused => ({ status: 400, reason, challenge: /error="invalid_request"/ });
const badToken = (reason: string): Refused => ({ status: 401, reason, challenge: /error="invalid_token"/ });
const noToken = (reason: string): Refused => ({ status: 401, reason, challenge: /^Bearer (?!.*error=)/ });

/** How a request presents its token. */
interface Asked {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

beforeEach(async () => {
  issuer = await createTestIssuer();
  upstream = await startUpstream(answerJson({ ok: true }));
  logged = [];
  harness = await startHarness({ upstream: upstream.url, issuers: issuer.payload, log: testLog });
});

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

describe('a caller', () => {
  test('with a valid token is named in the record, and the token goes no further', async () => {
    const token = await issuer.sign({ groups: ['dev', 'ops'], client_id: 'cli', jti: 'secret-jti' });
    const answer = await post(`${harness.url}/mcp`, toolCall(), bearer(token));
    expect(answer.status).toBe(200);
    expect(upstream.received[0]?.headers.authorization).toBeUndefined();
    const request = harness.recorder.drafts.find(({ kind }) => kind === 'mcp.request');
    expect(request?.principal).toMatchObject({ sub: 'alice', type: 'human', client_id: 'cli', groups: ['dev', 'ops'] });
    const recorded = JSON.stringify(harness.recorder.drafts);
    expect(recorded).not.toContain(token);
    expect(recorded).not.toContain('secret-jti');
  });

  test('without a token gets 401 that says where to log in, and is counted by source and reason', async () => {
    const answer = await post(`${harness.url}/mcp`, toolCall());
    expect(answer.status).toBe(401);
    const metadata = `${harness.url}/.well-known/oauth-protected-resource/mcp`;
    expect(answer.headers.get('www-authenticate')).toBe(`Bearer resource_metadata="${metadata}"`);
    expect(harness.recorder.counted).toEqual([{ source: '127.0.0.1', reason: 'token_missing', origin: 'network' }]);
    expect(harness.recorder.drafts).toEqual([]);
    expect(upstream.received).toEqual([]);
  });

  test.each<[string, () => Promise<string>, string]>([
    ['another audience', async () => issuer.sign({ aud: 'tachograph://local/default/other' }), 'token_audience'],
    ['no audience', async () => issuer.sign({ aud: [] }), 'token_audience'],
    ['another issuer', async () => (await createTestIssuer('https://evil.example')).sign(), 'token_issuer'],
    ['a key that the issuer does not have', async () => (await createTestIssuer()).sign(), 'token_signature'],
    ['an expired one', async () => issuer.sign({}, Math.floor(Date.now() / 1000) - 31), 'token_expired'],
    [
      'one that is not valid yet',
      async () => issuer.sign({ nbf: Math.floor(Date.now() / 1000) + 100 }),
      'token_claims',
    ],
    ['no subject', async () => issuer.sign({ sub: '' }), 'token_claims'],
    ['no JWT', async () => 'abc', 'token_malformed'],
    [
      'no signature',
      async () =>
        new UnsecuredJWT({ iss: issuer.payload.issuers[0]?.issuer ?? '', sub: 'a', aud: testAudience }).encode(),
      'token_algorithm',
    ],
  ])('is refused with a token that has %s', async (_name, sign, reason) => {
    const answer = await post(`${harness.url}/mcp`, toolCall(), bearer(await sign()));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(harness.recorder.counted).toEqual([expect.objectContaining({ reason })]);
    expect(upstream.received).toEqual([]);
  });

  test.each<[string, (token: string) => Asked, Refused]>([
    [
      'two Authorization headers',
      (token) => ({ headers: { authorization: [`Bearer ${token}`, 'Bearer other'] } }),
      badRequest('token_repeated'),
    ],
    [
      'the same header twice',
      (token) => ({ headers: { authorization: [`Bearer ${token}`, `Bearer ${token}`] } }),
      badRequest('token_repeated'),
    ],
    [
      'the token in the query too',
      (token) => ({ query: `access_token=${token}`, headers: { authorization: `Bearer ${token}` } }),
      badRequest('token_in_query'),
    ],
    ['the token in the query only', (token) => ({ query: `a=b&access_token=${token}` }), badRequest('token_in_query')],
    [
      'its name written with escapes',
      (token) => ({ query: `%61ccess%5ftoken=${token}` }),
      badRequest('token_in_query'),
    ],
    ['an empty one in the query', () => ({ query: 'access_token' }), badRequest('token_in_query')],
    ['Basic', (token) => ({ headers: { authorization: `Basic ${token}` } }), noToken('token_scheme')],
    ['DPoP', (token) => ({ headers: { authorization: `DPoP ${token}` } }), noToken('token_scheme')],
    ['no scheme', (token) => ({ headers: { authorization: token } }), noToken('token_scheme')],
    ['no token', () => ({ headers: { authorization: 'Bearer ' } }), noToken('token_missing')],
    [
      'two tokens in one header',
      (token) => ({ headers: { authorization: `Bearer ${token} ${token}` } }),
      badToken('token_malformed'),
    ],
    [
      'a list of schemes',
      (token) => ({ headers: { authorization: `Bearer ${token}, Basic eA==` } }),
      badToken('token_malformed'),
    ],
    ['a quoted token', (token) => ({ headers: { authorization: `Bearer "${token}"` } }), badToken('token_malformed')],
    [
      'a token of many kilobytes',
      (token) => ({ headers: { authorization: `Bearer ${token}${'A'.repeat(20_000)}` } }),
      badToken('token_too_long'),
    ],
    [
      'spaces without an end',
      () => ({ headers: { authorization: `Bearer${' '.repeat(30_000)}x y` } }),
      badToken('token_malformed'),
    ],
  ])(
    'is refused with %s, and the token is in no record, count or log',
    async (_name, asked, { status, reason, challenge }) => {
      const token = await issuer.sign();
      const { query, headers = {} } = asked(token);
      const told = await ask(harness.url, query === undefined ? '/mcp' : `/mcp?${query}`, {
        method: 'POST',
        body: toolCall(),
        headers: { 'content-type': 'application/json', ...headers },
      });
      expect([told.status, harness.recorder.counted]).toEqual([status, [expect.objectContaining({ reason })]]);
      expect(told.headers['www-authenticate']).toMatch(challenge);
      expect(told.headers['www-authenticate']).toMatch(/^Bearer resource_metadata="http:/);
      expect(upstream.received).toEqual([]);
      const kept = JSON.stringify([harness.recorder.drafts, harness.recorder.counted, logged, told]);
      expect(kept).not.toContain(token);
      expect(kept).not.toContain('AAAA');
    },
  );

  test('needs no particular way of writing Bearer', async () => {
    const token = await issuer.sign();
    for (const authorization of [`bearer ${token}`, `BEARER   ${token} `])
      expect(
        (await ask(harness.url, '/mcp', { method: 'POST', body: toolCall(), headers: { authorization } })).status,
      ).toBe(200);
  });

  test('that names two hosts is refused', async () => {
    const lines = [
      'POST /mcp HTTP/1.1',
      'Host: localhost',
      'Host: localhost',
      'Content-Length: 2',
      'Connection: close',
    ];
    const told = await exchangeRaw(harness.url, `${lines.join('\r\n')}\r\n\r\n{}`);
    expect(told).toMatch(/^HTTP\/1.1 400 /);
    expect(told).toContain('exactly one Host header');
    expect(harness.recorder.counted).toEqual([expect.objectContaining({ reason: 'host_count' })]);
    expect(upstream.received).toEqual([]);
  });

  test('may be up to 30 s late with a token', async () => {
    const token = await issuer.sign({}, Math.floor(Date.now() / 1000) - 20);
    expect((await post(`${harness.url}/mcp`, toolCall(), bearer(token))).status).toBe(200);
  });

  test("is refused with another caller's session", async () => {
    const [alice, bob] = await Promise.all([issuer.sign(), issuer.sign({ sub: 'bob' })]);
    const session = { 'mcp-session-id': 's-1' };
    expect((await post(`${harness.url}/mcp`, toolCall(), { ...bearer(alice), ...session })).status).toBe(200);
    expect((await post(`${harness.url}/mcp`, toolCall(), { ...bearer(bob), ...session })).status).toBe(404);
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ outcome: 'refused', detail: { reason: 'session_owner' } });
    expect(upstream.received).toHaveLength(1);
  });
});

describe('a ServiceAccount', () => {
  const account = { sub: 'system:serviceaccount:team-a:agent' };
  const start = async (kind: 'active' | 'inactive' | 'unavailable'): Promise<Response> => {
    await harness.close();
    issuer = await createTestIssuer('https://cluster', { subjectType: 'workload', review: true });
    const review = async () => (kind === 'unavailable' ? { kind } : { kind, ttlMs: 60_000 });
    harness = await startHarness({ upstream: upstream.url, issuers: issuer.payload, review });
    return post(`${harness.url}/mcp`, toolCall(), bearer(await issuer.sign(account)));
  };

  test('that the API server knows is recorded with the time of its review', async () => {
    expect((await start('active')).status).toBe(200);
    const request = harness.recorder.drafts.find(({ kind }) => kind === 'mcp.request');
    expect(request?.principal).toMatchObject({
      ...account,
      type: 'workload',
      reviewed: expect.stringMatching(/^20.*Z$/),
    });
  });

  test('that the API server no longer knows is told to get another token', async () => {
    const answer = await start('inactive');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('the token has been revoked');
    expect(harness.recorder.counted).toEqual([expect.objectContaining({ reason: 'token_revoked' })]);
    expect(upstream.received).toEqual([]);
  });

  test('that nobody can be asked about is told to come back', async () => {
    const answer = await start('unavailable');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('www-authenticate')).toBeNull();
    expect(harness.recorder.counted).toEqual([expect.objectContaining({ reason: 'token_review' })]);
    expect(upstream.received).toEqual([]);
  });
});

describe('resource metadata', () => {
  test.each(['/mcp', ''])('names the URL that the client typed (%s)', async (path) => {
    const answer = await fetch(`${harness.url}/.well-known/oauth-protected-resource${path}`);
    expect(await answer.json()).toEqual({
      resource: `${harness.url}${path}`,
      authorization_servers: ['https://login.example/as/default/local'],
      bearer_methods_supported: ['header'],
    });
    expect(upstream.received).toEqual([]);
  });

  test('is never made for a host that is not ours', async () => {
    const raw = 'GET /.well-known/oauth-protected-resource HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n';
    expect(await exchangeRaw(harness.url, raw)).toMatch(/^HTTP\/1.1 403 /);
  });

  test("other discovery documents are not the application's to answer", async () => {
    expect((await fetch(`${harness.url}/.well-known/oauth-authorization-server`)).status).toBe(404);
    expect(upstream.received).toEqual([]);
  });
});

const preflight = async (origin: string): Promise<number> =>
  (await fetch(`${harness.url}/mcp`, { method: 'OPTIONS', headers: { origin } })).status;

describe('without a token', () => {
  test('a preflight of an allowed origin passes, and of another does not', async () => {
    expect(await preflight('http://localhost:6274')).toBe(200);
    expect(await preflight('https://evil.example')).toBe(403);
    expect(upstream.received).toHaveLength(1);
  });

  test('nothing is forwarded once the accepted issuers have expired', async () => {
    await harness.close();
    const issuers = { ...issuer.payload, notAfter: '2026-01-02T00:00:00Z' };
    harness = await startHarness({ upstream: upstream.url, issuers });
    const answer = await post(`${harness.url}/mcp`, toolCall(), bearer(await issuer.sign()));
    expect(answer.status).toBe(503);
    expect(harness.sidecar.reasons()).toEqual({ identity: 'the accepted issuers have expired' });
  });
});
