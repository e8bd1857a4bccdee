/** Verifies a person's token for this controller: from an accepted issuer, and for no other audience than ours. */
import { createLocalJWKSet, decodeJwt, jwtVerify, type JWTPayload } from 'jose';
import {
  approverAudience,
  isRevokedToken,
  personNames,
  tokenAlgorithms,
  lifeFault,
  tokenSkewSeconds,
} from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import type { Revocations } from '../access/revocations.ts';
import type { IssuerKeys, Issuers } from '../ports.ts';
import { accountGroups, accountOf } from './caller-access.ts';
import type { Person } from './person.ts';

export interface People {
  /** Whether the token says that it is for people of this controller: unverified, it only chooses how to verify. */
  isMeant(token: string): boolean;
  /** Who holds the token; `undefined`: nobody that we accept. */
  person(token: string): Promise<Person | undefined>;
}

export interface PeopleOptions {
  readonly cluster: string;
  readonly issuers: Issuers;
  readonly clock: Clock;
  /** Absent: nothing is ever revoked. */
  readonly revocations?: Pick<Revocations, 'forStatement'>;
}

/** Longer names and groups are none that anybody wrote down. */
const longestText = 512;

export function createPeople({ cluster, issuers, clock, revocations }: PeopleOptions): People {
  const audience = approverAudience(cluster);
  return {
    isMeant(token) {
      const { aud } = claimsOf(token) ?? {};
      return aud === audience || (Array.isArray(aud) && aud.includes(audience));
    },
    async person(token) {
      const named = claimsOf(token)?.iss;
      const issuer = issuers.current().find((one) => one.issuer === named);
      if (issuer === undefined) return undefined;
      try {
        const keys = createLocalJWKSet({ keys: issuer.keys.map((key) => ({ ...key, kty: String(key['kty']) })) });
        const { payload } = await jwtVerify(token, keys, {
          issuer: issuer.issuer,
          // Not the issuer's other audiences: a token for calling is none for deciding.
          audience,
          algorithms: [...tokenAlgorithms],
          clockTolerance: tokenSkewSeconds,
          requiredClaims: ['exp', 'sub'],
          currentDate: new Date(clock.nowMs()),
        });
        const { maxLifetimeSeconds: maxSeconds } = issuer;
        const life = { nowSeconds: clock.nowMs() / 1000, ...(maxSeconds === undefined ? {} : { maxSeconds }) };
        const revoked = revocations?.forStatement() ?? [];
        const isOver = lifeFault(payload, life) !== undefined || revoked.some((one) => isRevokedToken(one, payload));
        return isOver ? undefined : toPerson(payload, issuer);
      } catch {
        return undefined;
      }
    },
  };
}

function claimsOf(token: string): JWTPayload | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}

function toPerson(payload: JWTPayload, issuer: IssuerKeys): Person | undefined {
  const { sub } = payload;
  if (typeof sub !== 'string' || sub === '' || sub.length > longestText) return undefined;
  const account = accountOf({ type: issuer.subjectType, sub });
  const claimed = issuer.groupsClaim === undefined ? [] : textsOf(payload[issuer.groupsClaim]);
  return {
    iss: issuer.issuer,
    sub,
    type: issuer.subjectType,
    groups: account === undefined ? claimed : [...claimed, ...accountGroups(account)],
    names: personNames(payload),
  };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? value.filter((one): one is string => typeof one === 'string' && one !== '' && one.length <= longestText)
    : [];
}
