import { expect, test } from '@jest/globals';
import { createSigningJwk, publicJwks, signingKeyAt } from './signing-keys.ts';

test('a new key is ES256, and its public half says nothing private', () => {
  const jwk = createSigningJwk();
  expect(jwk).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', d: expect.any(String) });
  const [published] = publicJwks([{ jwk, publishedAtMs: 0, signsFromMs: 0 }]);
  const { d: _private, ...expected } = jwk;
  expect(published).toEqual(expected);
});

test('of the keys whose time has come the newest signs, and before any has the first', () => {
  const keys = [300, 100, 200].map((at) => ({ jwk: { kty: 'EC', kid: `k${at}` }, publishedAtMs: 0, signsFromMs: at }));
  const signers = [0, 100, 250, 400].map((at) => signingKeyAt(keys, at)?.jwk.kid);
  expect(signers).toEqual(['k100', 'k100', 'k200', 'k300']);
});
