import { afterEach, describe, expect, test } from '@jest/globals';
import type { AuthServerOptions } from './app.ts';
import {
  ask,
  authorizationUrl,
  createBrowser,
  createInstallation,
  createMovableClock,
  getCode,
  logIn,
  openSite,
  refreshRequest,
  register,
  search,
  toTokens,
  type Answer,
  type TestSite,
} from './auth-fixture.test-support.ts';

const sites: TestSite[] = [];

afterEach(() => {
  for (const site of sites.splice(0)) site.close();
});

async function openServer(overrides: Partial<AuthServerOptions> = {}): Promise<TestSite> {
  const server = createInstallation(overrides.clock).createReplica(overrides);
  const site = await openSite(search, () => server);
  sites.push(site);
  return site;
}

function registration(site: TestSite, body: unknown): Promise<Answer> {
  return ask(`${site.origin}/as/team-a/search/reg`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

describe('a registration', () => {
  test('gets a public native client, whatever kind it asked for', async () => {
    const site = await openServer();
    const answer = await registration(site, {
      client_name: 'Some Client',
      redirect_uris: ['http://127.0.0.1:6276/oauth/callback', 'cursor://anysphere.cursor-mcp/oauth/callback'],
      application_type: 'web',
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      response_types: ['code', 'token'],
      jwks_uri: 'http://169.254.169.254/',
      sector_identifier_uri: 'https://169.254.169.254/',
      scope: 'admin',
    });
    expect(answer.status).toBe(201);
    expect(answer.json()).toMatchObject({
      client_name: 'Some Client',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    });
    expect(Object.keys(answer.json())).not.toEqual(expect.arrayContaining(['client_secret']));
    expect(answer.text).not.toContain('169.254');
  });

  test.each([
    ['https', 'https://evil.example/callback'],
    ['https on this machine', 'https://localhost/callback'],
    ['http elsewhere', 'http://evil.example/callback'],
    ['a host that begins like this machine', 'http://localhost.evil.example/callback'],
    ['credentials before the host', 'http://localhost@evil.example/callback'],
    ['a script', 'javascript:alert(1)'],
    ['a scheme that nobody allowed', 'evil://callback'],
    ['an allowed URL with more behind it', 'https://vscode.dev/redirect/evil'],
    ['a fragment', 'http://localhost/callback#x'],
    ['a backslash', 'http://localhost\\@evil.example/'],
  ])('with %s as redirect is refused', async (_name, redirect) => {
    const site = await openServer();
    const answer = await registration(site, { redirect_uris: ['http://localhost/ok', redirect] });
    expect([answer.status, answer.json()['error']]).toEqual([400, 'invalid_redirect_uri']);
  });

  test.each([
    ['eleven redirects', { redirect_uris: Array.from({ length: 11 }, (_, at) => `http://localhost/${at}`) }],
    ['no redirect', { redirect_uris: [] }],
    ['no object', '["x"]'],
    ['no JSON', '{"redirect_uris":'],
    ['a key twice', '{"redirect_uris":["http://localhost/"],"redirect_uris":["http://localhost/"]}'],
    ['a name of a thousand letters', { client_name: 'x'.repeat(1000), redirect_uris: ['http://localhost/'] }],
  ])('with %s is refused', async (_name, body) => {
    const site = await openServer();
    const answer = await registration(site, body);
    expect([answer.status, answer.json()['error']]).toEqual([400, 'invalid_client_metadata']);
  });

  test('by a page is answered to pages of this machine only', async () => {
    const site = await openServer();
    const url = `${site.origin}/as/team-a/search/reg`;
    for (const [origin, allowed] of [
      ['http://localhost:6274', 'http://localhost:6274'],
      ['https://evil.example', null],
      ['null', null],
    ] as const) {
      const preflight = await ask(url, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
      expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, allowed]);
      const answer = await ask(url, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/json' },
        body: JSON.stringify({ redirect_uris: ['http://localhost:6274/oauth/callback'] }),
      });
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([201, allowed]);
    }
  });

  test('longer than the limit is refused without being read to the end', async () => {
    const site = await openServer();
    const answer = await registration(site, { redirect_uris: ['http://localhost/'], contacts: ['x'.repeat(60_000)] });
    expect(answer.status).toBe(413);
  });

  test('is refused for a while after thirty in a minute', async () => {
    const site = await openServer();
    const statuses = new Map<number, number>();
    for (let tries = 0; tries < 32; tries += 1) {
      const answer = await registration(site, { redirect_uris: ['http://localhost/'] });
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }
    expect(Object.fromEntries(statuses)).toEqual({ 201: 30, 429: 2 });
  });
});

describe('a registered client', () => {
  test('that never got a token is forgotten after a day', async () => {
    const clock = createMovableClock();
    const site = await openServer({ clock });
    const client = await register(site, search);
    clock.moveMs(23 * 3_600_000);
    expect((await getCode(site, search, client)).landed.searchParams.get('code')).not.toBeNull();
    clock.moveMs(2 * 3_600_000);
    const answer = await createBrowser().open(authorizationUrl(site, search, client).url);
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('invalid_client')]);
  });

  test('that got one stays ninety days, and ninety more with each use', async () => {
    const clock = createMovableClock();
    const site = await openServer({ clock });
    const { client } = await logIn(site, search);
    clock.moveMs(80 * 86_400_000);
    const { parameters } = await getCode(site, search, client);
    toTokens(
      await ask(`${site.origin}/as/team-a/search/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(parameters).toString(),
      }),
    );
    clock.moveMs(80 * 86_400_000);
    expect((await getCode(site, search, client)).landed.searchParams.get('code')).not.toBeNull();
    clock.moveMs(11 * 86_400_000);
    expect((await createBrowser().open(authorizationUrl(site, search, client).url)).status).toBe(400);
  });

  test('may use any port of its loopback redirect but no other path or host', async () => {
    const site = await openServer();
    const client = await register(site, search);
    for (const redirectUri of ['http://localhost:9/other', 'http://127.0.0.1:33418/callback']) {
      const answer = await createBrowser().open(authorizationUrl(site, search, { ...client, redirectUri }).url);
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    }
    const foreign = { ...client, redirectUri: 'http://evil.example/callback' };
    const answer = await createBrowser().open(authorizationUrl(site, search, foreign).url);
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    expect(answer.text).toContain('invalid_redirect_uri');
  });

  test('whose login was half a day ago must log in again, however often it refreshed', async () => {
    const clock = createMovableClock();
    const site = await openServer({ clock });
    const { client, refresh } = await logIn(site, search);
    clock.moveMs(11 * 3_600_000);
    const later = toTokens(await refreshRequest(site, search, client, refresh));
    clock.moveMs(2 * 3_600_000);
    const answer = await refreshRequest(site, search, client, later.refresh);
    expect([answer.status, answer.json()['error']]).toEqual([400, 'invalid_grant']);
  });
});
