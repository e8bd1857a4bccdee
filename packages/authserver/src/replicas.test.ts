import { afterEach, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import {
  authorizationUrl,
  createBrowser,
  createInstallation,
  getCode,
  logIn,
  openSite,
  refreshRequest,
  register,
  search,
  tokenRequest,
  toTokens,
  type TestSite,
} from './auth-fixture.test-support.ts';
import type { AuthServer } from './app.ts';

const sites: TestSite[] = [];

afterEach(() => {
  for (const site of sites.splice(0)) site.close();
});

async function open(pick: () => AuthServer): Promise<TestSite> {
  const site = await openSite(search, pick);
  sites.push(site);
  return site;
}

test('a login whose every request reaches another replica completes', async () => {
  const installation = createInstallation();
  const replicas = [installation.createReplica(), installation.createReplica()] as const;
  let requests = 0;
  const site = await open(() => {
    requests += 1;
    return requests % 2 === 0 ? replicas[0] : replicas[1];
  });
  const { client, refresh, access } = await logIn(site, search);
  expect(decodeJwt(access).sub).toBe('alice');
  toTokens(await refreshRequest(site, search, client, refresh));
  expect(requests).toBeGreaterThanOrEqual(6);
});

test('a restart between any two requests of a login loses nothing', async () => {
  const installation = createInstallation();
  const site = await open(() => installation.createReplica());
  const { client, refresh } = await logIn(site, search);
  const again = toTokens(await refreshRequest(site, search, client, refresh));
  expect(decodeJwt(again.access).sub).toBe('alice');
});

test('a client registered at one local port logs in at another', async () => {
  const server = createInstallation().createReplica();
  const [first, second] = [await open(() => server), await open(() => server)];
  const client = await register(first, search);
  const { parameters, landed } = await getCode(second, search, client);
  expect(landed.searchParams.get('iss')).toBe(`${second.origin}/as/team-a/search`);
  toTokens(await tokenRequest(first, search, parameters));
});

test('a store with foreign keys or altered entries holds nothing', async () => {
  const installation = createInstallation();
  const site = await open(() => installation.createReplica());
  const { client, refresh } = await logIn(site, search);
  for (const [key, entry] of installation.store.entries) {
    const altered = `${entry.data.slice(0, -2)}${entry.data.endsWith('A') ? 'B' : 'A'}A`;
    await installation.store.write(key, { ...entry, data: altered });
  }
  const answer = await refreshRequest(site, search, client, refresh);
  expect([answer.status, answer.json()['error']]).toEqual([401, 'invalid_client']);
});

test('what is stored names neither tokens nor codes nor people', async () => {
  const installation = createInstallation();
  const site = await open(() => installation.createReplica());
  const { client, refresh, parameters } = await logIn(site, search);
  const stored = JSON.stringify([...installation.store.entries]);
  for (const secret of [refresh, parameters['code'] ?? '', client.clientId, 'alice', 'test client', 'search']) {
    expect(secret).not.toBe('');
    expect(stored).not.toContain(secret);
  }
  expect([...installation.store.entries.keys()].every((key) => /^[0-9a-f]{64}$/.test(key))).toBe(true);
  expect([...installation.store.entries.values()].map(({ kind }) => kind).toSorted()).toEqual([
    'AuthorizationCode',
    'Client',
    'Grant',
    'Person',
    'RefreshToken',
  ]);
});

test('another browser cannot go on with a login', async () => {
  const server = createInstallation().createReplica();
  const site = await open(() => server);
  const client = await register(site, search);
  const begun = await createBrowser().open(authorizationUrl(site, search, client).url);
  const visit = new URL(begun.headers.get('location') ?? '', site.pageOrigin);
  expect(visit.pathname).toMatch(/^\/as\/team-a\/search\/interaction\/[\w-]+$/);
  const answer = await createBrowser().open(visit.href);
  expect([answer.status, answer.headers.get('content-security-policy')]).toEqual([
    400,
    expect.stringContaining("frame-ancestors 'none'"),
  ]);
});
