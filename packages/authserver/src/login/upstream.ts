/** The company's OpenID provider, of which the auth server is one confidential client. The only user of openid-client. */
import { describeError, systemClock, type Clock, type Logger } from '@tachograph/service';
import * as client from 'openid-client';
import type { UpstreamSettings } from '../settings.ts';
import { createDiscovery } from './discovery.ts';
import { createUpstreamFetch, UpstreamUnreachableError } from './upstream-fetch.ts';

/** What a login must keep until the browser comes back. */
export interface UpstreamAttempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

/** Claims of a checked ID token, with those of the userinfo endpoint that it lacked. */
export type UpstreamClaims = Readonly<Record<string, unknown>>;

/** How a login ended at the provider. */
export type UpstreamOutcome =
  | { readonly kind: 'claims'; readonly issuer: string; readonly claims: UpstreamClaims }
  | { readonly kind: 'cancelled' }
  /** The provider's own words: `error` and `error_description`, as untrusted as any. */
  | { readonly kind: 'refused'; readonly code: string; readonly description: string }
  | { readonly kind: 'unavailable' }
  /** What came back is no proof of a login: signature, issuer, audience, nonce, time or state was wrong. */
  | { readonly kind: 'invalid' };

export interface UpstreamOptions {
  readonly settings: UpstreamSettings;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of one request to the provider; default 5 s, so that an exchange ends before the sidecar gives up. */
  readonly timeoutMs?: number;
}

export interface Upstream {
  /** Where the browser goes to log in, or `undefined` while the provider does not answer. */
  begin(state: string, redirectUri: string): Promise<{ url: URL; attempt: UpstreamAttempt } | undefined>;
  /** Redeems what the browser brought back. Never rejects. */
  complete(attempt: UpstreamAttempt, query: string): Promise<UpstreamOutcome>;
}

const defaultTimeoutMs = 5_000;
/** How far the provider's clock may be from ours. */
const toleranceSeconds = 30;

/** Reads nothing yet: the provider is asked at the first login. */
export function createUpstream({ settings, clock, log, timeoutMs = defaultTimeoutMs }: UpstreamOptions): Upstream {
  const configuration = createDiscovery({
    clock,
    discover: () => discover(settings, clock, timeoutMs),
    onFailure: (error) => log.error('identity provider not found', { err: describeError(error) }),
  });
  return {
    async begin(state, redirectUri) {
      const config = await configuration();
      if (config === undefined) return undefined;
      const verifier = client.randomPKCECodeVerifier();
      const attempt = { state, nonce: client.randomNonce(), verifier, redirectUri };
      return { url: await authorizationUrl(config, settings, attempt), attempt };
    },
    async complete(attempt, query) {
      const config = await configuration();
      if (config === undefined) return { kind: 'unavailable' };
      try {
        return await redeem(config, { attempt, query, settings, log });
      } catch (error) {
        log.warn('login at the identity provider failed', { err: describeError(error) });
        return toOutcome(error);
      }
    },
  };
}

async function discover(settings: UpstreamSettings, clock: Clock, timeoutMs: number): Promise<client.Configuration> {
  const issuer = new URL(settings.issuer);
  const execute = [client.enableNonRepudiationChecks];
  if (issuer.protocol === 'http:') {
    if (!isLoopback(issuer)) throw new TypeError('expected an https issuer, or http on a loopback host');
    execute.push(client.allowInsecureRequests);
  }
  // openid-client reads the machine's clock: it is told how far the injected one is from that.
  const skewSeconds = Math.round((clock.nowMs() - systemClock.nowMs()) / 1000);
  return client.discovery(
    issuer,
    settings.clientId,
    { [client.clockTolerance]: toleranceSeconds, [client.clockSkew]: skewSeconds },
    authenticateBy(settings.clientSecret),
    { execute, timeout: timeoutMs / 1000, [client.customFetch]: createUpstreamFetch(settings.ca) },
  );
}

/**
 * In the body where the provider takes it there: in a header identifier and secret are encoded twice (RFC 6749 section
 * 2.3.1), and providers differ in how much of that they undo.
 */
function authenticateBy(secret: string): client.ClientAuth {
  const [inBody, inHeader] = [client.ClientSecretPost(secret), client.ClientSecretBasic(secret)];
  return (server, ...request) => {
    const takesBody = server.token_endpoint_auth_methods_supported?.includes('client_secret_post') === true;
    (takesBody ? inBody : inHeader)(server, ...request);
  };
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

async function authorizationUrl(
  config: client.Configuration,
  { scopes }: UpstreamSettings,
  { state, nonce, verifier, redirectUri }: UpstreamAttempt,
): Promise<URL> {
  return client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: [...new Set(['openid', ...scopes])].join(' '),
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
}

interface Redemption {
  readonly attempt: UpstreamAttempt;
  readonly query: string;
  readonly settings: UpstreamSettings;
  readonly log: Logger;
}

async function redeem(config: client.Configuration, redemption: Redemption): Promise<UpstreamOutcome> {
  const { attempt, query } = redemption;
  const url = new URL(attempt.redirectUri);
  url.search = query;
  const tokens = await client.authorizationCodeGrant(config, url, {
    expectedState: attempt.state,
    expectedNonce: attempt.nonce,
    pkceCodeVerifier: attempt.verifier,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  if (claims === undefined) return { kind: 'invalid' };
  const more = await userInfo(config, redemption, { claims, accessToken: tokens.access_token });
  return { kind: 'claims', issuer: claims.iss, claims: { ...more, ...claims } };
}

/** Some providers keep groups out of the ID token and tell them at the userinfo endpoint only. */
async function userInfo(
  config: client.Configuration,
  { settings, log }: Redemption,
  { claims, accessToken }: { readonly claims: client.IDToken; readonly accessToken: string },
): Promise<UpstreamClaims> {
  const isTold = settings.groupsClaim in claims || '_claim_names' in claims || 'hasgroups' in claims;
  if (isTold || config.serverMetadata().userinfo_endpoint === undefined) return {};
  try {
    return await client.fetchUserInfo(config, accessToken, claims.sub);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    log.warn('identity provider tells nothing at userinfo', { err: describeError(error) });
    return {};
  }
}

/** An answer of the 4xx kind is the provider's way to say that there is no more; anything else is no answer. */
function isRefusal(error: unknown): boolean {
  if (error instanceof client.ResponseBodyError || error instanceof client.WWWAuthenticateChallengeError) return true;
  const cause = error instanceof client.ClientError ? error.cause : undefined;
  return cause instanceof Response && cause.status >= 400 && cause.status < 500;
}

function toOutcome(error: unknown): UpstreamOutcome {
  if (error instanceof client.AuthorizationResponseError) {
    if (error.error === 'access_denied') return { kind: 'cancelled' };
    return { kind: 'refused', code: error.error, description: error.error_description ?? '' };
  }
  if (error instanceof client.ResponseBodyError) {
    return { kind: 'refused', code: error.error, description: error.error_description ?? '' };
  }
  return isNoAnswer(error) ? { kind: 'unavailable' } : { kind: 'invalid' };
}

/** Nothing came, or what came is no OAuth answer (a gateway's 502). */
function isNoAnswer(error: unknown): boolean {
  if (!(error instanceof client.ClientError)) return error instanceof UpstreamUnreachableError;
  return error.cause instanceof UpstreamUnreachableError || noAnswerCodes.has(error.code ?? '');
}

const noAnswerCodes: ReadonlySet<string> = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM']);
