import type { Person } from '../login-port.ts';
import type { UpstreamSettings } from '../settings.ts';
import { parseGroups } from './groups.ts';

export type PersonOutcome =
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'unusable'; readonly reason: 'subject' | 'groups' };

/** As JSON; `groups.ts` counts on it. */
const maxSubjectBytes = 255;
const maxNameBytes = 256;

/**
 * Who logged in, from the claims of a checked login at `issuer`. An address that the provider calls unverified names
 * nobody: anybody could have claimed it.
 */
export function parsePerson(
  issuer: string,
  claims: Readonly<Record<string, unknown>>,
  settings: UpstreamSettings,
): PersonOutcome {
  const trusted = claims['email_verified'] === false ? { ...claims, email: undefined } : claims;
  const subject = textOf(trusted[settings.subjectClaim], maxSubjectBytes);
  if (subject === undefined) return { kind: 'unusable', reason: 'subject' };
  const groups = parseGroups(trusted, settings);
  if (groups.kind === 'overage') return { kind: 'unusable', reason: 'groups' };
  const email = textOf(trusted['email'], maxNameBytes);
  const preferredUsername = textOf(trusted['preferred_username'], maxNameBytes);
  const name = textOf(trusted['name'], maxNameBytes);
  return {
    kind: 'person',
    person: {
      subject,
      upstreamIssuer: issuer,
      ...(groups.kind === 'unknown' ? { groups: [], groupsUnknown: true } : { groups: groups.groups }),
      ...(email === undefined ? {} : { email }),
      ...(preferredUsername === undefined ? {} : { preferredUsername }),
      ...(name === undefined ? {} : { name }),
    },
  };
}

/** Text that can stand in a record: neither empty nor too long, without control characters or half a surrogate pair. */
function textOf(value: unknown, maxBytes: number): string | undefined {
  if (typeof value !== 'string' || value === '' || Buffer.byteLength(JSON.stringify(value)) - 2 > maxBytes) {
    return undefined;
  }
  return /\p{Cc}/u.test(value) || !value.isWellFormed() ? undefined : value;
}
