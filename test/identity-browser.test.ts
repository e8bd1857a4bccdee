/**
 * The same login in a real browser, which has the last word on hosts, cookies, frames and workers. TACHO_TEST_CHROMIUM is
 * its path; `test/tools/chromium.sh` unpacks one where there is none.
 */
import { spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chromium, type Browser, type Page, type Response } from 'playwright-core';
import { startLoginInstallation, type LoginInstallation } from './identity/installation.ts';
import { authorizationUrl, callTool, discover, redeem, register, tokensOf } from './identity/oauth-client.ts';
import type { SidecarProcess } from './identity/sidecar-process.ts';

const executablePath = findChromium();
const servers: Server[] = [];
let chrome: Browser;
let whole: LoginInstallation;
let search: SidecarProcess;

function findChromium(): string {
  const named = process.env['TACHO_TEST_CHROMIUM'] ?? '';
  if (named !== '') return named;
  return spawnSync(join(import.meta.dirname, 'tools/chromium.sh'), ['--cached'], { encoding: 'utf8' }).stdout.trim();
}

/** A page at another port of this machine. */
async function serve(html: string): Promise<string> {
  const server = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(html),
  );
  servers.push(server);
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  return `http://localhost:${port}`;
}

const answerFrom = async (page: Page, { origin }: URL): Promise<Response> =>
  page.waitForResponse((response) => response.url().startsWith(origin));

const url = (): string => search.urls[0] ?? '';

interface Begun {
  readonly page: Page;
  readonly start: URL;
  readonly finish: () => Promise<string>;
}

/** A client's login up to the page of consent; `finish` gives the token. */
async function begin(): Promise<Begun> {
  const redirect = `${await serve('<p>back at the client</p>')}/callback`;
  const found = await discover(await callTool(url()));
  const clientId = await register(found, redirect);
  const { start, verifier } = authorizationUrl(found, { clientId, redirect });
  const context = await chrome.newContext();
  const page = await context.newPage();
  return {
    page,
    start,
    async finish() {
      await page.goto(start.href);
      await page.getByRole('button', { name: /Continue/ }).click();
      await page.locator('input[name=username]').fill('alice');
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.waitForURL(({ pathname }) => pathname === '/callback');
      const code = new URL(page.url()).searchParams.get('code') ?? '';
      return tokensOf(await redeem(found, { clientId, code, verifier, redirect })).access;
    },
  };
}

if (executablePath === '') process.stderr.write('no Chromium (test/tools/chromium.sh): its tests are skipped\n');
const whenThere = executablePath === '' ? describe.skip : describe;

whenThere('in Chromium, through the sidecar’s port', () => {
  beforeAll(async () => {
    whole = await startLoginInstallation();
    search = await whole.start('search');
    chrome = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  });

  afterAll(async () => {
    await chrome.close();
    await search.close();
    for (const server of servers) server.closeAllConnections();
    for (const server of servers) server.close();
    await whole.close();
  });

  test('a person logs in, and the token calls; no cookie is the application’s', async () => {
    const { page, finish } = await begin();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    const token = await finish();
    expect((await callTool(url(), token)).status).toBe(200);
    const cookies = (await page.context().cookies()).filter(({ name }) => !name.startsWith('idp_'));
    expect(cookies.filter(({ domain, httpOnly }) => domain !== 'tachograph.localhost' || !httpOnly)).toEqual([]);
    expect(complaints.filter((text) => /policy|refused/i.test(text))).toEqual([]);
  });

  test('no page elsewhere frames, fetches or posts to the page of consent', async () => {
    const { page, start } = await begin();
    const [answer] = await Promise.all([
      answerFrom(page, start),
      page.goto(await serve(`<iframe src="${start.href.replaceAll('&', '&amp;')}"></iframe>`)),
    ]);
    expect(answer.status()).toBe(403);
    const read = await page.evaluate(
      `fetch(${JSON.stringify(start.href)}, { credentials: 'include' }).catch((error) => error.name)`,
    );
    expect(read).toBe('TypeError');
    const [fetched] = await Promise.all([
      answerFrom(page, start),
      page.evaluate(`fetch(${JSON.stringify(start.href)}, { mode: 'no-cors', credentials: 'include' })`),
    ]);
    expect(fetched.status()).toBe(403);
    const form = `<form method="post" action="${start.origin}${start.pathname}"><button>win a prize</button></form>`;
    await page.goto(await serve(form));
    const [posted] = await Promise.all([answerFrom(page, start), page.getByRole('button').click()]);
    expect(posted.status()).toBe(403);
  });

  test('no service worker is installed on the host of the pages', async () => {
    const { page, start } = await begin();
    await page.goto(start.href);
    const tried = await page.evaluate(
      `navigator.serviceWorker.register(${JSON.stringify(page.url())}).catch((error) => error.message)`,
    );
    expect(tried).toMatch(/403|ServiceWorker|Content Security Policy/);
    expect(await page.evaluate('navigator.serviceWorker.getRegistrations().then((all) => all.length)')).toBe(0);
  });
});
