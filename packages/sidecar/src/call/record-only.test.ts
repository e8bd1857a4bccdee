import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Logger } from '@tachograph/service';
import { ask } from '../testing/ask.ts';
import { post, toolCall } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import { createTestIssuer } from '../testing/issuer.ts';
import { withoutOAuthSecrets } from './own-oauth.ts';
import { startUpstream, type Received, type Upstream } from '../testing/upstream.ts';

const token = 'gho_16C7e42F292c6912E7710c838347Ae178B4a';
const metadata = { resource: 'https://mcp.example/mcp', authorization_servers: ['https://auth.example'] };

let upstream: Upstream;
let harness: Harness;
let isRecordOnly: boolean;
let logged: string[];

const note = (message: string, fields?: unknown): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
const testLog: Logger = { debug: note, info: note, warn: note, error: note, child: () => testLog };

/** An application that does OAuth itself. */
function application({ url, body, headers }: Received, res: ServerResponse): void {
  const tell = (status: number, value: unknown, more: Record<string, string> = {}): void =>
    void res.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(value));
  if (url.startsWith('/.well-known/')) return tell(200, metadata);
  if (url === '/token') return tell(200, { access_token: token, refresh_token: 'ghr-refresh-1', token_type: 'bearer' });
  if (headers.authorization !== `Bearer ${token}`)
    return tell(401, { error: 'invalid_token' }, { 'www-authenticate': 'Bearer realm="app"' });
  const { id }: { id?: unknown } = JSON.parse(body === '' ? '{}' : body);
  return tell(200, { jsonrpc: '2.0', id, result: { ok: true } });
}

beforeEach(async () => {
  isRecordOnly = true;
  logged = [];
  upstream = await startUpstream(application);
  const { payload } = await createTestIssuer('tachograph://local/as/default/local');
  harness = await startHarness({
    upstream: upstream.url,
    issuers: payload,
    log: testLog,
    environment: { TACHO_PASSTHROUGH: 'POST /token,GET /authorize' },
    inForce: (policy) => (isRecordOnly ? { ...policy, identity: 'record-only' } : policy),
  });
});

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

describe('an application that does OAuth itself', () => {
  test.each([
    '/.well-known/oauth-protected-resource/mcp',
    '/.well-known/oauth-authorization-server',
    '/.well-known/openid-configuration',
  ])('answers %s', async (path) => {
    const told = await ask(harness.url, path);
    expect([told.status, JSON.parse(told.body)]).toEqual([200, metadata]);
  });

  test('refuses with its own challenge', async () => {
    const told = await post(`${harness.url}/mcp`, toolCall());
    expect([told.status, told.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="app"']);
    expect(upstream.received).toHaveLength(1);
  });

  test('gets the token, and every record says who was not asked', async () => {
    const told = await post(`${harness.url}/mcp`, toolCall(), { authorization: `Bearer ${token}` });
    expect([told.status, upstream.received[0]?.headers.authorization]).toEqual([200, `Bearer ${token}`]);
    const { drafts } = harness.recorder;
    expect(drafts.length).toBeGreaterThanOrEqual(3);
    expect(drafts.map(({ identity }) => identity)).toEqual(drafts.map(() => 'record-only'));
    const request = drafts.find(({ kind }) => kind === 'mcp.request');
    expect(request?.principal).toEqual({ iss: '', sub: 'anonymous', type: 'anonymous' });
    expect(harness.sidecar.identity()).toBe('record-only');
  });

  test('has its tokens, codes and verifiers in no record or log', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = 'grant_type=authorization_code&code=c0de-1&code_verifier=verifier-1&client_secret=secret-1';
    const told = await post(`${harness.url}/token`, sent, form);
    expect(await told.json()).toEqual({ access_token: token, refresh_token: 'ghr-refresh-1', token_type: 'bearer' });
    expect(upstream.received[0]?.body).toBe(sent);
    await fetch(`${harness.url}/authorize?response_type=code&code=c0de-1&state=state-1`);
    await post(`${harness.url}/mcp?access_token=query-1`, toolCall(), { authorization: `Bearer ${token}` });
    expect(upstream.received.at(-1)?.url).toBe('/mcp?access_token=query-1');
    const kept = JSON.stringify([harness.recorder.drafts, harness.recorder.counted, logged]);
    for (const text of [token, 'ghr-refresh-1', 'c0de-1', 'verifier-1', 'secret-1', 'state-1', 'query-1'])
      expect(kept).not.toContain(text);
    expect(kept).toContain('grant_type=authorization_code&code=[REDACTED:oauth]');
  });

  test('is checked from the next request on when the policy says so', async () => {
    isRecordOnly = false;
    const told = await post(`${harness.url}/mcp`, toolCall(), { authorization: `Bearer ${token}` });
    expect([told.status, harness.sidecar.identity()]).toEqual([401, 'checked']);
    expect(upstream.received).toEqual([]);
    expect((await ask(harness.url, '/.well-known/oauth-authorization-server')).status).not.toBe(200);
  });

  test('judges itself which event a session goes on from', async () => {
    const headers = { accept: 'text/event-stream', 'mcp-session-id': 's-1', 'last-event-id': 'e-1' };
    await ask(harness.url, '/mcp', { headers });
    expect(upstream.received[0]?.headers['last-event-id']).toBe('e-1');
  });

  test('gets no page of the auth server’s host', async () => {
    const host = `tachograph.localhost:${new URL(harness.url).port}`;
    expect((await ask(harness.url, '/authorize', { host })).status).toBe(404);
    expect(upstream.received).toEqual([]);
  });
});

const secretName = fc.constantFrom(
  'access_token',
  'refresh_token',
  'id_token',
  'client_secret',
  'code_verifier',
  'password',
);
const secret = fc.stringMatching(/^planted-[A-Za-z0-9._~+/-]{8,40}$/);

const hide = (text: string): string => withoutOAuthSecrets({ identity: 'record-only' }, text);

test('no secret of OAuth stands in a text for the record, whatever is around it', () => {
  fc.assert(
    fc.property(secretName, secret, fc.string(), (name, value, around) => {
      const query = new URLSearchParams([
        ['a', around],
        [name, value],
        ['b', around],
      ]);
      expect(hide(query.toString())).not.toContain(encodeURIComponent(value));
      expect(hide(`/x?${query.toString()}`)).not.toContain(encodeURIComponent(value));
      for (const space of [undefined, 2]) {
        const hidden = hide(JSON.stringify({ a: around, [name]: value, b: [around] }, null, space));
        expect(hidden).not.toContain(value);
        expect(JSON.parse(hidden)).toMatchObject({ [name]: '[REDACTED:oauth]', b: [around] });
      }
    }),
  );
});

test('a text of many quotes costs no more than its length', () => {
  const text = `"access_token":"${'\\'.repeat(500_000)}`;
  expect(hide(text)).toBe(text);
});
