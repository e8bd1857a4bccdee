/** Groups of a person, from the provider's claims to what a token carries. */
import { tokenLimits } from '@tachograph/protocol';
import type { UpstreamSettings } from '../settings.ts';

/**
 * Most bytes of groups as JSON: with the longest names beside them a token stays below what sidecars read
 * (`tokenLimits.bytes`). All 200 of Entra's ids have room; a company with more, or longer ones, narrows them by globs.
 */
export const maxGroupBytes = 8_192;

export type GroupsOutcome =
  | { readonly kind: 'groups'; readonly groups: readonly string[] }
  /** They cannot be carried whole and the settings let the person in without: a token must say that they are unknown. */
  | { readonly kind: 'unknown' }
  /** They cannot be carried whole. */
  | { readonly kind: 'overage'; readonly reason: 'not-in-token' | 'too-many' | 'unreadable' };

type GroupSettings = Pick<UpstreamSettings, 'groupsClaim' | 'groups' | 'overage'>;

/**
 * The groups that the settings keep, without repetition. A part of somebody's groups is never passed off as all: where they
 * do not fit, they are unknown (`overage: drop`) or the login is refused.
 */
export function parseGroups(claims: Readonly<Record<string, unknown>>, settings: GroupSettings): GroupsOutcome {
  const outcome = readGroups(claims, settings);
  return outcome.kind === 'overage' && settings.overage === 'drop' ? { kind: 'unknown' } : outcome;
}

function readGroups(claims: Readonly<Record<string, unknown>>, settings: GroupSettings): GroupsOutcome {
  if (isOverage(claims, settings.groupsClaim)) return { kind: 'overage', reason: 'not-in-token' };
  const claim = claims[settings.groupsClaim] ?? [];
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  if (!values.every((value) => typeof value === 'string')) return { kind: 'overage', reason: 'unreadable' };
  const kept = keep(values, settings.groups);
  if (kept.some((group) => group === '' || group.length > tokenLimits.groupLength)) {
    return { kind: 'overage', reason: 'unreadable' };
  }
  const isTooMuch = kept.length > tokenLimits.groups || Buffer.byteLength(JSON.stringify(kept)) > maxGroupBytes;
  return isTooMuch ? { kind: 'overage', reason: 'too-many' } : { kind: 'groups', groups: kept };
}

/** Entra names a source instead of the groups (more than 200 in a JWT), or says only that there are some (`hasgroups`). */
function isOverage(claims: Readonly<Record<string, unknown>>, groupsClaim: string): boolean {
  const sources = claims['_claim_names'];
  if (typeof sources === 'object' && sources !== null && groupsClaim in sources) return true;
  return claims['hasgroups'] === true || claims['hasgroups'] === 'true';
}

function keep(groups: readonly string[], globs: readonly string[]): readonly string[] {
  const patterns = globs.map(toPattern);
  return [...new Set(groups)].filter((group) => globs.length === 0 || patterns.some((matches) => matches(group)));
}

/** `*` is any text. Linear: each piece between stars is found at its first place, which is as good as any. */
function toPattern(glob: string): (text: string) => boolean {
  const [first = '', ...rest] = glob.split('*');
  const last = rest.pop();
  if (last === undefined) return (text) => text === glob;
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let from = first.length;
    for (const piece of rest) {
      const at = text.indexOf(piece, from);
      if (at < 0) return false;
      from = at + piece.length;
    }
    return from <= text.length - last.length;
  };
}
