import { expect, test } from '@jest/globals';
import { discoverKeys, type Fetch } from './discover-keys.ts';

const issuer = 'https://issuer.example';

/** An issuer whose documents are given. */
function fetchFrom(documents: Readonly<Record<string, unknown>>): Fetch {
  return async (url) => {
    const body = documents[url.slice(issuer.length)];
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), {
      status: body === undefined ? 404 : 200,
    });
  };
}

const configuration = { '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys` } };

test('reads the keys that the configuration names, without private members', async () => {
  const keys = [{ kty: 'RSA', n: 'n', e: 'AQAB', d: 'private' }];
  await expect(discoverKeys(issuer, fetchFrom({ ...configuration, '/keys': { keys } }))).resolves.toEqual([
    { kty: 'RSA', n: 'n', e: 'AQAB' },
  ]);
});

test.each([
  [
    'names another issuer',
    { '/.well-known/openid-configuration': { issuer: 'https://evil', jwks_uri: `${issuer}/k` } },
  ],
  ['keeps its keys on plain http', { '/.well-known/openid-configuration': { issuer, jwks_uri: 'http://x/k' } }],
  ['does not answer', {}],
  ['answers no JSON', { ...configuration, '/keys': '<html>' }],
  ['answers without end', { ...configuration, '/keys': `"${'x'.repeat(600_000)}"` }],
  ['has too many keys', { ...configuration, '/keys': { keys: Array.from({ length: 101 }, () => ({ kty: 'RSA' })) } }],
])('refuses an issuer that %s', async (_what, documents) => {
  await expect(discoverKeys(issuer, fetchFrom(documents))).rejects.toMatchObject({ code: 'unavailable' });
});
