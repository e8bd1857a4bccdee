/** Who a verified token names. */
import { tokenLimits, type Principal } from '@tachograph/protocol';
import type { JWTPayload } from 'jose';
import type { Issuer } from './issuers.ts';

/** Longer subjects could neither be revoked nor be held. */
const maxSubjectLength = 512;

/** `undefined`: it names nobody. */
export function toPrincipal(
  claims: JWTPayload,
  issuer: Issuer,
  digest: (text: string) => string,
): Principal | undefined {
  const { sub, jti } = claims;
  if (typeof sub !== 'string' || sub === '' || sub.length > maxSubjectLength) return undefined;
  const clientId = textClaim(claims, 'client_id') ?? textClaim(claims, 'azp');
  return {
    iss: issuer.issuer,
    sub,
    type: issuer.subjectType,
    ...(clientId === undefined ? {} : { client_id: clientId }),
    ...(issuer.groupsClaim === undefined ? {} : toGroups(claims, issuer.groupsClaim)),
    ...(typeof jti === 'string' ? { jti_hmac: digest(jti) } : {}),
  };
}

/**
 * Groups as the token says them. Those that it names elsewhere only (Entra's overage: `_claim_names`, `hasgroups`), or of
 * which there are too many, are unknown: a part of them could be the wrong part.
 */
function toGroups(claims: JWTPayload, claim: string): Pick<Principal, 'groups' | 'groups_unknown'> {
  const value = claims[claim];
  if (!Array.isArray(value)) return isElsewhere(claims, claim) ? { groups_unknown: 'overage' } : {};
  const groups = value.filter((item): item is string => typeof item === 'string');
  const { groups: most, groupLength } = tokenLimits;
  if (value.length > most || groups.some(({ length }) => length > groupLength)) return { groups_unknown: 'limit' };
  return { groups };
}

function isElsewhere(claims: JWTPayload, claim: string): boolean {
  const { _claim_names: names, hasgroups } = claims;
  if (hasgroups === true || hasgroups === 'true') return true;
  return typeof names === 'object' && names !== null && Object.hasOwn(names, claim);
}

function textClaim(claims: JWTPayload, name: string): string | undefined {
  const value = claims[name];
  return typeof value === 'string' ? value : undefined;
}
