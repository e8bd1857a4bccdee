/** The pages inside the auth server, with the strict provider behind it and two replicas that answer by turns. */
import { afterEach, expect, test } from '@jest/globals';
import { silentLogger, systemClock } from '@tachograph/service';
import { tokenLimits } from '@tachograph/protocol';
import { decodeJwt } from 'jose';
import { createAuthServer, type AuthServer } from '../app.ts';
import {
  authorizationUrl,
  createInstallation,
  openSite,
  refreshRequest,
  register,
  search,
  testSettings,
  tokenRequest,
  toTokens,
  type TestClient,
  type TestSite,
} from '../auth-fixture.test-support.ts';
import { createBrowser, type Browser, type Page } from '../testing/browser.ts';
import { idpUsers, type IdpClaims } from '../testing/idp-users.ts';
import { startStrictIdp } from '../testing/strict-idp.ts';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

const clientCallback = 'http://localhost:33418/callback';

interface World {
  readonly overage?: 'refuse' | 'drop';
  readonly users?: readonly IdpClaims[];
}

async function start({ overage = 'refuse', users = idpUsers }: World = {}): Promise<Started> {
  const idp = await startStrictIdp({ redirectUris: ['http://localhost/as/callback'], users });
  const { store, keys } = createInstallation();
  const scopes = ['openid', 'profile', 'email'];
  const upstream = { ...testSettings.upstream, overage, scopes, issuer: idp.issuer, clientSecret: idp.clientSecret };
  const replica = (): AuthServer =>
    createAuthServer({
      settings: { ...testSettings, upstream },
      clock: systemClock,
      log: silentLogger,
      store,
      keys: () => keys,
      isRevoked: () => false,
    });
  const replicas = [replica(), replica()];
  const pick = (): AuthServer => {
    replicas.reverse();
    return replicas[0] ?? replica();
  };
  const site = await openSite(search, pick);
  closers.push(
    () => idp.close(),
    () => site.close(),
  );
  const browser = createBrowser({ stopAt: ({ href }) => href.startsWith(clientCallback) });
  return { site, client: await register(site, search), browser };
}

interface Started {
  readonly site: TestSite;
  readonly client: TestClient;
  readonly browser: Browser;
}

async function begin({ site, client, browser }: Started): Promise<{ consent: Page; verifier: string }> {
  const { url, verifier } = authorizationUrl(site, search, client);
  return { consent: await browser.open(url), verifier };
}

async function redeem({ site, client }: Started, back: Page, verifier: string): Promise<ReturnType<typeof toTokens>> {
  const answer = await tokenRequest(site, search, {
    grant_type: 'authorization_code',
    code: back.url.searchParams.get('code') ?? '',
    redirect_uri: client.redirectUri,
    client_id: client.clientId,
    code_verifier: verifier,
  });
  return toTokens(answer);
}

test('a person at the company’s login becomes the subject of a token that renews itself', async () => {
  const started = await start();
  const { site, client, browser } = started;
  const { consent, verifier } = await begin(started);
  expect(consent.text).toContain('test client');
  const login = await browser.press(consent, 'continue');
  const back = await browser.press(login, 'Log in', { fields: { username: 'alice' } });
  const tokens = await redeem(started, back, verifier);
  const person = {
    sub: 'alice',
    groups: ['platform', 'dev'],
    email: 'alice@corp.example',
    preferred_username: 'alice',
    name: 'Alice Archer',
    aud: 'tachograph://c1/team-a/search',
    resource: `${site.origin}/mcp`,
  };
  expect(decodeJwt(tokens.access)).toMatchObject(person);
  const renewed = toTokens(await refreshRequest(site, search, client, tokens.refresh));
  expect(decodeJwt(renewed.access)).toMatchObject(person);
});

test('a token of somebody whose groups did not fit says that they are unknown, not that there are none', async () => {
  const started = await start({ overage: 'drop' });
  const { site, client, browser } = started;
  const { consent, verifier } = await begin(started);
  const login = await browser.press(consent, 'continue');
  const back = await browser.press(login, 'Log in', { fields: { username: 'carol' } });
  const { access, refresh } = await redeem(started, back, verifier);
  const renewed = toTokens(await refreshRequest(site, search, client, refresh));
  for (const token of [access, renewed.access]) {
    expect(decodeJwt(token)).toMatchObject({ sub: 'carol', hasgroups: true });
    expect(decodeJwt(token)['groups']).toBeUndefined();
  }
});

test('the longest names and groups that are let in still make a token that sidecars read', async () => {
  const name = 'x'.repeat(256);
  const groups = Array.from({ length: 31 }, (_, index) => `${index}-`.padEnd(256, 'y'));
  const dora: IdpClaims = { sub: 'd'.repeat(255), name, email: name, preferred_username: name, groups };
  const started = await start({ users: [dora] });
  const { consent, verifier } = await begin(started);
  const login = await started.browser.press(consent, 'continue');
  const back = await started.browser.press(login, 'Log in', { fields: { username: dora.sub } });
  const { access } = await redeem(started, back, verifier);
  expect(decodeJwt(access)).toMatchObject({ groups, name, email: name, preferred_username: name });
  expect(access.length).toBeLessThanOrEqual(tokenLimits.bytes);
});

test('a second person in the same browser is that person', async () => {
  const started = await start();
  const { browser } = started;
  const first = await begin(started);
  const login = await browser.press(first.consent, 'continue');
  await browser.press(login, 'Log in', { fields: { username: 'alice' } });
  // Logged out at the provider, still the same browser for us.
  const other = { ...started, browser: createBrowser({ stopAt: ({ href }) => href.startsWith(clientCallback) }) };
  for (const cookie of browser.cookies.all().filter(({ name }) => !name.startsWith('idp_'))) {
    other.browser.cookies.plant(cookie);
  }
  const second = await begin(other);
  const again = await other.browser.press(second.consent, 'continue');
  const back = await other.browser.press(again, 'Log in', { fields: { username: 'bob' } });
  expect(decodeJwt((await redeem(other, back, second.verifier)).access)).toMatchObject({
    sub: 'bob',
    groups: ['data'],
  });
});

test('two logins side by side in one browser both end', async () => {
  const started = await start();
  const { browser } = started;
  const [one, two] = [await begin(started), await begin(started)];
  const logins = [await browser.press(one.consent, 'continue'), await browser.press(two.consent, 'continue')] as const;
  const second = await browser.press(logins[1], 'Log in', { fields: { username: 'alice' } });
  const first = await browser.press(logins[0], 'Log in', { fields: { username: 'alice' } });
  for (const [back, verifier] of [
    [second, two.verifier],
    [first, one.verifier],
  ] as const) {
    expect(decodeJwt((await redeem(started, back, verifier)).access).sub).toBe('alice');
  }
});

test('denial and a provider’s cancellation reach the client as access_denied', async () => {
  const started = await start();
  const { browser } = started;
  const denied = await browser.press((await begin(started)).consent, 'deny');
  const login = await browser.press((await begin(started)).consent, 'continue');
  const cancelled = await browser.press(login, 'Cancel');
  for (const { url } of [denied, cancelled]) {
    expect([url.searchParams.get('error'), url.searchParams.get('state')]).toEqual(['access_denied', 's1']);
  }
});

test('another browser neither sees the consent page nor can press its buttons', async () => {
  const started = await start();
  const { consent } = await begin(started);
  const thief = createBrowser();
  expect((await thief.open(consent.url)).forms).toEqual([]);
  expect((await thief.press(consent, 'continue')).status).toBe(400);
});
