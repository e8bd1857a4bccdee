import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { LogFields, Logger } from '@tachograph/service';
import { navigation, type Browser, type Page } from '../testing/browser.ts';
import { startStrictIdp, type StrictIdp, type StrictIdpOptions } from '../testing/strict-idp.ts';
import { upstreamCallback } from './login.ts';
import { clientCallback, createClientBrowser, startLoginHost, type LoginHost } from './login-host.test-support.ts';
import type { LoginHostOptions } from './login-host.test-support.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function start(
  options: Omit<LoginHostOptions, 'upstream'> & {
    upstream?: Partial<LoginHostOptions['upstream']>;
    idp?: Partial<StrictIdpOptions>;
  } = {},
): Promise<{ idp: StrictIdp; host: LoginHost; browser: Browser }> {
  const idp = await startStrictIdp({ redirectUris: ['http://localhost/as/callback'], ...options.idp });
  const host = await startLoginHost({ ...options, upstream: { issuer: idp.issuer, ...options.upstream } });
  closers.push(
    () => idp.close(),
    () => host.close(),
  );
  return { idp, host, browser: createClientBrowser() };
}

const asAlice = { fields: { username: 'alice' } };

async function toIdp(browser: Browser, host: LoginHost, uid = 'u1'): Promise<Page> {
  return browser.press(await browser.open(host.authUrl(uid)), 'continue');
}

/** The last URL at the provider's way back that the browser followed, with its code and state. */
function callbackOf(page: Page): URL {
  const found = page.hops.find(({ pathname }) => pathname === '/as/callback');
  if (found === undefined) throw new Error(`no callback on the way to ${page.url.href}`);
  return found;
}

describe('a login', () => {
  test('goes through consent and the provider back to the client with the person', async () => {
    const { host, browser, idp } = await start();
    const back = await browser.press(await toIdp(browser, host), 'Log in', asAlice);
    expect(back.url.href).toBe(`${clientCallback}?code=1`);
    const person = {
      subject: 'alice',
      upstreamIssuer: idp.issuer,
      groups: ['platform', 'dev'],
      email: 'alice@corp.example',
      preferredUsername: 'alice',
      name: 'Alice Archer',
    };
    expect(host.ends).toEqual([{ uid: 'u1', kind: 'person', person }]);
    expect(host.remembered()).toBe(0);
  });

  test('comes back over localhost, where nothing is rendered and no cookie is set', async () => {
    const { host, browser } = await start();
    const back = await browser.press(await toIdp(browser, host), 'Log in', asAlice);
    const [loopback, page] = back.hops.filter(({ pathname }) => pathname === '/as/callback');
    expect([loopback?.origin, page?.origin]).toEqual([host.origin, host.pageOrigin]);
    expect(loopback?.search).toBe(page?.search);
    const answer = await browser.send({ url: new URL(`${host.origin}/as/callback?x=1`), method: 'GET', headers: {} });
    expect([answer.status, answer.text, answer.headers['set-cookie']]).toEqual([303, '', undefined]);
    expect(browser.cookies.all().filter(({ host: name }) => name === 'localhost')).toEqual([]);
  });

  test('asks the provider for no resource and nothing before consent', async () => {
    const { host, browser, idp } = await start();
    const consent = await browser.open(host.authUrl('u1'));
    expect(idp.requests).toEqual([]);
    await browser.press(consent, 'continue');
    const asked = idp.requests.find(({ path }) => path === '/auth')?.query ?? {};
    expect(Object.keys(asked).toSorted()).toEqual([
      'client_id',
      'code_challenge',
      'code_challenge_method',
      'nonce',
      'redirect_uri',
      'response_type',
      'scope',
      'state',
    ]);
    expect(asked['redirect_uri']).toBe(`${host.origin}/as/callback`);
  });

  test('is refused to the client when the person denies', async () => {
    const { host, browser, idp } = await start();
    const back = await browser.press(await browser.open(host.authUrl('u1')), 'deny');
    expect(back.url.href).toBe(`${clientCallback}?error=access_denied`);
    expect(host.ends).toEqual([{ uid: 'u1', kind: 'refused', description: 'the person denied access' }]);
    expect(idp.requests).toEqual([]);
  });

  test('is refused to the client when the person cancels at the provider', async () => {
    const { host, browser } = await start();
    const back = await browser.press(await toIdp(browser, host), 'Cancel');
    expect(back.url.href).toBe(`${clientCallback}?error=access_denied`);
    expect(host.ends).toEqual([{ uid: 'u1', kind: 'refused', description: 'the login was cancelled' }]);
  });

  test('asks again for consent at every visit of the same client', async () => {
    const { host, browser } = await start();
    await browser.press(await toIdp(browser, host), 'Log in', asAlice);
    const again = await browser.open(host.authUrl('u2'));
    expect([again.status, again.forms[0]?.buttons.map(({ value }) => value)]).toEqual([200, ['continue', 'deny']]);
  });

  test('goes straight through a provider that remembers the browser', async () => {
    const { host, browser } = await start();
    await browser.press(await toIdp(browser, host), 'Log in', asAlice);
    const back = await toIdp(browser, host, 'u2');
    expect(back.url.href).toBe(`${clientCallback}?code=1`);
    expect(host.ends.map(({ uid }) => uid)).toEqual(['u1', 'u2']);
  });
});

