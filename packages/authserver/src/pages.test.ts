import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  ask,
  authorizationUrl,
  createBrowser,
  createInstallation,
  logIn,
  openSite,
  refreshRequest,
  register,
  search,
  type TestSite,
} from './auth-fixture.test-support.ts';

describe('the two origins', () => {
  let site: TestSite;
  const server = createInstallation().createReplica();

  beforeEach(async () => {
    site = await openSite(search, () => server);
  });
  afterEach(() => site.close());

  test('have pages on one and endpoints on the other', async () => {
    const mount = '/as/team-a/search';
    for (const path of ['/auth', '/auth/abc', '/interaction/abc', '/interaction/abc/upstream']) {
      expect([path, (await ask(`${site.origin}${mount}${path}`)).status]).toEqual([path, 404]);
    }
    for (const path of ['/jwks', '/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
      expect([path, (await ask(`${site.pageOrigin}${mount}${path}`)).status]).toEqual([path, 404]);
      expect([path, (await ask(`${site.origin}${mount}${path}`)).status]).toEqual([path, 200]);
    }
    for (const path of ['/reg', '/token', '/token/revocation']) {
      expect([path, (await ask(`${site.pageOrigin}${mount}${path}`, { method: 'POST' })).status]).toEqual([path, 404]);
    }
  });

  test.each([
    '/as/team-a/search/me',
    '/as/team-a/search/session/end/confirm',
    '/as/team-a/search/request',
    '/as/team-a/search/TOKEN',
    '/as/team-a/search/token/',
    '/as/team-a/search//token',
    '/as/team-a/search/../mail/token',
    '/as/team-a/search%2ftoken',
    '/as/team-a/mail/token',
    '/as/team-a/mail/jwks',
    '/as/team-a/search',
    '/as/TEAM-A/search/jwks',
    '/as/',
    '/mcp',
  ])('have nothing at %s', async (path) => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await ask(`${site.origin}${path}`, { method });
      expect([method, answer.status]).toEqual([method, 404]);
    }
  });

  test('believe no forwarded header', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
    };
    const answer = await ask(`${site.origin}/.well-known/oauth-authorization-server/as/team-a/search`, { headers });
    expect(answer.text).not.toContain('evil.example');
    expect(answer.json()['token_endpoint']).toBe(`${site.origin}/as/team-a/search/token`);
  });

  test('give scripts of other origins no token', async () => {
    const { client, refresh } = await logIn(site, search);
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refresh,
      client_id: client.clientId,
    });
    const answer = await ask(`${site.origin}/as/team-a/search/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://evil.example' },
      body: body.toString(),
    });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([400, null]);
    expect((await refreshRequest(site, search, client, refresh)).status).toBe(200);
  });
});

test('an error page is plain, cannot be framed and shows a request’s text as text', async () => {
  const server = createInstallation().createReplica();
  const site = await openSite(search, () => server);
  const { url } = authorizationUrl(site, search, {
    clientId: '<script>alert(1)</script>',
    redirectUri: 'http://localhost/',
  });
  const answer = await createBrowser().open(url);
  expect(answer.status).toBe(400);
  expect(answer.text).not.toContain('<script>');
  expect(answer.text).not.toMatch(/https?:\/\//);
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(answer.headers.get('x-frame-options')).toBe('DENY');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  site.close();
});

describe('cookies', () => {
  let site: TestSite;
  const server = createInstallation().createReplica();

  beforeEach(async () => {
    site = await openSite(search, () => server);
  });
  afterEach(() => site.close());

  test('of a login are for its pages only, and none outlives it', async () => {
    const client = await register(site, search);
    const browser = createBrowser();
    const begun = await browser.open(authorizationUrl(site, search, client).url);
    const cookies = begun.headers.getSetCookie();
    expect(cookies.length).toBe(4);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^_interaction/);
      expect(cookie).toMatch(/; path=\/as\/team-a\/search\/(interaction|auth)\/[\w-]+/);
      expect(cookie).toMatch(/; samesite=lax; httponly/);
    }
    const finished = await browser.open(new URL(begun.headers.get('location') ?? '', site.pageOrigin).href);
    const resumed = await browser.open(finished.headers.get('location') ?? '');
    expect(resumed.headers.get('location')).toContain('code=');
    expect(resumed.headers.getSetCookie().filter((cookie) => !cookie.includes('expires=Thu, 01 Jan 1970'))).toEqual([]);
  });

  test('of one login open no other', async () => {
    const client = await register(site, search);
    const [mine, other] = await Promise.all(
      [1, 2].map(() => createBrowser().open(authorizationUrl(site, search, client).url)),
    );
    const cookie = (mine?.headers.getSetCookie() ?? []).map((line) => line.split(';')[0]).join('; ');
    const visit = async (location: string | null | undefined): Promise<number> =>
      (await ask(new URL(location ?? '', site.pageOrigin).href, { headers: { cookie } })).status;
    expect(await visit(other?.headers.get('location'))).toBe(400);
    expect(await visit(mine?.headers.get('location'))).toBe(303);
  });
});

test('behind an ingress everything is on its origin, whatever the proxies between say', async () => {
  const server = createInstallation().createReplica();
  const origin = 'https://login.corp.example';
  const listener = createServer((request, response) =>
    server.handle(request, response, { workload: search, origin, pageOrigin: origin, isPage: true }),
  );
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const site = {
    port,
    origin: `http://127.0.0.1:${port}`,
    pageOrigin: `http://127.0.0.1:${port}`,
    close: () => undefined,
  };
  const metadata = await ask(`${site.origin}/.well-known/oauth-authorization-server/as/team-a/search`);
  expect(metadata.json()).toMatchObject({
    issuer: `${origin}/as/team-a/search`,
    authorization_endpoint: `${origin}/as/team-a/search/auth`,
    token_endpoint: `${origin}/as/team-a/search/token`,
  });
  const client = await register(site, search);
  const begun = await ask(authorizationUrl(site, search, client).url);
  expect(begun.status).toBe(303);
  for (const cookie of begun.headers.getSetCookie()) expect(cookie).toContain('; secure');
  const cookie = begun.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const visit = new URL(begun.headers.get('location') ?? '', site.origin);
  const finished = await ask(visit.href, { headers: { cookie } });
  expect(finished.headers.get('location')).toMatch(/^https:\/\/login\.corp\.example\/as\/team-a\/search\/auth\//);
  listener.closeAllConnections();
  listener.close();
});

test('the library writes nothing to the console', () => {
  // A process of its own: the library's notices come once, and what it looks for in Node is hidden by jest.
  const script = fileURLToPath(new URL('./quiet-login.test-support.ts', import.meta.url));
  const run = spawnSync(process.execPath, ['--conditions=source', script], { encoding: 'utf8' });
  expect([run.stdout, run.stderr, run.status]).toEqual(['200 200 400 400 200\n', '', 0]);
});
