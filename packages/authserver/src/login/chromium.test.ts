/**
 * The pages in a real browser, which has the last word on frames, forms and cookies. TACHO_TEST_CHROMIUM is its path;
 * `test/tools/chromium.sh` unpacks one where there is none.
 */
import { spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { chromium, type Browser, type Page } from 'playwright-core';
import { decodeJwt } from 'jose';
import { startStrictIdp } from '../testing/strict-idp.ts';
import { startLoginHost, type LoginHost } from './login-host.test-support.ts';
import { startWholeLogin } from './whole-login.test-support.ts';

const executablePath = findChromium();
const closers: (() => Promise<unknown>)[] = [];
let chrome: Browser;

function findChromium(): string {
  const named = process.env['TACHO_TEST_CHROMIUM'] ?? '';
  if (named !== '') return named;
  const script = fileURLToPath(new URL('../../../../test/tools/chromium.sh', import.meta.url));
  return spawnSync(script, ['--cached'], { encoding: 'utf8' }).stdout.trim();
}

if (executablePath === '') process.stderr.write('no Chromium (test/tools/chromium.sh): its tests are skipped\n');

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A page of an application that somebody forwarded to. */
async function startApplication(html: (port: number) => string): Promise<string> {
  const server = createServer();
  const port = await listen(server);
  server.on('request', (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(html(port));
  });
  return `http://localhost:${port}/`;
}

/** A client that waits for its answer; gives its redirect. */
async function startClient(): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>back at the client</p>');
  });
  return `http://localhost:${await listen(server)}/callback`;
}

async function start(): Promise<{ host: LoginHost; page: Page; complaints: string[] }> {
  const idp = await startStrictIdp({ redirectUris: ['http://localhost/as/callback'] });
  const redirectUri = await startClient();
  const host = await startLoginHost({ upstream: { issuer: idp.issuer }, visit: { redirectUri } });
  closers.push(
    () => idp.close(),
    () => host.close(),
  );
  const context = await chrome.newContext();
  closers.push(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  return { host, page, complaints };
}

const whenThere = executablePath === '' ? describe.skip : describe;

whenThere('in Chromium', () => {
  beforeAll(async () => {
    chrome = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  });
  afterEach(async () => {
    await Promise.all(closers.splice(0).map((close) => close()));
  });
  afterAll(async () => {
    await chrome.close();
  });

  test('consent leads over the provider back to the client, without a complaint about the policy', async () => {
    const { host, page, complaints } = await start();
    await page.goto(host.authUrl('u1').href);
    const posted = page.waitForRequest((request) => request.method() === 'POST');
    await page.getByRole('button', { name: /Continue/ }).click();
    const { origin, referer } = await (await posted).allHeaders();
    expect([origin, referer]).toEqual([host.pageOrigin, `${host.pageOrigin}/as/team-a/search/interaction/u1`]);
    await page.locator('input[name=username]').fill('alice');
    expect(await page.evaluate('document.referrer')).toBe('');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL((url) => url.pathname === '/callback');
    expect(host.ends).toMatchObject([{ uid: 'u1', kind: 'person', person: { subject: 'alice' } }]);
    expect(complaints.filter((text) => /policy|refused/i.test(text))).toEqual([]);
  });

  test('the whole auth server gives a client its token', async () => {
    const whole = await startWholeLogin();
    closers.push(() => whole.close());
    const context = await chrome.newContext();
    closers.push(() => context.close());
    const page = await context.newPage();
    const { url, verifier } = whole.begin(await startClient());
    await page.goto(url);
    await page.getByRole('button', { name: /Continue/ }).click();
    await page.locator('input[name=username]').fill('bob');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL(({ pathname }) => pathname === '/callback');
    const { access } = await whole.redeem(new URL(page.url()), verifier);
    expect(decodeJwt(access)).toMatchObject({ sub: 'bob', groups: ['data'] });
    const cookies = (await context.cookies()).filter(({ name }) => !name.startsWith('idp_'));
    expect(cookies.filter(({ domain, httpOnly }) => domain !== 'tachograph.localhost' || !httpOnly)).toEqual([]);
  });

  test('denial leads back to the client', async () => {
    const { host, page } = await start();
    await page.goto(host.authUrl('u1').href);
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.waitForURL((url) => url.searchParams.get('error') === 'access_denied');
    expect(host.ends).toMatchObject([{ uid: 'u1', kind: 'refused' }]);
  });

  test('an application cannot frame the consent page', async () => {
    const { host, page } = await start();
    await page.goto(await startApplication(() => `<iframe src="${host.authUrl('u1').href}"></iframe>`));
    const [, frame] = page.frames();
    expect(await frame?.locator('form, button, p').count()).toBe(0);
    expect(host.remembered()).toBe(0);
  });

  test('an application that opened the consent page can neither read it nor press its buttons', async () => {
    const { host, page } = await start();
    const url = host.authUrl('u1').href;
    const application = await startApplication(() => '<button onclick="w = window.open(url)">open</button>');
    await page.goto(application);
    await page.evaluate(`url = ${JSON.stringify(url)}`);
    const [opened] = await Promise.all([page.waitForEvent('popup'), page.getByRole('button').click()]);
    await opened.getByRole('button', { name: 'Deny' }).waitFor();
    const tried = await page.evaluate('try { w.document.forms[0].submit(); "pressed" } catch (error) { error.name }');
    expect(tried).toBe('SecurityError');
    const read = await page.evaluate(
      `fetch(${JSON.stringify(url)}, {credentials: 'include'}).catch((error) => error.name)`,
    );
    expect(read).toBe('TypeError');
    expect(host.ends).toEqual([]);
  });

  test('a form that an application posts to a visit in progress is refused, even with the right token', async () => {
    const { host, page } = await start();
    await page.goto(host.authUrl('u1').href);
    const csrf = await page.locator('input[name=csrf]').inputValue();
    const action = page.url();
    const other = await page.context().newPage();
    await other.goto(
      await startApplication(
        () => `<form method="post" action="${action}"><input name="csrf" value="${csrf}">
<button name="action" value="deny">win a prize</button></form>`,
      ),
    );
    const [answer] = await Promise.all([
      other.waitForResponse((response) => response.url() === action),
      other.getByRole('button').click(),
    ]);
    // The stand-in answers 404 without the cookie, which SameSite kept away.
    expect(answer.status()).toBe(404);
    expect(host.ends).toEqual([]);
  });

  test('the same host at another port is another origin: its post is refused although the cookie comes along', async () => {
    const { host, page } = await start();
    await page.goto(host.authUrl('u1').href);
    const csrf = await page.locator('input[name=csrf]').inputValue();
    const action = page.url();
    const application = await startApplication(
      () => `<form method="post" action="${action}"><input name="csrf" value="${csrf}">
<button name="action" value="deny">win a prize</button></form>`,
    );
    const other = await page.context().newPage();
    await other.goto(application.replace('localhost', 'tachograph.localhost'));
    const [answer] = await Promise.all([
      other.waitForResponse((response) => response.url() === action),
      other.getByRole('button').click(),
    ]);
    expect(answer.status()).toBe(403);
    expect(host.ends).toEqual([]);
  });
});
