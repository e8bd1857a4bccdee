import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { SignJWT, type JWTPayload } from 'jose';
import type { IssuerKeys } from '../ports.ts';
import { StillClock } from '../testing/still-clock.ts';
import { createPeople } from './people.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const audience = 'tachograph://test/controller';
const keys = [{ ...publicKey.export({ format: 'jwk' }), alg: 'EdDSA' }];
const cluster: IssuerKeys = { issuer: 'https://cluster', subjectType: 'workload', audiences: [], keys };
const company: IssuerKeys = {
  issuer: 'https://idp',
  subjectType: 'human',
  audiences: ['api'],
  groupsClaim: 'roles',
  keys,
};
const short: IssuerKeys = { ...company, issuer: 'https://short', maxLifetimeSeconds: 599 };
const clock = new StillClock();
const people = createPeople({ cluster: 'test', issuers: { current: () => [cluster, company, short] }, clock });

async function token(claims: JWTPayload, key = privateKey): Promise<string> {
  const exp = Math.floor(clock.nowMs() / 1000) + 600;
  return new SignJWT({ aud: audience, exp, ...claims }).setProtectedHeader({ alg: 'EdDSA' }).sign(key);
}

test('a person has the groups of the issuer’s claim and every name of the token', async () => {
  const claims = { iss: 'https://idp', sub: 'u1', roles: ['dba', 7], groups: ['x'], email: 'a@x', upn: 'a', oid: '' };
  await expect(people.person(await token(claims))).resolves.toEqual({
    iss: 'https://idp',
    sub: 'u1',
    type: 'human',
    groups: ['dba'],
    names: ['a@x', 'a'],
  });
});

test('a ServiceAccount has the groups that Kubernetes gives it', async () => {
  const person = await people.person(await token({ iss: 'https://cluster', sub: 'system:serviceaccount:ops:dba' }));
  expect(person).toMatchObject({ type: 'workload', groups: ['system:serviceaccounts', 'system:serviceaccounts:ops'] });
  // Only the cluster's own word makes one.
  const claimed = await people.person(await token({ iss: 'https://idp', sub: 'system:serviceaccount:ops:dba' }));
  expect(claimed).toMatchObject({ type: 'human', groups: [] });
});

test.each<readonly [string, JWTPayload, (typeof other)['privateKey']?]>([
  ['another key', { iss: 'https://idp', sub: 'u1' }, other.privateKey],
  ['an audience for calling', { iss: 'https://idp', sub: 'u1', aud: 'api' }],
  ['no subject', { iss: 'https://idp' }],
  ['a subject without end', { iss: 'https://idp', sub: 'u'.repeat(600) }],
  ['an issuer that nobody accepted', { iss: 'https://evil', sub: 'u1' }],
  ['a life of years', { iss: 'https://idp', sub: 'u1', exp: 4e9 }],
  ['a birth in time to come', { iss: 'https://idp', sub: 'u1', iat: Math.floor(clock.nowMs() / 1000) + 120 }],
  ['a longer life than its issuer gives', { iss: 'https://short', sub: 'u1' }],
  ['a time to come', { iss: 'https://idp', sub: 'u1', nbf: 4e9 }],
])('nobody is a token with %s', async (_name, claims, key = privateKey) => {
  await expect(people.person(await token(claims, key))).resolves.toBeUndefined();
});

test('nobody is what is no token', async () => {
  const header = Buffer.from('{"alg":"none"}').toString('base64url');
  const body = Buffer.from(JSON.stringify({ iss: 'https://idp', sub: 'u1', aud: audience })).toString('base64url');
  for (const text of ['', 'x', 'a.b.c', `${header}.${body}.`]) {
    await expect(people.person(text)).resolves.toBeUndefined();
  }
  expect([people.isMeant(`${header}.${body}.`), people.isMeant('x'), people.isMeant('')]).toEqual([true, false, false]);
});
