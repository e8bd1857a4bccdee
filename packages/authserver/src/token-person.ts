import type { KoaContextWithOIDC } from 'oidc-provider';
import type { PersonRecord } from './person-records.ts';
import type { ProviderParts } from './provider-parts.ts';
import { stableIssuer } from './stable-issuer.ts';

/** What of a token says whose it is and since when. */
interface TokenOrigin {
  readonly grantId?: string | undefined;
}

/**
 * The person behind a code, a refresh token or, at the end of a login, the grant just given; `undefined` when the login
 * is over or revoked: it was before the revocation, and no refresh makes it younger.
 */
export async function findPersonOf(
  parts: ProviderParts,
  ctx: KoaContextWithOIDC,
  token: TokenOrigin | undefined,
): Promise<PersonRecord | undefined> {
  const grantId = token?.grantId ?? ctx.oidc.result?.consent?.grantId;
  const person = grantId === undefined ? undefined : await parts.persons.find(grantId);
  if (person === undefined || grantId === undefined) return undefined;
  const subject = { iss: stableIssuer(parts.site.workload), sub: person.subject, issuedAtMs: person.authTime * 1000 };
  if (!parts.isRevoked(subject)) return person;
  parts.log.info('refused a login that was revoked', { workload: parts.site.workload.workload });
  await parts.entries.removeAll('grant', grantId);
  return undefined;
}

/** The claims of an access token that say who the person is. `resource`: what the client asked for. */
export function personClaims(person: PersonRecord, resource: string | undefined): Record<string, unknown> {
  return {
    // Absent groups would mean none: rules against a group must not pass whom nobody knows. Sidecars read Entra's word.
    ...(person.groupsUnknown === true ? { hasgroups: true } : { groups: person.groups }),
    email: person.email,
    preferred_username: person.preferredUsername,
    name: person.name,
    upstream_iss: person.upstreamIssuer,
    auth_time: person.authTime,
    resource,
  };
}
