import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { UnsecuredJWT, exportSPKI, generateKeyPair, exportJWK, SignJWT, type JWTPayload } from 'jose';
import type { JwksPayload } from '@tachograph/protocol';
import type { TokenCheck } from '../call/ports.ts';
import { createTestIssuer, testAudience, type TestIssuerEntry } from '../testing/issuer.ts';
import { createTokenCheck } from './token-check.ts';
import type { ReviewOutcome } from './token-reviews.ts';

const hour = 3_600_000;

interface Held {
  payload: JwksPayload | undefined;
  nowMs: number;
  /** Tokens that were to be reviewed. */
  readonly asked: string[];
  review: (() => Promise<ReviewOutcome>) | undefined;
  readonly logged: unknown[];
  readonly check: TokenCheck;
}

function create(payload: JwksPayload): Held {
  const logged: unknown[] = [];
  const held: Held = {
    payload,
    nowMs: Date.now(),
    asked: [],
    review: undefined,
    logged,
    check: createTokenCheck({
      issuers: {
        current: () => held.payload,
        review: async (token) => {
          held.asked.push(token);
          return (await held.review?.()) ?? { kind: 'unavailable' };
        },
      },
      audience: testAudience,
      clock: { nowMs: () => held.nowMs, monotonicNs: () => held.nowMs * 1e6 },
      log: { error: (message, fields) => void logged.push([message, fields]) },
      digest: (text) => `digest of ${text.length}`,
    }),
  };
  return held;
}

function withEntry(payload: JwksPayload, entry: Partial<TestIssuerEntry>): JwksPayload {
  return { ...payload, issuers: payload.issuers.map((one) => ({ ...one, ...entry })) };
}

/** Verdict of a fresh check on a token of an issuer that is listed so. */
async function verdictOn(claims: JWTPayload, entry: Partial<TestIssuerEntry> = {}, expiresAtS?: number) {
  const issuer = await createTestIssuer('https://idp.example', entry);
  return create(issuer.payload).check.check(await issuer.sign(claims, expiresAtS));
}

const refused = (reason: string) => ({ kind: 'refused', reason });

const nowS = (): number => Math.floor(Date.now() / 1000);

const groupsOf = async (claims: JWTPayload, entry: Partial<TestIssuerEntry> = {}) => {
  const verdict = await verdictOn(claims, entry);
  return verdict.kind === 'known' ? [verdict.principal.groups, verdict.principal.groups_unknown] : verdict;
};

const active = async (): Promise<ReviewOutcome> => ({ kind: 'active', ttlMs: 60_000 });

describe('a verified token', () => {
  test('is answered at once until it expires', async () => {
    const issuer = await createTestIssuer();
    const held = create(issuer.payload);
    const token = await issuer.sign({ jti: 'abc' });
    const first = held.check.check(token);
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toMatchObject({ kind: 'known', principal: { sub: 'alice', jti_hmac: 'digest of 3' } });
    expect(held.check.check(token)).toMatchObject({ kind: 'known' });
    held.nowMs += hour + 31_000;
    expect(await held.check.check(token)).toEqual({ kind: 'refused', reason: 'token_expired' });
  });

  test('is forgotten with the keys that signed it', async () => {
    const [issuer, next] = await Promise.all([createTestIssuer(), createTestIssuer()]);
    const held = create(issuer.payload);
    const token = await issuer.sign();
    expect(await held.check.check(token)).toMatchObject({ kind: 'known' });
    held.payload = next.payload;
    expect(await held.check.check(token)).toEqual({ kind: 'refused', reason: 'token_signature' });
    held.payload = undefined;
    expect(await held.check.check(token)).toEqual({ kind: 'refused', reason: 'token_issuer' });
    expect(held.check.unavailable()).toBe('no accepted issuers are known');
  });

  test('stays verified when the same issuers are only signed anew', async () => {
    const issuer = await createTestIssuer();
    const held = create(issuer.payload);
    const token = await issuer.sign();
    await held.check.check(token);
    held.payload = structuredClone({ ...issuer.payload, issuedAt: '2026-06-01T00:00:00Z' });
    expect(held.check.check(token)).toMatchObject({ kind: 'known' });
  });

  test('may be for an audience that its issuer is listed with', async () => {
    const entry = { audiences: ['api://tools'] };
    expect(await verdictOn({ aud: 'api://tools' }, entry)).toMatchObject({ kind: 'known' });
    expect(await verdictOn({ aud: ['x', testAudience] }, entry)).toMatchObject({ kind: 'known' });
    expect(await verdictOn({ aud: 'api://other' }, entry)).toMatchObject({ reason: 'token_audience' });
  });
});

