/** Accepted issuers with their keys, from the signed statement or a file. */
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import { jwksPayload, type JwksPayload } from '@tachograph/protocol';

export type SubjectType = 'human' | 'workload' | 'ci';

export interface Issuer {
  readonly issuer: string;
  readonly subjectType: SubjectType;
  readonly audiences: readonly string[];
  readonly groupsClaim: string | undefined;
  readonly keys: JWTVerifyGetKey;
}

/** Compiles a key set; an issuer whose keys cannot be read has none, so its tokens are refused. */
export function toIssuers(payload: JwksPayload): ReadonlyMap<string, Issuer> {
  return new Map(
    payload.issuers.map(({ issuer, subjectType, audiences, groupsClaim, keys }) => [
      issuer,
      {
        issuer,
        subjectType,
        audiences,
        groupsClaim,
        keys: createLocalJWKSet({ keys: keys.map((key) => ({ ...key, kty: String(key['kty']) })) }),
      },
    ]),
  );
}

/** Reads the payload of a `jwks` statement, or the file that replaces it; `undefined` when it is none. */
export function parseIssuers(json: string): JwksPayload | undefined {
  try {
    const result = jwksPayload.safeParse(JSON.parse(json));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