test.each([
  ['http://tachograph.localhost:8080', 'http://localhost:8080/as/callback'],
  ['https://login.corp.example', 'https://login.corp.example/as/callback'],
  ['http://127.0.0.1:7000', 'http://127.0.0.1:7000/as/callback'],
])('pages on %s are left for a provider that comes back to %s', (pageOrigin, callback) => {
  expect(upstreamCallback({ pageOrigin })).toBe(callback);
});

describe('groups that do not fit', () => {
  test('end the login on a page', async () => {
    const { host, browser } = await start();
    const page = await browser.press(await toIdp(browser, host), 'Log in', { fields: { username: 'carol' } });
    expect(page.status).toBe(403);
    expect(page.text).toContain('Too many groups');
    expect(host.ends).toEqual([]);
  });

  test('are unknown where the settings let such people in', async () => {
    const { host, browser } = await start({ upstream: { overage: 'drop' } });
    await browser.press(await toIdp(browser, host), 'Log in', { fields: { username: 'carol' } });
    expect(host.ends).toMatchObject([{ person: { subject: 'carol', groups: [], groupsUnknown: true } }]);
  });
});

describe('the consent page', () => {
  test('names program, server, namespace, address, redirect and scopes', async () => {
    const { host, browser } = await start();
    const { text } = await browser.open(host.authUrl('u1'));
    for (const fact of [
      'Claude Code',
      'search',
      'team-a',
      'http://localhost:8080/mcp',
      'http://localhost:33418',
      'mcp',
    ]) {
      expect(text).toContain(fact);
    }
    expect(text).toContain('Whatever listens at <strong>http://localhost:33418</strong> receives a token');
  });

  test('names the host that a metadata document stands on', async () => {
    const client = { id: 'https://claude.example/client.json', kind: 'metadata', name: 'Claude' } as const;
    const { host, browser } = await start({ visit: { client } });
    expect((await browser.open(host.authUrl('u1'))).text).toContain('<dd>claude.example</dd>');
  });

  test('runs no script, loads nothing, is framed by nobody, tells no other site and is kept nowhere', async () => {
    const { host, browser } = await start();
    const { headers, text } = await browser.open(host.authUrl('u1'));
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(text).not.toContain('<script');
    const style = /<style>([^<]*)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toContain(`'sha256-${hash}'`);
  });

  test.each(['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'><svg onload=alert(1)>", '</title><b>'])(
    'shows the client name %s as text',
    async (name) => {
      const client = { id: 'c', kind: 'registered', name } as const;
      const { host, browser } = await start({
        visit: {
          client,
          redirectUri: `http://localhost/?${name}`,
          resource: `http://localhost/${name}`,
          scopes: [name],
        },
      });
      const { text, forms } = await browser.open(host.authUrl('u1'));
      expect(text).not.toContain(name);
      expect(text).not.toMatch(/<(?:script|img|svg|b)\b/);
      expect(forms).toHaveLength(1);
    },
  );

  test('takes direction marks and line breaks out of a client name', async () => {
    const client = { id: 'c', kind: 'registered', name: 'Good\u202e\n\u0000Evil' } as const;
    const { host, browser } = await start({ visit: { client } });
    expect((await browser.open(host.authUrl('u1'))).text).toContain('“Good Evil”');
  });

  test.each([
    ['a frame', { 'sec-fetch-dest': 'iframe' }],
    ['a script', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
  ])('does not open for %s', async (_what, headers) => {
    const { host, browser } = await start();
    const page = await browser.open(host.authUrl('u1'), headers);
    expect([page.status, page.forms]).toEqual([403, []]);
    expect(host.remembered()).toBe(0);
  });
});

describe('consent', () => {
  test.each([
    ['without its token', { csrf: '' }],
    ['with another token', { csrf: 'A'.repeat(43) }],
  ])('is none %s', async (_what, fields) => {
    const { host, browser, idp } = await start();
    const page = await browser.press(await browser.open(host.authUrl('u1')), 'continue', { fields });
    expect([page.status, idp.requests]).toEqual([403, []]);
  });

  test('is none with the token of another visit', async () => {
    const { host, browser } = await start();
    const other = (await browser.open(host.authUrl('u2'))).forms[0]?.fields['csrf'] ?? '';
    const page = await browser.press(await browser.open(host.authUrl('u1')), 'continue', { fields: { csrf: other } });
    expect(page.status).toBe(403);
  });

  test.each([
    ['the application’s origin', { origin: 'http://localhost:8080', 'sec-fetch-site': 'cross-site' }],
    ['the same host at another port', { origin: 'http://tachograph.localhost:1', 'sec-fetch-site': 'same-site' }],
    ['a sandbox in an old browser', { origin: 'null', 'sec-fetch-site': undefined }],
    ['an old browser at another origin', { origin: 'http://localhost:8080', 'sec-fetch-site': undefined }],
    ['a script', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' }],
  ])('is none when posted from %s, even with the right token', async (_what, headers) => {
    const { host, browser, idp } = await start();
    const page = await browser.press(await browser.open(host.authUrl('u1')), 'continue', { headers });
    expect([404, 403]).toContain(page.status);
    expect(idp.requests).toEqual([]);
    expect(host.ends).toEqual([]);
  });

  test('does not reach the visit from another site at all, because its cookie stays away', async () => {
    const { host, browser } = await start();
    const consent = await browser.open(host.authUrl('u1'));
    const headers = { origin: 'http://localhost:8080', 'sec-fetch-site': 'cross-site' };
    const page = await browser.press(consent, 'continue', { headers });
    expect([page.status, page.text]).toEqual([404, 'no such visit']);
  });

  test('is none from a browser that did not begin the visit', async () => {
    const { host, browser } = await start();
    const consent = await browser.open(host.authUrl('u1'));
    const page = await createClientBrowser().press(consent, 'continue');
    expect([page.status, page.text]).toEqual([404, 'no such visit']);
  });

  test('is none by a form of another type or an unknown button', async () => {
    const { host, browser, idp } = await start();
    const consent = await browser.open(host.authUrl('u1'));
    const json = await browser.press(consent, 'continue', { headers: { 'content-type': 'text/plain' } });
    const other = await browser.press(consent, 'continue', { fields: { action: 'x' } });
    expect(json.status).toBe(403);
    expect(other.url.origin).toBe(idp.issuer);
    const csrf = consent.forms[0]?.fields['csrf'] ?? '';
    const headers = { ...navigation('same-origin'), 'content-type': 'application/x-www-form-urlencoded' };
    const unknown = await browser.send({ url: consent.url, method: 'POST', headers, body: `csrf=${csrf}&action=x` });
    expect(unknown.status).toBe(403);
  });

  test('cannot be denied by a link alone', async () => {
    const { host, browser } = await start();
    const consent = await browser.open(host.authUrl('u1'));
    const page = await browser.open(`${consent.url.href}/denied`);
    expect([page.status, host.ends]).toEqual([400, []]);
  });

  test('may be pressed twice: the second press counts', async () => {
    const { host, browser } = await start();
    const consent = await browser.open(host.authUrl('u1'));
    await browser.press(consent, 'continue');
    const back = await browser.press(await browser.press(consent, 'continue'), 'Log in', asAlice);
    expect(back.url.href).toBe(`${clientCallback}?code=1`);
  });
});

describe('what comes back from the provider', () => {
  test('is taken once', async () => {
    const { host, browser } = await start();
    const back = await browser.press(await toIdp(browser, host), 'Log in', asAlice);
    const replay = await browser.open(callbackOf(back));
    expect(replay.status).toBe(400);
    expect(replay.text).toContain('This login is over');
    expect(host.ends).toHaveLength(1);
  });

  test('is taken once, even when it comes twice at the same time', async () => {
    const { host, browser } = await start();
    const stop = createClientBrowser({ stopAt: ({ pathname }) => pathname.endsWith('/login') });
    const { url } = await stop.press(await toIdp(stop, host), 'Log in', asAlice);
    for (const cookie of stop.cookies.all()) browser.cookies.plant(cookie);
    const pages = await Promise.all([1, 2, 3].map(() => browser.open(url)));
    expect(pages.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([0, 400, 400]);
    expect(host.ends).toHaveLength(1);
  });

  test('is taken only from the browser that consented', async () => {
    const { host, browser } = await start();
    const login = await toIdp(browser, host);
    const stop = createClientBrowser({ stopAt: ({ pathname }) => pathname === '/as/callback' });
    for (const cookie of browser.cookies.all().filter(({ name }) => name.startsWith('idp_')))
      stop.cookies.plant(cookie);
    const { url } = await stop.press(login, 'Log in', asAlice);
    const stolen = await createClientBrowser().open(url);
    expect([stolen.status, stolen.text, host.ends]).toEqual([404, 'no such visit', []]);
    const own = await browser.open(url);
    expect(own.url.href).toBe(`${clientCallback}?code=1`);
  });

  test('belongs to one visit: codes and states of two logins cannot be swapped', async () => {
    const { host } = await start();
    const [one, two] = [1, 2].map(() =>
      createClientBrowser({ stopAt: ({ pathname }) => pathname === '/as/callback' }),
    ) as [Browser, Browser];
    const first = (await one.press(await toIdp(one, host, 'u1'), 'Log in', asAlice)).url;
    const second = (await two.press(await toIdp(two, host, 'u2'), 'Log in', { fields: { username: 'bob' } })).url;
    const swapped = new URL(first);
    swapped.searchParams.set('code', second.searchParams.get('code') ?? '');
    const browser = createClientBrowser();
    for (const cookie of [...one.cookies.all(), ...two.cookies.all()]) browser.cookies.plant(cookie);
    const foreignCode = await browser.open(swapped);
    expect(foreignCode.status).toBeGreaterThanOrEqual(400);
    const foreignState = await browser.open(
      `${host.pageOrigin}/as/team-a/search/interaction/u2/login?${first.searchParams.toString()}`,
    );
    expect(foreignState.status).toBe(400);
    expect(host.ends).toEqual([]);
    const rightful = await browser.open(second);
    expect(rightful.url.href).toBe(`${clientCallback}?code=1`);
    expect(host.ends).toMatchObject([{ uid: 'u2', person: { subject: 'bob' } }]);
  });

  test.each([
    ['no state', 'code=x'],
    ['two states', 'code=x&state=u1.a&state=u1.b'],
    ['a state of no login', 'code=x&state=u1.AAAA'],
    ['an empty state', 'code=x&state='],
    ['a state that names a visit before consent', 'code=x&state=u1.undefined'],
  ])('is refused with %s', async (_what, query) => {
    const { host, browser } = await start();
    await browser.open(host.authUrl('u1'));
    const page = await browser.open(`${host.pageOrigin}/as/callback?${query}`);
    expect([page.status, page.hops.length, host.ends]).toEqual([400, 1, []]);
  });

  test('is for the workload that is forwarded to this port, no other', async () => {
    let forwarded = 'search';
    const { host, browser } = await start({ forwarded: () => forwarded });
    const login = await toIdp(browser, host);
    forwarded = 'mail';
    const page = await browser.press(login, 'Log in', asAlice);
    expect([page.status, page.url.pathname, host.ends]).toEqual([400, '/as/callback', []]);
    forwarded = 'search';
    expect((await browser.open(callbackOf(page))).url.href).toBe(`${clientCallback}?code=1`);
  });

  test('is refused in a frame', async () => {
    const { host, browser } = await start();
    const stop = createClientBrowser({ stopAt: ({ pathname }) => pathname.endsWith('/login') });
    const { url } = await stop.press(await toIdp(stop, host), 'Log in', asAlice);
    for (const cookie of stop.cookies.all()) browser.cookies.plant(cookie);
    const framed = await browser.open(url, { 'sec-fetch-dest': 'iframe' });
    expect([framed.status, host.ends]).toEqual([403, []]);
  });

  test('is shown as text when it is an error with words of its own', async () => {
    const { host, browser, idp } = await start();
    await toIdp(browser, host);
    const { state = '' } = idp.requests.find(({ path }) => path === '/auth')?.query ?? {};
    const words = '<img src=x onerror=alert(1)>';
    const query = new URLSearchParams({ error: 'server_error', error_description: words, state, iss: idp.issuer });
    const page = await browser.open(`${host.origin}/as/callback?${query.toString()}`);
    expect(page.status).toBe(502);
    expect(page.text).toContain('server_error &lt;img');
    expect(page.text).not.toContain('<img');
    expect(page.text).toContain('Start again');
  });

  test('is refused when it names another provider', async () => {
    const { host, browser, idp } = await start();
    const stop = createClientBrowser({ stopAt: ({ pathname }) => pathname === '/as/callback' });
    const { url } = await stop.press(await toIdp(stop, host), 'Log in', asAlice);
    url.searchParams.set('iss', 'https://evil.example');
    for (const cookie of stop.cookies.all()) browser.cookies.plant(cookie);
    const page = await browser.open(url);
    expect([page.status, host.ends]).toEqual([400, []]);
    expect(idp.requests.filter(({ path }) => path === '/token')).toEqual([]);
  });
});

describe('a visit', () => {
  test('ends after ten tries, whatever became of them', async () => {
    const { host, browser, idp } = await start();
    const back = async (): Promise<Page> => {
      await toIdp(browser, host);
      const { state = '' } = idp.requests.findLast(({ path }) => path === '/auth')?.query ?? {};
      return browser.open(
        `${host.pageOrigin}/as/callback?${new URLSearchParams({ code: 'x', state, iss: idp.issuer }).toString()}`,
      );
    };
    for (let tries = 0; tries < 5; tries += 1) {
      expect((await back()).status).toBe(502);
      await toIdp(browser, host);
    }
    expect(idp.requests.filter(({ path }) => path === '/token')).toHaveLength(5);
    const page = await toIdp(browser, host);
    expect([page.status, page.url.host]).toEqual([400, `tachograph.localhost:${host.port}`]);
  });

  test('leaves neither code nor state nor secret in the log, whatever happens', async () => {
    const lines: string[] = [];
    const line = (message: string, fields?: LogFields): void => {
      lines.push(`${message} ${JSON.stringify(fields)}`);
    };
    const log: Logger = { debug: line, info: line, warn: line, error: line, child: () => log };
    const { host, browser, idp } = await start({ log });
    await toIdp(browser, host);
    const { state = '' } = idp.requests.find(({ path }) => path === '/auth')?.query ?? {};
    const query = new URLSearchParams({ code: 'stolen-code', state, iss: idp.issuer }).toString();
    await browser.open(`${host.pageOrigin}/as/callback?${query}`);
    const back = await browser.press(await toIdp(browser, host), 'Log in', asAlice);
    const { searchParams } = callbackOf(back);
    expect(lines.join('\n')).toMatch(/login at the identity provider failed[\s\S]*logged in/);
    for (const secret of ['stolen-code', state, searchParams.get('code') ?? '-', idp.clientSecret]) {
      expect(lines.filter((text) => text.includes(secret))).toEqual([]);
    }
  });
});

describe('a provider that is down', () => {
  test('lets nobody new in, says so, and the same visit goes on when it is back', async () => {
    const { host, browser, idp } = await start();
    await idp.close();
    const page = await toIdp(browser, host);
    expect(page.status).toBe(503);
    expect(page.text).toContain('No new logins for now');
    expect(host.ends).toEqual([]);
  });

  test('in the middle of a login ends it on a page from which it can be begun again', async () => {
    const { host, browser, idp } = await start();
    const stop = createClientBrowser({ stopAt: ({ pathname }) => pathname === '/as/callback' });
    const { url } = await stop.press(await toIdp(stop, host), 'Log in', asAlice);
    for (const cookie of stop.cookies.all()) browser.cookies.plant(cookie);
    await idp.close();
    const page = await browser.open(url);
    expect(page.status).toBe(503);
    expect(page.text).toContain('href="/as/team-a/search/interaction/u1"');
    expect((await browser.open(`${host.pageOrigin}/as/team-a/search/interaction/u1`)).status).toBe(200);
  });
});
