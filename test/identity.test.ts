/** A stock client's login through a sidecar's own port: sidecar, controller and the company's provider are the real ones. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createBrowser, type Browser } from '../packages/authserver/src/testing/browser.ts';
import type { Upstream } from '../packages/sidecar/src/testing/upstream.ts';
import { startLoginInstallation, type LoginInstallation } from './identity/installation.ts';
import {
  callTool,
  clientCallback,
  discover,
  logIn,
  read,
  redeem,
  refresh,
  send,
  tokensOf,
  type Discovered,
  type LoggedIn,
} from './identity/oauth-client.ts';
import { writtenIn, type SidecarProcess } from './identity/sidecar-process.ts';

let whole: LoginInstallation;
let upstream: Upstream;
let search: SidecarProcess;
let store: SidecarProcess;
let found: Discovered;
let alice: LoggedIn;
/** What no record, log or archive may hold. */
const secrets: string[] = [];

const browse = (): Browser => createBrowser({ stopAt: ({ href }) => href.startsWith(clientCallback) });
const [first, second] = [(): string => search.urls[0] ?? '', (): string => search.urls[1] ?? ''];

beforeAll(async () => {
  whole = await startLoginInstallation();
  ({ upstream } = whole);
  [search, store] = await Promise.all([whole.start('search'), whole.start('store')]);
  found = await discover(await callTool(first()));
  alice = await logIn(found, browse(), 'alice');
  secrets.push(alice.access, alice.refresh, alice.code, alice.verifier);
});

/** Tokens live five minutes, and machines are slow. */
async function renew(): Promise<void> {
  alice = { ...alice, ...tokensOf(await refresh(found, alice.clientId, alice.refresh)) };
  secrets.push(alice.access, alice.refresh);
}

afterAll(async () => {
  await Promise.all([search.close(), store.close()]);
  await whole.close();
});

describe('a client that knows only the URL that was typed', () => {
  beforeEach(renew);

  test('finds the auth server on the same port', () => {
    const { origin } = new URL(first());
    const issuer = `${origin}/as/demo/search`;
    expect(found).toMatchObject({ resource: first(), issuer, scope: 'mcp' });
    expect(found.metadata).toMatchObject({
      issuer,
      token_endpoint: `${issuer}/token`,
      registration_endpoint: `${issuer}/reg`,
      authorization_endpoint: `${origin.replace('localhost', 'tachograph.localhost')}/as/demo/search/auth`,
      authorization_response_iss_parameter_supported: true,
    });
    expect(found.metadata['code_challenge_methods_supported']).toEqual(['S256']);
  });

  test('logs its user in, and calls', async () => {
    const before = upstream.received.length;
    const told = await callTool(first(), alice.access);
    expect([told.status, read(told.body)['result']]).toEqual([200, { content: [{ type: 'text', text: 'hello' }] }]);
    expect(upstream.received.slice(before)).toHaveLength(1);
    expect(upstream.received.at(-1)?.headers.authorization).toBeUndefined();
  });

  test('sees pages on their own host only, and nothing that a browser renders elsewhere', () => {
    const ours = alice.back.hops.filter(({ port }) => port === new URL(first()).port);
    expect(ours.length).toBeGreaterThan(3);
    const onLocalhost = ours.filter(({ hostname }) => hostname === 'localhost');
    expect(onLocalhost.map(({ pathname }) => pathname)).toEqual(['/as/callback']);
  });

  test('uses its token at another local port', async () => {
    expect((await callTool(second(), alice.access)).status).toBe(200);
    expect((await callTool(second().replace('localhost', '127.0.0.1'), alice.access)).status).toBe(200);
  });

  test.each(['127.0.0.1', '[::1]'])('finds the same under the name %s', async (name) => {
    const typed = first().replace('localhost', name);
    const there = await discover(await callTool(typed));
    const { origin } = new URL(typed);
    expect(there).toMatchObject({ resource: typed, issuer: `${origin}/as/demo/search` });
    expect(there.metadata).toMatchObject({
      issuer: `${origin}/as/demo/search`,
      token_endpoint: `${origin}/as/demo/search/token`,
      authorization_endpoint: found.metadata['authorization_endpoint'],
    });
  });

  test('that registered at one port logs in and refreshes at another', async () => {
    const there = await discover(await callTool(second().replace('localhost', '127.0.0.1')));
    expect(there.issuer).toContain('http://127.0.0.1:');
    const bob = await logIn(there, browse(), 'bob');
    const told = await refresh(found, bob.clientId, bob.refresh);
    secrets.push(bob.access, bob.refresh, bob.code, bob.verifier, tokensOf(told).access);
    expect([told.status, (await callTool(first(), tokensOf(told).access)).status]).toEqual([200, 200]);
  });

  test('that is sent to another workload on the same URL gets 401 and logs in anew', async () => {
    const [url = ''] = store.urls;
    const told = await callTool(url, alice.access);
    expect(told.status).toBe(401);
    expect(told.headers['www-authenticate']).toContain('error="invalid_token"');
    const other = await discover(told);
    expect(other.issuer).toBe(`${new URL(url).origin}/as/demo/store`);
    const again = await logIn(other, browse(), 'alice');
    secrets.push(again.access, again.refresh, again.code, again.verifier);
    expect((await callTool(url, again.access)).status).toBe(200);
    expect((await callTool(first(), again.access)).status).toBe(401);
  });

  test('of revision 2025-03-26 finds the auth server at the root', async () => {
    const { origin } = new URL(first());
    const told = await send(`${origin}/.well-known/oauth-authorization-server`);
    expect(read(told.body)).toEqual(found.metadata);
  });
});

