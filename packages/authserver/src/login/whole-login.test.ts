/** The pages inside the auth server. */
import { afterEach, expect, test } from '@jest/globals';
import { tokenLimits } from '@tachograph/protocol';
import { decodeJwt } from 'jose';
import { refreshRequest, search, toTokens } from '../auth-fixture.test-support.ts';
import { createBrowser, type Browser, type Page } from '../testing/browser.ts';
import type { IdpClaims } from '../testing/idp-users.ts';
import { startWholeLogin, type WholeLogin, type World } from './whole-login.test-support.ts';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

const clientCallback = 'http://localhost:33418/callback';

interface Started extends WholeLogin {
  readonly browser: Browser;
}

async function start(world: World = {}): Promise<Started> {
  const whole = await startWholeLogin(world);
  closers.push(() => whole.close());
  return { ...whole, browser: createBrowser({ stopAt: ({ href }) => href.startsWith(clientCallback) }) };
}

async function begin(started: Started): Promise<{ consent: Page; verifier: string }> {
  const { url, verifier } = started.begin();
  return { consent: await started.browser.open(url), verifier };
}

test('a person at the company’s login becomes the subject of a token that renews itself', async () => {
  const started = await start();
  const { site, client, browser } = started;
  const { consent, verifier } = await begin(started);
  expect(consent.text).toContain('test client');
  const login = await browser.press(consent, 'continue');
  const back = await browser.press(login, 'Log in', { fields: { username: 'alice' } });
  const tokens = await started.redeem(back.url, verifier);
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
  const { access, refresh } = await started.redeem(back.url, verifier);
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
  const { access } = await started.redeem(back.url, verifier);
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
  expect(decodeJwt((await other.redeem(back.url, second.verifier)).access)).toMatchObject({
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
    expect(decodeJwt((await started.redeem(back.url, verifier)).access).sub).toBe('alice');
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
