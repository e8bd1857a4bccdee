import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { AuthServerOptions } from './app.ts';
import {
  authorizationUrl,
  createBrowser,
  createInstallation,
  createInstantLogin,
  getCode,
  openSite,
  redirectUri,
  search,
  testSettings,
  tokenRequest,
  toTokens,
  type Answer,
  type TestSite,
} from './auth-fixture.test-support.ts';
import { openDocumentServer, type DocumentServer } from './document-server.test-support.ts';
import { createGuardedFetch } from './guarded-fetch.ts';

async function begin(site: TestSite, clientId: string, uri = redirectUri): Promise<Answer> {
  const { url } = authorizationUrl(site, search, { clientId, redirectUri: uri });
  return createBrowser().open(url);
}

describe('a client whose id is the URL of its document', () => {
  let documents: DocumentServer;
  const sites: TestSite[] = [];
  const login = createInstantLogin();

  // The library looks for Node's own fetch agent, which jest hides, and warns that its guard is off. Ours does not need it.
  beforeAll(() => {
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  beforeEach(async () => {
    documents = await openDocumentServer((request, response) => {
      const url = `${documents.origin}${request.url ?? ''}`;
      const document = {
        client_id: request.url === '/liar' ? `${documents.origin}/client` : url,
        client_name: 'Some Client',
        redirect_uris: ['http://localhost/callback', 'https://evil.example/callback'],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: request.url === '/secret' ? 'client_secret_post' : 'none',
      };
      response.end(JSON.stringify(document));
    });
  });
  afterEach(() => {
    for (const site of sites.splice(0)) site.close();
    documents.close();
  });

  async function openServer(overrides: Partial<AuthServerOptions> = {}): Promise<TestSite> {
    const fetchDocument = createGuardedFetch({
      resolve: async () => ['127.0.0.1'],
      isAllowedAddress: () => true,
      ca: documents.ca,
    });
    const server = createInstallation().createReplica({ fetchDocument, login, ...overrides });
    const site = await openSite(search, () => server);
    sites.push(site);
    return site;
  }

  test('logs in without registration, and its document is fetched once', async () => {
    const site = await openServer();
    const client = { clientId: `${documents.origin}/client`, redirectUri };
    for (let logins = 0; logins < 2; logins += 1) {
      const { parameters } = await getCode(site, search, client);
      const { access } = toTokens(await tokenRequest(site, search, parameters));
      expect(decodeJwt(access)['client_id']).toBe(client.clientId);
    }
    expect(documents.requests).toEqual(['/client']);
    expect(login.seen.at(-1)?.client).toEqual({ id: client.clientId, kind: 'metadata', name: 'Some Client' });
  });

  test.each([
    ['claims another’s id', '/liar'],
    ['wants a shared secret', '/secret'],
  ])('is refused when its document %s', async (_name, path) => {
    const site = await openServer();
    const answer = await begin(site, `${documents.origin}${path}`);
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    expect(answer.text).toContain('invalid_client');
  });

  test('of which there are two is sent to the document’s redirect only, and not to https ones that nobody allowed', async () => {
    const site = await openServer();
    const id = `${documents.origin}/client`;
    expect((await begin(site, id)).status).toBe(303);
    for (const uri of [
      'http://localhost:33418/other',
      'https://evil.example/callback',
      'http://evil.example/callback',
    ]) {
      const answer = await begin(site, id, uri);
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
      expect(answer.text).toContain('invalid_redirect_uri');
    }
  });

  test('is not fetched from a host or port that the list does not name', async () => {
    for (const allow of [[], ['other.client.example:*'], ['documents.client.example'], ['*.example:*']]) {
      const site = await openServer({ settings: { ...testSettings, clientMetadata: { enabled: true, allow } } });
      expect((await begin(site, `${documents.origin}/client`)).status).toBe(400);
    }
    expect(documents.requests).toEqual([]);
  });

  test.each(['169.254.169.254', '127.0.0.1', '::1', '10.0.0.1'])(
    'is refused when its listed host resolves to %s',
    async (address) => {
      const fetchDocument = createGuardedFetch({ resolve: async () => [address], ca: documents.ca });
      const site = await openServer({ fetchDocument });
      const answer = await begin(site, `${documents.origin}/client`);
      expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('invalid_client')]);
      expect(documents.requests).toEqual([]);
    },
  );

  test('is unknown where such clients are off, and metadata says so', async () => {
    const site = await openServer({ settings: { ...testSettings, clientMetadata: { enabled: false, allow: [] } } });
    expect((await begin(site, `${documents.origin}/client`)).status).toBe(400);
    expect(documents.requests).toEqual([]);
  });

  test('whose document is gone after a restart in mid-login gets a page that says so', async () => {
    const fetchDocument = createGuardedFetch({
      resolve: async () => ['127.0.0.1'],
      isAllowedAddress: () => true,
      ca: documents.ca,
    });
    const installation = createInstallation();
    const site = await openSite(search, () => installation.createReplica({ fetchDocument }));
    sites.push(site);
    const browser = createBrowser();
    const client = { clientId: `${documents.origin}/client`, redirectUri };
    const begun = await browser.open(authorizationUrl(site, search, client).url);
    documents.close();
    const visit = await browser.open(new URL(begun.headers.get('location') ?? '', site.pageOrigin).href);
    expect([visit.status, visit.text]).toEqual([400, expect.stringContaining('invalid_client')]);
  });

  test('cannot make the server fetch without end', async () => {
    const site = await openServer();
    for (let at = 0; at < 35; at += 1) await begin(site, `${documents.origin}/client-${at}`);
    expect(documents.requests).toHaveLength(30);
  });
});