describe('what is refused', () => {
  test('a code that was used, at the token endpoint; and what it had given out', async () => {
    const { origin } = new URL(first());
    const here = await discover(await callTool(first()));
    const bob = await logIn(here, browse(), 'bob');
    secrets.push(bob.access, bob.refresh, bob.code, bob.verifier);
    const replayed = await redeem(here, bob);
    expect([replayed.status, read(replayed.body)['error']]).toEqual([400, 'invalid_grant']);
    const told = await refresh(here, bob.clientId, bob.refresh);
    expect([told.status, read(told.body)['error']]).toEqual([400, 'invalid_grant']);
    expect(replayed.headers['content-type']).toContain('application/json');
    expect(here.issuer.startsWith(origin)).toBe(true);
  });

  test('a refresh token that was used', async () => {
    const here = await discover(await callTool(first()));
    const bob = await logIn(here, browse(), 'bob');
    const next = tokensOf(await refresh(here, bob.clientId, bob.refresh));
    secrets.push(bob.access, bob.refresh, next.access, next.refresh);
    const reused = await refresh(here, bob.clientId, bob.refresh);
    expect([reused.status, read(reused.body)['error']]).toEqual([400, 'invalid_grant']);
    const stolen = await refresh(here, bob.clientId, next.refresh);
    expect([stolen.status, read(stolen.body)['error']]).toEqual([400, 'invalid_grant']);
  });

  test('a refresh token that its client gave back', async () => {
    const here = await discover(await callTool(first()));
    const bob = await logIn(here, browse(), 'bob');
    secrets.push(bob.access, bob.refresh);
    const told = await send(String(here.metadata['revocation_endpoint']), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token: bob.refresh, client_id: bob.clientId }).toString(),
    });
    const after = await refresh(here, bob.clientId, bob.refresh);
    expect([told.status, after.status, read(after.body)['error']]).toEqual([200, 400, 'invalid_grant']);
  });

  test.each([
    ['an https redirect', ['https://evil.example/callback']],
    ['a redirect to another host', ['http://evil.example/callback']],
    ['a scheme that nobody allowed', ['javascript:alert(1)']],
  ])('a registration with %s', async (_what, redirects) => {
    const told = await send(String(found.metadata['registration_endpoint']), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: redirects, token_endpoint_auth_method: 'none' }),
    });
    expect(told.status).toBe(400);
    expect(String(read(told.body)['error'])).toMatch(/^invalid_(redirect_uri|client_metadata)$/);
  });

  test('the auth server of another workload, through this one’s port', async () => {
    const { origin } = new URL(first());
    const paths = ['/as/demo/store/token', '/as/other/search/token', '/as/demo/search/session/end'];
    const told = await Promise.all(paths.map(async (path) => send(`${origin}${path}`, { method: 'POST' })));
    expect(told.map(({ status }) => status)).toEqual([404, 404, 404]);
  });

  test('pages on the application’s origin, and the application on the pages’', async () => {
    const { origin } = new URL(first());
    const before = upstream.received.length;
    const onOrigin = await send(`${origin}/as/demo/search/auth?client_id=${alice.clientId}`);
    const onPages = await callTool(first().replace('localhost', 'tachograph.localhost'), alice.access);
    expect([onOrigin.status, onPages.status]).toEqual([404, 404]);
    expect(upstream.received).toHaveLength(before);
  });
});

