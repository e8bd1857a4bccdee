import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { JWK } from 'jose';
import type { SigningKey } from './auth-keys.ts';

/** Makes an ES256 private key. */
export function createSigningJwk(): JWK {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'ES256', use: 'sig' };
}

/** The key that signs at `nowMs`: the newest whose time has come. */
export function signingKeyAt(keys: readonly SigningKey[], nowMs: number): SigningKey | undefined {
  const ordered = keys.toSorted((a, b) => a.signsFromMs - b.signsFromMs);
  return ordered.findLast((key) => key.signsFromMs <= nowMs) ?? ordered[0];
}

/** The public halves, those that do not sign yet included. */
export function publicJwks(keys: readonly SigningKey[]): readonly JWK[] {
  return keys.map(({ jwk: { d: _private, ...jwk } }) => jwk);
}