describe('a token is refused', () => {
  test.each<readonly [string, () => Promise<unknown>, string]>([
    ['that expired two minutes ago', async () => verdictOn({}, {}, nowS() - 120), 'token_expired'],
    ['that is valid in two minutes', async () => verdictOn({ nbf: nowS() + 120 }), 'token_claims'],
    ['that was issued in two minutes', async () => verdictOn({ iat: nowS() + 120 }), 'token_claims'],
    ['whose iat is no number', async () => verdictOn({ iat: 'now' as unknown as number }), 'token_claims'],
    ['that never expires', async () => verdictOn({ exp: undefined as unknown as number }), 'token_claims'],
    ['that lives for more than a day', async () => verdictOn({ iat: nowS() }, {}, nowS() + 86_401), 'token_lifetime'],
    ['that does not say since when it lives a year', async () => verdictOn({}, {}, nowS() + 3e7), 'token_lifetime'],
    [
      'of a ServiceAccount that lives for more than an hour',
      async () => verdictOn({ iat: nowS() - 10 }, { maxLifetimeSeconds: 3600 }, nowS() + 3591),
      'token_lifetime',
    ],
    ['whose subject is too long', async () => verdictOn({ sub: 's'.repeat(513) }), 'token_claims'],
    ['longer than 16 KiB', async () => verdictOn({ pad: 'p'.repeat(16_384) }), 'token_too_long'],
    [
      'of a subject that its issuer is not accepted for',
      async () => verdictOn({}, { subjects: ['b*'] }),
      'token_subject',
    ],
  ])('%s', async (_name, verdict, reason) => {
    expect(await verdict()).toEqual(refused(reason));
  });

  test('that has no signature, whatever it calls its algorithm', async () => {
    const issuer = await createTestIssuer();
    const { check } = create(issuer.payload);
    const iss = issuer.payload.issuers[0]?.issuer ?? '';
    const token = new UnsecuredJWT({ iss, sub: 'alice', aud: testAudience }).setExpirationTime('1h').encode();
    expect(await check.check(token)).toEqual(refused('token_algorithm'));
    for (const alg of ['None', 'nOnE', 'NONE', '']) {
      const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
      expect(await check.check(`${header}.${token.split('.')[1]}.`)).toMatchObject({ kind: 'refused' });
    }
  });

  test('that is signed by HS256 with the public key as the secret', async () => {
    const { publicKey } = await generateKeyPair('RS256', { extractable: true });
    const key = { ...(await exportJWK(publicKey)), kid: 'k1' };
    const { payload } = await createTestIssuer('https://idp.example', { keys: [key] });
    for (const secret of [await exportSPKI(publicKey), JSON.stringify(key), Buffer.from(String(key.n), 'base64url')]) {
      const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
      const token = await new SignJWT({ sub: 'alice' })
        .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
        .setIssuer('https://idp.example')
        .setAudience(testAudience)
        .setExpirationTime('1h')
        .sign(bytes);
      expect(await create(payload).check.check(token)).toEqual(refused('token_algorithm'));
    }
  });

  test('whose claims were changed after it was signed', async () => {
    const issuer = await createTestIssuer();
    const [header, body = '', sig] = (await issuer.sign()).split('.');
    const claims: object = JSON.parse(Buffer.from(body, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url');
    const { check } = create(issuer.payload);
    expect(await check.check(`${header}.${forged}.${sig}`)).toEqual(refused('token_signature'));
  });

  test('that asks for an extension which is not understood', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }];
    const { payload } = await createTestIssuer('https://idp.example', { keys });
    const token = await new SignJWT({ iss: 'https://idp.example', sub: 'alice', aud: testAudience })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1', crit: ['x-ext'], 'x-ext': 1 })
      .setExpirationTime('1h')
      .sign(privateKey, { crit: { 'x-ext': true } });
    expect(await create(payload).check.check(token)).toMatchObject({ kind: 'refused' });
  });

  test.each(['', '.', '..', 'a.b', 'a.b.c', 'e30.e30.', '{"iss":1}', '\u0000.\u0000.\u0000'])(
    'that is none: %j',
    async (token) => {
      const { payload } = await createTestIssuer();
      expect(await create(payload).check.check(token)).toMatchObject({ kind: 'refused' });
    },
  );
});

