import { describe, expect, test } from '@jest/globals';
import type { JwksPayload } from '@tachograph/protocol';
import type { TokenCheck } from '../call/ports.ts';
import { createTestIssuer, testAudience } from '../testing/issuer.ts';
import { createTokenCheck } from './token-check.ts';

const hour = 3_600_000;

interface Held {
  payload: JwksPayload | undefined;
  nowMs: number;
  readonly check: TokenCheck;
}

function create(payload: JwksPayload): Held {
  const held: Held = {
    payload,
    nowMs: Date.now(),
    check: createTokenCheck({
      issuers: { current: () => held.payload },
      audience: testAudience,
      clock: { nowMs: () => held.nowMs, monotonicNs: () => 0 },
      digest: (text) => `digest of ${text.length}`,
    }),
  };
  return held;
}

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

  test('may be for an audience that its issuer is listed with', async () => {
    const issuer = await createTestIssuer();
    const [only] = issuer.payload.issuers;
    if (only === undefined) throw new Error('the issuer has a key set');
    const held = create({ ...issuer.payload, issuers: [{ ...only, audiences: ['api://tools'] }] });
    expect(await held.check.check(await issuer.sign({ aud: 'api://tools' }))).toMatchObject({ kind: 'known' });
    expect(await held.check.check(await issuer.sign({ aud: 'api://other' }))).toMatchObject({
      reason: 'token_audience',
    });
  });

  test('says no groups where the issuer is listed without a claim for them', async () => {
    const issuer = await createTestIssuer();
    const issuers = issuer.payload.issuers.map(({ groupsClaim: _none, ...rest }) => rest);
    const verdict = await create({ ...issuer.payload, issuers }).check.check(await issuer.sign({ groups: ['admin'] }));
    expect(verdict).toMatchObject({ kind: 'known' });
    expect(verdict).not.toHaveProperty('principal.groups');
  });
});
