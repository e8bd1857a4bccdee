/** What sidecars and the controller accept of people's and programs' tokens, and which names in them are a person's. */

/** Signature algorithms of accepted tokens: asymmetric only, since a key set is public. */
export const tokenAlgorithms: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** How far an issuer's clock may be from ours when `exp` and `nbf` are checked. */
export const tokenSkewSeconds = 30;

/** Longest life of a token whose issuer is listed without another: a revocation is forgotten after that time. */
export const maxTokenLifetimeSeconds = 86_400;

/** Longer tokens are refused unread. */
export const maxTokenBytes = 8192;

/** More groups, or longer ones, and a token's groups count as unknown. */
export const maxTokenGroups = 200;
export const maxGroupLength = 256;

/** Longest time for which a review of a token is believed (`POST /v1/reviews`). */
export const maxReviewAgeSeconds = 60;

const nameClaims = ['email', 'preferred_username', 'upn', 'unique_name', 'oid'] as const;
/** Longer names are none that anybody wrote down. */
const maxNameLength = 512;

/**
 * The claims of a verified token that name the person beside `sub`. A call is recorded with those of its caller, and who
 * has any of them cannot approve it: callers and approvers must be read alike, or a second token would do.
 */
export function personNames(claims: Readonly<Record<string, unknown>>): readonly string[] {
  return nameClaims.flatMap((claim) => {
    const name = claims[claim];
    return typeof name === 'string' && name !== '' && name.length <= maxNameLength ? [name] : [];
  });
}