describe('keys', () => {
  test('rotate: the old and the new one verify while both are published', async () => {
    const [old, next] = await Promise.all([createTestIssuer(), createTestIssuer()]);
    const keys = [old, next].flatMap(
      ({ payload }, n) => payload.issuers[0]?.keys.map((key) => ({ ...key, kid: `k${n + 1}` })) ?? [],
    );
    const held = create(withEntry(old.payload, { keys }));
    expect(await held.check.check(await old.sign())).toMatchObject({ kind: 'known' });
    held.payload = withEntry(old.payload, { keys: keys.slice(1) });
    expect(await held.check.check(await old.sign())).toEqual({ kind: 'refused', reason: 'token_signature' });
  });

  test('that the controller could not read leave callers unidentified, not at fault', async () => {
    expect(await verdictOn({}, { keys: [] })).toEqual({ kind: 'unavailable', reason: 'issuer_keys' });
  });

  test('stay those of before while the controller cannot read them, as long as the issuer is accepted', async () => {
    const issuer = await createTestIssuer();
    const held = create(issuer.payload);
    await held.check.check(await issuer.sign());
    held.payload = withEntry(issuer.payload, { keys: [], subjects: ['alice'] });
    expect(await held.check.check(await issuer.sign())).toMatchObject({ kind: 'known' });
    expect(await held.check.check(await issuer.sign({ sub: 'bob' }))).toMatchObject({ reason: 'token_subject' });
    held.payload = { ...issuer.payload, issuers: [] };
    expect(await held.check.check(await issuer.sign())).toMatchObject({ reason: 'token_issuer' });
    held.payload = withEntry(issuer.payload, { keys: [] });
    expect(await held.check.check(await issuer.sign())).toMatchObject({ reason: 'issuer_keys' });
  });

  test('by the thousand are not used, and the log says so', async () => {
    const issuer = await createTestIssuer();
    const [key = {}] = issuer.payload.issuers[0]?.keys ?? [];
    const keys = Array.from({ length: 1000 }, (_none, n) => ({ ...key, kid: `k${n}` }));
    const held = create(withEntry(issuer.payload, { keys }));
    expect(await held.check.check(await issuer.sign())).toEqual({ kind: 'unavailable', reason: 'issuer_keys' });
    await held.check.check(await issuer.sign());
    expect(held.logged).toEqual([
      ['issuer has too many keys, so none is used', expect.objectContaining({ keys: 1000, most: 100 })],
    ]);
  });

  test('that are no keys refuse, and do not throw', async () => {
    const keys = [{ kid: 'k1', kty: 'EC', crv: 'P-256', x: '!', y: '' }];
    expect(await verdictOn({}, { keys })).toEqual({ kind: 'refused', reason: 'token_signature' });
  });
});

