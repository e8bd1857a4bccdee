import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anything, array, assert, asyncProperty, constantFrom, dictionary, oneof, string, tuple } from 'fast-check';
import {
  ask,
  authorizationUrl,
  createInstallation,
  openSite,
  register,
  search,
  type TestClient,
  type TestSite,
} from './auth-fixture.test-support.ts';

const installation = createInstallation();
let server = installation.createReplica();
let site: TestSite;
let client: TestClient;

beforeAll(async () => {
  site = await openSite(search, () => server);
  client = await register(site, search);
});
afterAll(() => site.close());

const mount = '/as/team-a/search';
const text = oneof(
  string(),
  constantFrom(
    '',
    'code',
    'mcp',
    'none',
    'login',
    'http://localhost/callback',
    '__proto__',
    'S256',
    '\u0000',
    '[]',
    '{}',
    '%',
  ),
);
const names =
  'client_id redirect_uri scope state resource response_type response_mode prompt max_age code_challenge code_challenge_method nonce ' +
  'claims request request_uri registration id_token_hint grant_type code refresh_token code_verifier client_secret token';
const parameter = constantFrom(...names.split(' '));
const parameters = array(tuple(parameter, text), { maxLength: 8 });
const runs = { numRuns: 150 };

test('no authorization request makes the server fail', async () => {
  await assert(
    asyncProperty(parameters, async (changes) => {
      server = installation.createReplica();
      const url = new URL(authorizationUrl(site, search, client).url);
      for (const [name, value] of changes) {
        if (value.length % 2 === 0) url.searchParams.set(name, value);
        else url.searchParams.append(name, value);
      }
      expect((await ask(url.href)).status).toBeLessThan(500);
    }),
    runs,
  );
});

test('no token, revocation or registration request makes the server fail', async () => {
  const value = anything({ maxDepth: 2, withBigInt: false });
  const metadata = dictionary(
    constantFrom(
      'redirect_uris',
      'client_name',
      'client_uri',
      'grant_types',
      'jwks',
      'contacts',
      '__proto__',
      'client_id',
    ),
    oneof(text, value, array(text, { maxLength: 3 })),
  );
  await assert(
    asyncProperty(parameters, metadata, text, async (form, body, raw) => {
      server = installation.createReplica();
      const query = new URLSearchParams();
      for (const [name, item] of form) query.append(name, item);
      if (raw.length % 2 === 0) query.append('client_id', client.clientId);
      const asForm = { 'content-type': 'application/x-www-form-urlencoded' };
      const asJson = { 'content-type': 'application/json' };
      const requests = [
        ask(`${site.origin}${mount}/token`, { method: 'POST', headers: asForm, body: query.toString() }),
        ask(`${site.origin}${mount}/token/revocation`, { method: 'POST', headers: asForm, body: query.toString() }),
        ask(`${site.origin}${mount}/token`, { method: 'POST', headers: asForm, body: raw }),
        ask(`${site.origin}${mount}/reg`, { method: 'POST', headers: asJson, body: JSON.stringify(body) }),
        ask(`${site.origin}${mount}/reg`, { method: 'POST', headers: asJson, body: raw }),
      ];
      for (const { status } of await Promise.all(requests)) expect(status).toBeLessThan(500);
    }),
    runs,
  );
});
