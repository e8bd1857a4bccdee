import { afterEach, expect, test } from '@jest/globals';
import type { LogFields, Logger } from '@tachograph/service';
import {
  authorizationUrl,
  createBrowser,
  createInstallation,
  createInstantLogin,
  getCode,
  logIn,
  openSite,
  refreshRequest,
  register,
  search,
  tokenRequest,
  type TestSite,
} from './auth-fixture.test-support.ts';

const sites: TestSite[] = [];

const failing = async (): Promise<never> => Promise.reject(new Error('no route to 10.96.0.1'));

afterEach(() => {
  for (const site of sites.splice(0)) site.close();
});

test('a store that is down refuses everybody, says nothing of itself to callers, and is logged without secrets', async () => {
  const installation = createInstallation();
  const lines: string[] = [];
  const line = (message: string, fields?: LogFields): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Logger = { debug: line, info: line, warn: line, error: line, child: () => log };
  let isDown = false;
  const { store } = installation;
  const server = installation.createReplica({
    log,
    store: {
      read: (key) => (isDown ? failing() : store.read(key)),
      write: (key, entry, version) => (isDown ? failing() : store.write(key, entry, version)),
      remove: (key) => (isDown ? failing() : store.remove(key)),
      keysOf: (index) => (isDown ? failing() : store.keysOf(index)),
    },
  });
  const site = await openSite(search, () => server);
  sites.push(site);
  const { client, refresh } = await logIn(site, search);
  const { parameters } = await getCode(site, search, client);
  const browser = createBrowser();
  const begun = await browser.open(authorizationUrl(site, search, client).url);
  isDown = true;
  const answers = [
    await refreshRequest(site, search, client, refresh),
    await tokenRequest(site, search, parameters),
    await createBrowser().open(authorizationUrl(site, search, client).url),
    await browser.open(new URL(begun.headers.get('location') ?? '', site.pageOrigin).href),
  ];
  expect(answers.map(({ status }) => status)).toEqual([500, 500, 500, 500]);
  for (const { text } of answers) expect(text).not.toContain('10.96.0.1');
  expect(lines.join('\n')).toContain('no route to 10.96.0.1');
  for (const secret of [refresh, parameters['code'] ?? '-', parameters['code_verifier'] ?? '-']) {
    expect(lines.join('\n')).not.toContain(secret);
  }
  isDown = false;
  expect((await refreshRequest(site, search, client, refresh)).status).toBe(200);
});

test('a login that the person refuses goes back to the client as access_denied, with the issuer', async () => {
  const installation = createInstallation();
  const login = {
    ...createInstantLogin(),
    visit: (_request: unknown, _response: unknown, visit: Visit) => visit.refuse('no'),
  };
  const server = installation.createReplica({ login });
  const site = await openSite(search, () => server);
  sites.push(site);
  const client = await register(site, search);
  const landed = await createBrowser().follow(authorizationUrl(site, search, client).url);
  expect(Object.fromEntries(landed.searchParams)).toMatchObject({
    error: 'access_denied',
    error_description: 'no',
    state: 's1',
    iss: `${site.origin}/as/team-a/search`,
  });
});

interface Visit {
  refuse(description: string): Promise<void>;
}
