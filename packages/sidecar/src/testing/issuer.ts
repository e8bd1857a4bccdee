/** An issuer of tokens for tests. */
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import type { JwksPayload } from '@tachograph/protocol';

export const testAudience = 'tachograph://local/default/local';

export type TestIssuerEntry = JwksPayload['issuers'][number];

export interface TestIssuer {
  readonly payload: JwksPayload;
  /** A token that expires at `expiresAtS` (default: in an hour). */
  sign(claims?: JWTPayload, expiresAtS?: number): Promise<string>;
}

/** `entry`: what the statement says of it beside keys. */
export async function createTestIssuer(
  issuer = 'https://login.example/as/default/local',
  entry: Partial<TestIssuerEntry> = {},
): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const key = { ...(await exportJWK(publicKey)), kid: 'k1' };
  return {
    payload: {
      v: 1,
      issuedAt: '2026-01-01T00:00:00Z',
      notAfter: '2099-01-01T00:00:00Z',
      issuers: [{ issuer, subjectType: 'human', audiences: [], groupsClaim: 'groups', keys: [key], ...entry }],
    },
    sign: async (claims = {}, expiresAtS = Math.floor(Date.now() / 1000) + 3600) =>
      new SignJWT({ iss: issuer, sub: 'alice', aud: testAudience, exp: expiresAtS, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .sign(privateKey),
  };
}