describe('groups', () => {
  const many = Array.from({ length: 201 }, (_none, n) => `g${n}`);

  test('are those of the issuer’s claim', async () => {
    expect(await groupsOf({ roles: ['dev', 7, 'ops'], groups: ['x'] }, { groupsClaim: 'roles' })).toEqual([
      ['dev', 'ops'],
      undefined,
    ]);
    expect(await groupsOf({ groups: many.slice(1) })).toEqual([many.slice(1), undefined]);
  });

  test('are none where the issuer is listed without a claim for them', async () => {
    const issuer = await createTestIssuer();
    const issuers = issuer.payload.issuers.map(({ groupsClaim: _none, ...rest }) => rest);
    const verdict = await create({ ...issuer.payload, issuers }).check.check(await issuer.sign({ groups: ['admin'] }));
    expect(verdict).toMatchObject({ kind: 'known' });
    expect(verdict).not.toHaveProperty('principal.groups');
  });

  test('may be two hundred, each with an id as Entra writes them', async () => {
    const ids = many.slice(1).map(() => crypto.randomUUID());
    expect(await groupsOf({ groups: ids })).toEqual([ids, undefined]);
  });

  test('that exceed the limits are unknown, all of them', async () => {
    expect(await groupsOf({ groups: many })).toEqual([undefined, 'limit']);
    expect(await groupsOf({ groups: ['dev', 'g'.repeat(257)] })).toEqual([undefined, 'limit']);
    expect(await groupsOf({ groups: ['g'.repeat(256)] })).toEqual([['g'.repeat(256)], undefined]);
  });

  test.each<readonly [string, JWTPayload]>([
    ['_claim_names', { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph' } } }],
    ['hasgroups', { hasgroups: true }],
  ])('that the token names elsewhere are unknown (%s)', async (_name, claims) => {
    expect(await groupsOf(claims)).toEqual([undefined, 'overage']);
  });
});

describe('subjects', () => {
  const github = {
    subjectType: 'ci' as const,
    audiences: ['https://mcp.corp.example'],
    subjects: ['repo:corp/*'],
  };
  const claims = {
    sub: 'repo:corp/tools:ref:refs/heads/main',
    aud: 'https://mcp.corp.example',
    jti: 'example-id',
    ref: 'refs/heads/main',
    repository: 'corp/tools',
    repository_owner: 'corp',
    actor: 'alice',
    workflow: 'deploy',
    runner_environment: 'github-hosted',
  };

  test('of CI are told apart from people and ServiceAccounts', async () => {
    const ci = await verdictOn(claims, github);
    expect(ci).toMatchObject({
      kind: 'known',
      principal: { iss: 'https://idp.example', sub: claims.sub, type: 'ci', jti_hmac: 'digest of 10' },
    });
    expect(ci).not.toHaveProperty('principal.client_id');
    expect(await verdictOn({ sub: 'system:serviceaccount:a:b' }, { subjectType: 'workload' })).toMatchObject({
      principal: { type: 'workload' },
    });
  });

  test('of another organisation at the same public issuer are refused', async () => {
    const sub = 'repo:evil/tools:ref:refs/heads/main';
    expect(await verdictOn({ ...claims, sub }, github)).toEqual({ kind: 'refused', reason: 'token_subject' });
  });

  test('the client is the one that the token was issued to', async () => {
    expect(await verdictOn({ client_id: 'cli', azp: 'other' })).toMatchObject({ principal: { client_id: 'cli' } });
    expect(await verdictOn({ azp: 'portal' })).toMatchObject({ principal: { client_id: 'portal' } });
  });
});

describe('a revocation', () => {
  const before = '2026-11-21T10:00:00.500Z';
  const atS = Math.floor(Date.parse(before) / 1000);

  async function revokedFor(claims: JWTPayload, iss?: string, issuer = 'tachograph://c/as/n/w') {
    const signer = await createTestIssuer(issuer);
    const held = create(signer.payload);
    held.nowMs = Date.parse(before) + 60_000;
    const token = await signer.sign(claims, atS + 3000);
    expect(await held.check.check(token)).toMatchObject({ kind: 'known' });
    held.payload = { ...signer.payload, revoked: [{ sub: 'alice', before, ...(iss === undefined ? {} : { iss }) }] };
    const verdict = await held.check.check(token);
    return verdict.kind === 'refused' ? verdict.reason : verdict.kind;
  }

  test('ends a token that is remembered, at its next use', async () => {
    expect(await revokedFor({ iat: atS })).toBe('token_revoked');
    expect(await revokedFor({ iat: atS - 100 })).toBe('token_revoked');
  });

  test('ends a token that does not say when it was issued', async () => {
    expect(await revokedFor({})).toBe('token_revoked');
  });

  test('ends neither a later login nor another person', async () => {
    expect(await revokedFor({ iat: atS + 1 })).toBe('known');
    expect(await revokedFor({ sub: 'bob', iat: atS - 100 })).toBe('known');
  });

  test('ends a token that a replica refreshed after it, by the time of the login', async () => {
    expect(await revokedFor({ iat: atS + 2, auth_time: atS - 600 })).toBe('token_revoked');
    expect(await revokedFor({ iat: atS + 2, auth_time: atS + 1 })).toBe('known');
    expect(await revokedFor({ iat: atS + 31, auth_time: atS - 600 }, undefined, 'https://idp.example')).toBe('known');
  });

  test('stays known although another replica does not tell it yet, for a day', async () => {
    const signer = await createTestIssuer();
    const held = create(signer.payload);
    held.nowMs = Date.parse(before) + 1000;
    const tell = (...revoked: NonNullable<JwksPayload['revoked']>): void => {
      held.payload = { ...signer.payload, revoked };
    };
    const later = '2026-11-21T11:00:00.000Z';
    const [token, next] = await Promise.all([
      signer.sign({ iat: atS }, atS + 80_000),
      signer.sign({ iat: atS + 1800 }, atS + 80_000),
    ]);
    tell({ sub: 'alice', before });
    expect(await held.check.check(token)).toMatchObject({ reason: 'token_revoked' });
    tell();
    expect(await held.check.check(token)).toMatchObject({ reason: 'token_revoked' });
    held.nowMs = Date.parse(later);
    expect(await held.check.check(next)).toMatchObject({ kind: 'known' });
    tell({ sub: 'alice', before: later });
    expect(await held.check.check(next)).toMatchObject({ reason: 'token_revoked' });
    held.nowMs += 86_400_000 + 31_000;
    tell();
    expect(await held.check.check(await signer.sign({}, held.nowMs / 1000 + 60))).toMatchObject({ kind: 'known' });
  });

  test('counts the skew of another issuer’s clock', async () => {
    expect(await revokedFor({ iat: atS + 30 }, undefined, 'https://idp.example')).toBe('token_revoked');
    expect(await revokedFor({ iat: atS + 31 }, undefined, 'https://idp.example')).toBe('known');
  });

  test('of one issuer ends its tokens, and those of logins behind it', async () => {
    expect(await revokedFor({ iat: atS }, 'tachograph://c/as/n/w')).toBe('token_revoked');
    expect(await revokedFor({ iat: atS, upstream_iss: 'https://idp' }, 'https://idp')).toBe('token_revoked');
    expect(await revokedFor({ iat: atS }, 'https://idp')).toBe('known');
  });

  test('whose time cannot be read ends everything of the subject', async () => {
    const issuer = await createTestIssuer();
    const held = create({ ...issuer.payload, revoked: [{ sub: 'alice', before: 'soon' }] });
    expect(await held.check.check(await issuer.sign({ iat: Math.floor(Date.now() / 1000) }))).toMatchObject({
      reason: 'token_revoked',
    });
  });
});

describe('a token that must be reviewed', () => {
  let held: Held;
  let token: string;
  beforeEach(async () => {
    const issuer = await createTestIssuer('https://cluster', { subjectType: 'workload', review: true });
    held = create(issuer.payload);
    token = await issuer.sign({ sub: 'system:serviceaccount:a:b' });
  });

  test('is asked about once for many calls, and the record says when', async () => {
    // Verified, but not reviewed: from now on every call comes to the review at once.
    expect(await held.check.check(token)).toEqual({ kind: 'unavailable', reason: 'token_review' });
    held.review = active;
    const reviewed = new Date(held.nowMs).toISOString();
    const answers = Array.from({ length: 10 }, () => held.check.check(token));
    const verdicts = await Promise.all(answers.map(async (answer) => answer));
    expect(new Set(verdicts.map(({ kind }) => kind))).toEqual(new Set(['known']));
    expect(held.check.check(token)).toMatchObject({ kind: 'known', principal: { type: 'workload', reviewed } });
    expect(held.asked).toEqual([token, token]);
  });

  test('is asked about again while the last answer still holds', async () => {
    held.review = active;
    await held.check.check(token);
    held.nowMs += 30_000;
    expect(held.check.check(token)).toMatchObject({ kind: 'known' });
    expect(held.asked).toHaveLength(2);
  });

  test('is refused within a minute of its end', async () => {
    held.review = active;
    await held.check.check(token);
    held.review = async () => ({ kind: 'inactive', ttlMs: 60_000 });
    held.nowMs += 60_000;
    expect(await held.check.check(token)).toEqual({ kind: 'refused', reason: 'token_revoked' });
    expect(held.check.check(token)).toEqual({ kind: 'refused', reason: 'token_revoked' });
    // It was refused because its pod was only just made, perhaps.
    held.review = active;
    held.nowMs += 10_000;
    expect(await held.check.check(token)).toMatchObject({ kind: 'known' });
  });

  test('is judged by the last answer for a minute when nobody can be asked, and then by none', async () => {
    held.review = active;
    await held.check.check(token);
    held.review = undefined;
    held.nowMs += 59_999;
    expect(held.check.check(token)).toMatchObject({ kind: 'known' });
    held.nowMs += 1;
    expect(await held.check.check(token)).toEqual({ kind: 'unavailable', reason: 'token_review' });
    held.review = active;
    expect(await held.check.check(token)).toMatchObject({ kind: 'known' });
  });

  test('is as old as the question, not as the answer', async () => {
    held.review = async () => {
      held.nowMs += 50_000;
      return active();
    };
    await held.check.check(token);
    held.review = undefined;
    held.nowMs += 10_000;
    expect(await held.check.check(token)).toEqual({ kind: 'unavailable', reason: 'token_review' });
  });

  test('is believed no longer than a minute, whatever is answered', async () => {
    held.review = async () => ({ kind: 'active', ttlMs: 3_600_000 });
    await held.check.check(token);
    held.review = undefined;
    held.nowMs += 60_000;
    expect(await held.check.check(token)).toEqual({ kind: 'unavailable', reason: 'token_review' });
  });

  test('is not asked about when its signature does not verify', async () => {
    held.review = active;
    expect(await held.check.check(`${token.slice(0, -4)}AAAA`)).toMatchObject({ kind: 'refused' });
    expect(held.asked).toEqual([]);
  });
});
