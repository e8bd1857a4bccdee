/** Accepted issuers with their keys, from the signed statement or a file. */
import { compileGlobs } from '@tachograph/policy';
import { jwksPayload, tokenLimits, type JwksPayload } from '@tachograph/protocol';
import type { Logger } from '@tachograph/service';
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';

export type SubjectType = 'human' | 'workload' | 'ci';

export interface Issuer {
  readonly issuer: string;
  readonly subjectType: SubjectType;
  readonly audiences: readonly string[];
  readonly groupsClaim: string | undefined;
  /** Whether the issuer is accepted for this subject. */
  readonly names: (sub: string) => boolean;
  readonly maxLifetimeSeconds: number;
  /** Tokens must be reviewed by the controller. */
  readonly review: boolean;
  /** `undefined`: there are none to verify with. */
  readonly keys: JWTVerifyGetKey | undefined;
}

/** An issuer with more is not one that we know how to ask; the controller reads no more of any either. */
const maxKeys = 100;

/**
 * Compiles a key set. An issuer whose keys could not be read keeps those that it had `before`: a controller that has just
 * started may not reach it. Without any, or with too many, its tokens are refused.
 */
export function toIssuers(
  payload: JwksPayload,
  before: ReadonlyMap<string, Issuer>,
  log: Pick<Logger, 'error'>,
): ReadonlyMap<string, Issuer> {
  return new Map(
    payload.issuers.map((listed) => {
      const known = listed.keys.length === 0 ? before.get(listed.issuer)?.keys : toKeys(listed, log);
      return [listed.issuer, toIssuer(listed, known)];
    }),
  );
}

function toIssuer(listed: JwksPayload['issuers'][number], keys: Issuer['keys']): Issuer {
  const { issuer, subjectType, audiences, groupsClaim, subjects, maxLifetimeSeconds, review } = listed;
  return {
    issuer,
    subjectType,
    audiences,
    groupsClaim,
    names: subjects === undefined ? () => true : compileGlobs(subjects),
    maxLifetimeSeconds: maxLifetimeSeconds ?? tokenLimits.lifetimeSeconds,
    review: review === true,
    keys,
  };
}

function toKeys(
  { issuer, keys }: JwksPayload['issuers'][number],
  log: Pick<Logger, 'error'>,
): JWTVerifyGetKey | undefined {
  if (keys.length <= maxKeys)
    return createLocalJWKSet({ keys: keys.map((key) => ({ ...key, kty: String(key['kty']) })) });
  log.error('issuer has too many keys, so none is used', { issuer, keys: keys.length, most: maxKeys });
  return undefined;
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
