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

/** What of a caller's token is accepted at most. */
export const tokenLimits = {
  /** Longer tokens are refused unread. Entra puts up to 200 ids of groups into one. */
  bytes: 16_384,
  /** Of a token whose issuer is listed without another: a revocation is forgotten after that time. */
  lifetimeSeconds: 86_400,
  /** With more groups, or longer ones, the token's groups count as unknown. */
  groups: 200,
  groupLength: 256,
  /** A review of the token is believed no longer (`POST /v1/reviews`). */
  reviewAgeSeconds: 60,
} as const;

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

/** One entry of `revoked` in the statement of accepted issuers. `before`: RFC 3339. */
export interface RevokedTokens {
  readonly sub: string;
  readonly iss?: string | undefined;
  readonly before: string;
}

/**
 * Whether a revocation ends a verified token: one of that subject, issued before. `iss` may also be the company's provider
 * behind the auth server's token, which counts from its login (`auth_time`): a replica that does not know the revocation
 * yet may still refresh it. Another issuer's clock may be ahead of ours by the skew, so its tokens of the first seconds
 * after count as before. A token that does not say when it was issued is ended.
 */
export function isRevokedToken(revoked: RevokedTokens, claims: Readonly<Record<string, unknown>>): boolean {
  const { sub, iss, upstream_iss: upstream } = claims;
  if (sub !== revoked.sub) return false;
  if (revoked.iss !== undefined && revoked.iss !== iss && revoked.iss !== upstream) return false;
  const isOwn = typeof iss === 'string' && iss.startsWith('tachograph://');
  const limitMs = Date.parse(revoked.before) + (isOwn ? 0 : tokenSkewSeconds * 1000);
  const times = isOwn && claims['auth_time'] !== undefined ? [claims['iat'], claims['auth_time']] : [claims['iat']];
  return !times.every((seconds) => typeof seconds === 'number' && seconds * 1000 >= limitMs);
}

/**
 * Why a verified token must not be accepted for how long it lives: longer than `maxSeconds` (`lifetime`), or issued in the
 * time to come (`claims`). A revocation could miss either. Without `iat` it counts from `nowSeconds` on.
 */
export function lifeFault(
  { iat, exp }: Readonly<Record<string, unknown>>,
  {
    nowSeconds,
    maxSeconds = tokenLimits.lifetimeSeconds,
  }: { readonly nowSeconds: number; readonly maxSeconds?: number },
): 'claims' | 'lifetime' | undefined {
  if (iat !== undefined && (typeof iat !== 'number' || iat > nowSeconds + tokenSkewSeconds)) return 'claims';
  return typeof exp === 'number' && exp - (iat ?? nowSeconds) <= maxSeconds ? undefined : 'lifetime';
}
