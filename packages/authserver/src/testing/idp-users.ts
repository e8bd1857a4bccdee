/** Claims of one account of the strict provider, as its ID tokens carry them. */
export type IdpClaims = Readonly<Record<string, unknown>> & { readonly sub: string };

/** What Entra sends instead of the groups of somebody who is in too many of them. */
const overage = {
  _claim_names: { groups: 'src1' },
  _claim_sources: { src1: { endpoint: 'https://graph.corp.example/users/carol/getMemberObjects' } },
};

/** The people of the strict provider: their login names are their subjects. */
export const idpUsers: readonly IdpClaims[] = [
  person('alice', 'Alice Archer', { groups: ['platform', 'dev'] }),
  person('bob', 'Bob Baker', { groups: ['data'] }),
  person('carol', 'Carol Carver', overage),
];

function person(sub: string, name: string, more: Readonly<Record<string, unknown>>): IdpClaims {
  return { sub, name, email: `${sub}@corp.example`, email_verified: true, preferred_username: sub, ...more };
}