test('an application of which the cluster’s policy says so finds out itself who calls', async () => {
  whole.writeClusterPolicy('tracker', '{ workloads: [tracker], identity: record-only }');
  const tracker = await whole.start('tracker');
  try {
    const [url = ''] = tracker.urls;
    const told = await callTool(url, 'opaque-token-of-the-application');
    expect(told.status).toBe(200);
    expect(upstream.received.at(-1)?.headers.authorization).toBe('Bearer opaque-token-of-the-application');
    expect(await (await fetch(`${tracker.admin}/readyz`)).json()).toMatchObject({ identity: 'record-only' });
    expect((await callTool(first(), 'opaque-token-of-the-application')).status).toBe(401);
    expect((await send(new URL('/as/callback', url).href)).status).toBe(403);
  } finally {
    await tracker.close();
  }
  const lines = writtenIn(tracker.spool) + writtenIn(whole.installation.dir);
  const records = lines.split('\n').filter((line) => line.startsWith('{') && line.includes('"exchange":'));
  const ofTracker = records.map(read).filter(({ identity }) => identity !== undefined);
  expect(new Set(ofTracker.map(({ kind }) => kind))).toEqual(new Set(['session.open', 'mcp.request', 'mcp.response']));
  expect(ofTracker.every(({ identity }) => identity === 'record-only')).toBe(true);
  expect(lines).toContain('"identity":"record-only"');
  expect(lines).not.toContain('opaque-token-of-the-application');
});

test('without a controller nobody logs in, is told why, and who has a token calls on', async () => {
  await renew();
  for (const controller of whole.installation.controllers.splice(0)) await controller.close();
  const again = await refresh(found, alice.clientId, alice.refresh);
  expect([again.status, again.headers['retry-after'], read(again.body)['error']]).toEqual([
    503,
    '5',
    'temporarily_unavailable',
  ]);
  const page = await send(String(found.metadata['authorization_endpoint']));
  expect([page.status, page.headers['content-type']]).toEqual([503, 'text/plain; charset=utf-8']);
  expect(page.body).toContain('cannot be reached now');
  expect((await callTool(first(), alice.access)).status).toBe(200);
  expect((await callTool(first())).headers['www-authenticate']).toContain('resource_metadata=');
});

test('the archive names the person, the client and the groups, and holds no token, code or verifier', async () => {
  const told = await callTool(first(), alice.access, 'the last call');
  expect(told.status).toBe(200);
  await Promise.all([search.close(), store.close()]);
  const written = [search.spool, store.spool, whole.installation.dir].map(writtenIn).join('\n');
  const requests = written
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes('"mcp.request"'))
    .map((line) => read(line));
  expect(requests.map(({ principal }) => principal)).toContainEqual(
    expect.objectContaining({
      iss: 'tachograph://test/as/demo/search',
      sub: 'alice',
      type: 'human',
      client_id: alice.clientId,
      groups: ['platform', 'dev'],
    }),
  );
  const summaries = written.split('\n').filter((line) => line.startsWith('{') && line.includes('"auth.refused"'));
  const counted = summaries.join('\n');
  for (const reason of ['login_metadata', 'login_registration', 'login_token', 'login_interaction', 'login_callback'])
    expect(counted).toContain(`"${reason}"`);
  expect(counted).toContain('"login_token_invalid_grant"');
  const kept = written + search.log() + store.log();
  expect(secrets.length).toBeGreaterThan(20);
  expect(secrets.filter((secret) => kept.includes(secret))).toEqual([]);
});
