/** Verifies callers' tokens against the accepted issuers; remembers a verified token until it expires. */
import { hash } from 'node:crypto';
import { decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import { personNames, tokenAlgorithms, tokenSkewSeconds, type JwksPayload, type Principal } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import type { TokenCheck, TokenRefusal, TokenVerdict } from '../call/ports.ts';
import { toIssuers, type Issuer } from './issuers.ts';

/** Where the accepted issuers come from; the payload object changes when the statement does. */
export interface IssuerSource {
  current(): JwksPayload | undefined;
}

export interface TokenCheckOptions {
  readonly issuers: IssuerSource;
  /** The workload's URI: the audience of tokens for it. */
  readonly audience: string;
  readonly clock: Clock;
  /** Keyed digest of a `jti` for the record. */
  readonly digest: (text: string) => string;
}

const rememberedTokens = 10_000;

interface Verified {
  readonly verdict: TokenVerdict;
  readonly expiresMs: number;
}

export function createTokenCheck(options: TokenCheckOptions): TokenCheck {
  const { issuers, clock } = options;
  const verified = new LRUCache<string, Verified>({ max: rememberedTokens });
  let payload: JwksPayload | undefined;
  let known: ReadonlyMap<string, Issuer> = new Map();
  const follow = (): ReadonlyMap<string, Issuer> => {
    const current = issuers.current();
    if (current === payload) return known;
    payload = current;
    known = current === undefined ? new Map() : toIssuers(current);
    // A removed issuer or key ends the tokens that it signed.
    verified.clear();
    return known;
  };
  const verify = async (token: string, key: string): Promise<TokenVerdict> => {
    const accepted = follow();
    const { verdict, expiresMs } = await verifyToken(token, accepted, options);
    // The key set may have changed while the signature was checked.
    if (verdict.kind === 'known' && accepted === known) verified.set(key, { verdict, expiresMs });
    return verdict;
  };
  return {
    check(token) {
      follow();
      const key = hash('sha256', token);
      const seen = verified.get(key);
      return seen !== undefined && seen.expiresMs > clock.nowMs() ? seen.verdict : verify(token, key);
    },
    unavailable() {
      const current = issuers.current();
      if (current === undefined) return 'no accepted issuers are known';
      return Date.parse(current.notAfter) > clock.nowMs() ? undefined : 'the accepted issuers have expired';
    },
    authorizationServers: () =>
      [...follow().values()].filter((one) => one.subjectType === 'human').map((one) => one.issuer),
  };
}

async function verifyToken(
  token: string,
  issuers: ReadonlyMap<string, Issuer>,
  { audience, clock, digest }: TokenCheckOptions,
): Promise<Verified> {
  const named = issuerOf(token);
  if (named === undefined) return refused('token_malformed');
  const issuer = issuers.get(named);
  if (issuer === undefined) return refused('token_issuer');
  try {
    const { payload } = await jwtVerify(token, issuer.keys, {
      issuer: issuer.issuer,
      audience: [audience, ...issuer.audiences],
      algorithms: [...tokenAlgorithms],
      clockTolerance: tokenSkewSeconds,
      requiredClaims: ['exp', 'sub'],
      currentDate: new Date(clock.nowMs()),
    });
    const principal = toPrincipal(payload, issuer, digest);
    return principal === undefined
      ? refused('token_claims')
      : {
          verdict: { kind: 'known', principal, names: personNames(payload) },
          expiresMs: ((payload.exp ?? 0) + tokenSkewSeconds) * 1000,
        };
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

function refused(reason: TokenRefusal): Verified {
  return { verdict: { kind: 'refused', reason }, expiresMs: 0 };
}

function refusalOf(error: unknown): TokenRefusal {
  if (error instanceof errors.JWTExpired) return 'token_expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.claim === 'aud' ? 'token_audience' : 'token_claims';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'token_algorithm';
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) return 'token_malformed';
  return 'token_signature';
}

function toPrincipal(payload: JWTPayload, issuer: Issuer, digest: (text: string) => string): Principal | undefined {
  const { sub, jti } = payload;
  if (typeof sub !== 'string' || sub === '') return undefined;
  const clientId = textClaim(payload, 'client_id') ?? textClaim(payload, 'azp');
  const groups = issuer.groupsClaim === undefined ? undefined : textList(payload[issuer.groupsClaim]);
  return {
    iss: issuer.issuer,
    sub,
    type: issuer.subjectType,
    ...(clientId === undefined ? {} : { client_id: clientId }),
    ...(groups === undefined ? {} : { groups }),
    ...(typeof jti === 'string' ? { jti_hmac: digest(jti) } : {}),
  };
}

function textClaim(payload: JWTPayload, name: string): string | undefined {
  const value = payload[name];
  return typeof value === 'string' ? value : undefined;
}

function textList(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : undefined;
}
