import { describe, expect, test } from '@jest/globals';
import { array, assert as agree, integer, property } from 'fast-check';
import type { SigningKey } from './auth-keys.ts';
import { createSigningJwk, defaultRotation, publicJwks, rotateSigningKeys, signingKeyAt } from './signing-keys.ts';

const day = 86_400_000;

function counted(): () => { kty: 'EC'; kid: string } {
  let made = 0;
  return () => ({ kty: 'EC', kid: `k${(made += 1)}` });
}

describe('rotation', () => {
  test('makes the first key sign at once', () => {
    const keys = rotateSigningKeys([], 5, { createJwk: counted() });
    expect(keys).toEqual([{ jwk: { kty: 'EC', kid: 'k1' }, publishedAtMs: 5, signsFromMs: 5 }]);
  });

  test('changes nothing, not even the array, before something is due', () => {
    const keys = rotateSigningKeys([], 0);
    expect(rotateSigningKeys(keys, 29 * day)).toBe(keys);
  });

  test('publishes a successor ten minutes before it signs, and keeps the old key until its tokens are over', () => {
    const createJwk = counted();
    const first = rotateSigningKeys([], 0, { createJwk });
    const due = 30 * day - defaultRotation.aheadMs;
    const both = rotateSigningKeys(first, due, { createJwk });
    expect(both.map(({ jwk }) => jwk.kid)).toEqual(['k1', 'k2']);
    expect(signingKeyAt(both, due)?.jwk.kid).toBe('k1');
    expect(signingKeyAt(both, due + defaultRotation.aheadMs - 1)?.jwk.kid).toBe('k1');
    expect(signingKeyAt(both, 30 * day)?.jwk.kid).toBe('k2');
    expect(rotateSigningKeys(both, 30 * day + defaultRotation.lingersMs - 1)).toBe(both);
    const after = rotateSigningKeys(both, 30 * day + defaultRotation.lingersMs);
    expect(after.map(({ jwk }) => jwk.kid)).toEqual(['k2']);
  });

  test('keeps who signed, and signs with nothing that was not published for ten minutes, whenever it runs', () => {
    agree(property(array(integer({ min: 1, max: 40 * day }), { maxLength: 30 }), (waits) => expectSafe(waits)));
  });
});

test('a new key is ES256, and its public half says nothing private', () => {
  const jwk = createSigningJwk();
  expect(jwk).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', d: expect.any(String) });
  const [published] = publicJwks([{ jwk, publishedAtMs: 0, signsFromMs: 0 }]);
  const { d: _private, ...expected } = jwk;
  expect(published).toEqual(expected);
});

function expectSafe(waits: readonly number[]): void {
  const createJwk = counted();
  let nowMs = 0;
  let keys: readonly SigningKey[] = rotateSigningKeys([], nowMs, { createJwk });
  for (const wait of waits) {
    // Who signed last before this rotation, and how long ago that can be.
    const signedUntil = signerAt(keys, nowMs + wait - 1).kid;
    nowMs += wait;
    keys = rotateSigningKeys(keys, nowMs, { createJwk });
    const signer = signerAt(keys, nowMs);
    expect(signer.kid === 'k1' || signer.publishedAtMs + defaultRotation.aheadMs <= nowMs).toBe(true);
    expect(keys.map(({ jwk }) => jwk.kid)).toContain(signedUntil);
  }
}

function signerAt(keys: readonly SigningKey[], atMs: number): { readonly kid: string; readonly publishedAtMs: number } {
  const key = signingKeyAt(keys, atMs);
  if (key?.jwk.kid === undefined) throw new Error('expected a key that signs');
  return { kid: key.jwk.kid, publishedAtMs: key.publishedAtMs };
}
