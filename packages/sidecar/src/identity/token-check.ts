/** Verifies callers' tokens against the accepted issuers; remembers a verified token until it expires. */
import { hash } from 'node:crypto';
import {
  isRevokedToken,
  personNames,
  tokenAlgorithms,
  lifeFault,
  tokenLimits,
  tokenSkewSeconds,
  type JwksPayload,
} from '@tachograph/protocol';
import type { Clock, Logger } from '@tachograph/service';
import { decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import type { TokenCheck, TokenRefusal, TokenVerdict } from '../call/ports.ts';
import { toIssuers, type Issuer } from './issuers.ts';
import { toPrincipal } from './principal.ts';
import { createTokenReviews, type ReviewedToken, type ReviewToken } from './token-reviews.ts';

/** Where the accepted issuers come from; the payload object changes when the statement does. */
export interface IssuerSource {
  current(): JwksPayload | undefined;
  /** Asks whether a token still holds; absent: tokens that must be reviewed are refused. */
  readonly review?: ReviewToken | undefined;
}

export interface TokenCheckOptions {
  readonly issuers: IssuerSource;
  /** The workload's URI: the audience of tokens for it. */
  readonly audience: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error'>;
  /** Keyed digest of a `jti` for the record. */
  readonly digest: (text: string) => string;
}

const rememberedTokens = 10_000;

/** The token itself is not kept. */
interface Verified extends ReviewedToken {
  readonly review: boolean;
  /** What revocations look at. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly expiresMs: number;
}

type Revoked = NonNullable<JwksPayload['revoked']>[number];

type NotVerified = Exclude<TokenVerdict, { kind: 'known' }>;

export function createTokenCheck(options: TokenCheckOptions): TokenCheck {
  const { issuers, clock } = options;
  const verified = new LRUCache<string, Verified>({ max: rememberedTokens });
  const accepted = new AcceptedIssuers(options, () => verified.clear());
  const reviewed = createTokenReviews({ review: issuers.review, clock });
  const answer = (one: Verified, token: string): TokenVerdict | Promise<TokenVerdict> => {
    if (accepted.isRevoked(one)) return refused('token_revoked');
    return one.review ? reviewed(one, token) : one.verdict;
  };
  const verify = async (token: string, key: string): Promise<TokenVerdict> => {
    const known = accepted.issuers();
    const result = await verifyToken(token, known, options);
    if ('kind' in result) return result;
    // The key set may have changed while the signature was checked, and another call may have checked the same token.
    const first = verified.get(key) ?? result;
    if (known === accepted.issuers()) verified.set(key, first);
    return answer(first, token);
  };
  return {
    check(token) {
      if (token.length > tokenLimits.bytes) return refused('token_too_long');
      accepted.issuers();
      const key = hash('sha256', token);
      const seen = verified.get(key);
      return seen !== undefined && seen.expiresMs > clock.nowMs() ? answer(seen, token) : verify(token, key);
    },
    unavailable() {
      const current = issuers.current();
      if (current === undefined) return 'no accepted issuers are known';
      return Date.parse(current.notAfter) > clock.nowMs() ? undefined : 'the accepted issuers have expired';
    },
  };
}

/** Follows the statement in force. */
class AcceptedIssuers {
  readonly #options: TokenCheckOptions;
  readonly #forget: () => void;
  #payload: JwksPayload | undefined;
  #text = '';
  #issuers: ReadonlyMap<string, Issuer> = new Map();
  #revoked: ReadonlyMap<string, readonly Revoked[]> = new Map();

  /** `forget`: a removed issuer or key ends the tokens that it signed. */
  constructor(options: TokenCheckOptions, forget: () => void) {
    this.#options = options;
    this.#forget = forget;
  }

  issuers(): ReadonlyMap<string, Issuer> {
    const current = this.#options.issuers.current();
    if (current === this.#payload) return this.#issuers;
    this.#payload = current;
    this.#revoked = Map.groupBy(this.#withOlder(current?.revoked ?? []), ({ sub }) => sub);
    // Signed anew every 20 minutes, with the same issuers mostly: what was verified against them stays verified.
    const text = JSON.stringify(current?.issuers);
    if (text === this.#text) return this.#issuers;
    this.#text = text;
    this.#issuers = current === undefined ? new Map() : toIssuers(current, this.#issuers, this.#options.log);
    this.#forget();
    return this.#issuers;
  }

  /** A replica may not know yet what another one has told: what was heard stays, as long as a token that it ends can live. */
  #withOlder(revoked: readonly Revoked[]): readonly Revoked[] {
    const longAgoMs = this.#options.clock.nowMs() - tokenLimits.lifetimeSeconds * 1000 - tokenSkewSeconds * 1000;
    const older = [...this.#revoked.values()].flat().filter(({ before }) => !(Date.parse(before) < longAgoMs));
    const told = Map.groupBy(revoked, ({ sub }) => sub);
    const isCovered = ({ sub, iss, before }: Revoked): boolean =>
      told.get(sub)?.some((one) => one.iss === iss && one.before >= before) === true;
    return [...revoked, ...older.filter((one) => !isCovered(one))];
  }

  isRevoked({ verdict, claims }: Verified): boolean {
    if (this.#revoked.size === 0) return false;
    return this.#revoked.get(verdict.principal.sub)?.some((one) => isRevokedToken(one, claims)) === true;
  }
}

async function verifyToken(
  token: string,
  issuers: ReadonlyMap<string, Issuer>,
  options: TokenCheckOptions,
): Promise<Verified | NotVerified> {
  const named = issuerOf(token);
  if (named === undefined) return refused('token_malformed');
  const issuer = issuers.get(named);
  if (issuer === undefined) return refused('token_issuer');
  if (issuer.keys === undefined) return { kind: 'unavailable', reason: 'issuer_keys' };
  const claims = await verifiedClaims(token, issuer, { ...options, keys: issuer.keys });
  if ('kind' in claims) return claims;
  const nowSeconds = options.clock.nowMs() / 1000;
  const fault = lifeFault(claims.payload, { nowSeconds, maxSeconds: issuer.maxLifetimeSeconds });
  if (fault !== undefined) return refused(`token_${fault}`);
  const principal = toPrincipal(claims.payload, issuer, options.digest);
  if (principal === undefined) return refused('token_claims');
  if (!issuer.names(principal.sub)) return refused('token_subject');
  const { sub, iss, iat, upstream_iss, auth_time } = claims.payload;
  return {
    verdict: { kind: 'known', principal, names: personNames(claims.payload) },
    review: issuer.review,
    claims: { sub, iss, iat, upstream_iss, auth_time },
    expiresMs: ((claims.payload.exp ?? 0) + tokenSkewSeconds) * 1000,
    last: undefined,
    flight: undefined,
  };
}

async function verifiedClaims(
  token: string,
  { issuer, audiences }: Issuer,
  { keys, audience, clock }: TokenCheckOptions & { readonly keys: JWTVerifyGetKey },
): Promise<{ readonly payload: JWTPayload } | NotVerified> {
  try {
    return await jwtVerify(token, keys, {
      issuer,
      audience: [audience, ...audiences],
      algorithms: [...tokenAlgorithms],
      clockTolerance: tokenSkewSeconds,
      requiredClaims: ['exp', 'sub'],
      currentDate: new Date(clock.nowMs()),
    });
  } catch (error) {
    return refused(refusalOf(error));
  }
}

/** Read before the signature is checked: it only chooses the keys that check it. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

function refused(reason: TokenRefusal): NotVerified {
  return { kind: 'refused', reason };
}

function refusalOf(error: unknown): TokenRefusal {
  if (error instanceof errors.JWTExpired) return 'token_expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.claim === 'aud' ? 'token_audience' : 'token_claims';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'token_algorithm';
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) return 'token_malformed';
  return 'token_signature';
}
