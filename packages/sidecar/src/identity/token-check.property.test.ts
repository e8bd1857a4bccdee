import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { silentLogger, systemClock } from '@tachograph/service';
import { createTestIssuer, testAudience } from '../testing/issuer.ts';
import { createTokenCheck } from './token-check.ts';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const issuer = await createTestIssuer();
const [listed] = issuer.payload.issuers;
const revoked = [{ sub: 'alice', before: '2026-01-01T00:00:00Z' }];
const tokens = createTokenCheck({
  issuers: { current: () => ({ ...issuer.payload, revoked }) },
  audience: testAudience,
  clock: systemClock,
  log: silentLogger,
  digest: (text) => text,
});

test('whatever is sent instead of a token is refused, and nothing is thrown', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (token) => {
      expect(await tokens.check(token)).toMatchObject({ kind: 'refused' });
    }),
  );
});

test('whatever claims and header a stranger writes are refused, with any signature', async () => {
  const claims = fc.record(
    {
      iss: fc.constantFrom(listed?.issuer, 'https://evil.example', 7),
      sub: fc.constantFrom('alice', '', null),
      aud: fc.constantFrom(testAudience, [], [testAudience], 7),
      exp: fc.oneof(fc.constantFrom(4e9, -1), fc.jsonValue()),
      iat: fc.jsonValue(),
      groups: fc.jsonValue(),
      _claim_names: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const header = fc.record(
    {
      alg: fc.constantFrom('ES256', 'none', 'HS256', 'RS256', '', 7),
      kid: fc.constantFrom('k1', '', 'k2', 7),
      crit: fc.jsonValue(),
      b64: fc.jsonValue(),
      jwk: fc.jsonValue(),
      typ: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const signature = fc.uint8Array({ maxLength: 96 });
  await fc.assert(
    fc.asyncProperty(header, claims, signature, async (head, body, bytes) => {
      const token = `${encode(head)}.${encode(body)}.${Buffer.from(bytes).toString('base64url')}`;
      expect(await tokens.check(token)).toMatchObject({ kind: 'refused' });
    }),
  );
});

test('whatever the claims of an accepted issuer are, there is a verdict', async () => {
  const claims = fc.dictionary(
    fc.constantFrom(
      'sub',
      'iat',
      'exp',
      'nbf',
      'jti',
      'groups',
      'client_id',
      'azp',
      'hasgroups',
      '_claim_names',
      'email',
    ),
    fc.jsonValue(),
  );
  await fc.assert(
    fc.asyncProperty(claims, async (said) => {
      const token = await issuer.sign(said);
      expect(['known', 'refused']).toContain((await tokens.check(token)).kind);
    }),
  );
});
