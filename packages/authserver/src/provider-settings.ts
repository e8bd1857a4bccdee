import { workloadUri } from '@tachograph/protocol';
import { errors, type Adapter, type Configuration, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import type { AuthKeys } from './auth-keys.ts';
import { mountPath } from './auth-site.ts';
import { staticScopes, workloadScope } from './authorization-request.ts';
import { prolongClient } from './client-records.ts';
import { errorPage, pageHeaders } from './error-page.ts';
import type { ProviderParts } from './provider-parts.ts';
import { createProviderAdapter, type AdapterOptions } from './provider-adapter.ts';
import { createRefreshAdapter } from './refresh-families.ts';
import { isOwnResource } from './resource-policy.ts';
import { signingKeyAt } from './signing-keys.ts';
import { stableIssuer } from './stable-issuer.ts';
import { findPersonOf, personClaims } from './token-person.ts';

/** A registration that has led to no token is forgotten after a day. */
const unprovenSeconds = 86_400;
const codeSeconds = 60;

/** oidc-provider's configuration for one workload on one origin. */
export function toProviderConfiguration(parts: ProviderParts, keys: AuthKeys): Configuration {
  const { settings, site, clock, entries } = parts;
  return {
    adapter: (model) => createAdapter(model, { entries, clock, lifetimes: { unprovenSeconds } }),
    jwks: { keys: keys.signing.map(({ jwk }) => ({ ...jwk })) },
    clientAuthMethods: ['none'],
    clientDefaults: {
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      response_modes: ['query'],
      id_token_signed_response_alg: 'ES256',
    },
    clientBasedCORS: (_ctx, origin, client) =>
      (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin),
    responseTypes: ['code'],
    // The workload's scope belongs to the resource server: in both lists it would be asked for for ever.
    scopes: [...staticScopes],
    subjectTypes: ['public'],
    pkce: { required: () => true },
    cookies: { keys: [...keys.cookies] },
    features: toFeatures(parts),
    interactions: { url: (_ctx, interaction) => `${mountPath(site.workload)}/interaction/${interaction.uid}` },
    ...toTokenRules(parts),
    loadExistingGrant: async (ctx) => {
      const grantId = ctx.oidc.result?.consent?.grantId;
      return grantId === undefined ? undefined : ctx.oidc.provider.Grant.find(grantId);
    },
    ttl: toLifetimes(settings.lifetimes),
    fetch: (url) => parts.fetchDocument(url instanceof Request ? url.url : url),
    renderError: (ctx, out) => {
      ctx.set({ ...pageHeaders });
      ctx.body = errorPage(out.error, out.error_description ?? 'The login cannot go on.');
    },
  };
}

function createAdapter(model: string, options: AdapterOptions): Adapter {
  return model === 'RefreshToken' ? createRefreshAdapter(options) : createProviderAdapter(model, options);
}

function toLifetimes(lifetimes: ProviderParts['settings']['lifetimes']): NonNullable<Configuration['ttl']> {
  return {
    AccessToken: lifetimes.accessSeconds,
    AuthorizationCode: codeSeconds,
    Grant: lifetimes.refreshSeconds,
    IdToken: lifetimes.accessSeconds,
    Interaction: lifetimes.interactionSeconds,
    // Never beyond the login's own end, however often it was rotated.
    RefreshToken: (_ctx, token) => Math.max(1, Math.floor(lifetimes.refreshSeconds - token.totalLifetime())),
    Session: lifetimes.interactionSeconds,
  };
}

function toFeatures(parts: ProviderParts): NonNullable<Configuration['features']> {
  const { settings } = parts;
  const off = { enabled: false };
  return {
    devInteractions: off,
    userinfo: off,
    dPoP: off,
    pushedAuthorizationRequests: off,
    rpInitiatedLogout: off,
    registration: { enabled: true, issueRegistrationAccessToken: false },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    clientIdMetadataDocument: {
      enabled: settings.clientMetadata.enabled,
      ack: 'draft-02',
      allowFetch: (_ctx, clientId) => parts.mayFetch(clientId),
      allowClient: (_ctx, client) => (client.redirectUris ?? []).length <= 20,
      cacheDuration: { min: 30, max: 86_400 },
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_ctx, _client, oneOf) => oneOf?.[0] ?? workloadUri(parts.site.workload),
      useGrantedResource: () => true,
      getResourceServerInfo: (_ctx, resource) => toResourceServer(parts, resource),
    },
  };
}

function toResourceServer(parts: ProviderParts, resource: string): ResourceServer {
  const { site, settings, clock } = parts;
  if (!isOwnResource(resource, { ...site, hosts: settings.resourceHosts ?? [] })) {
    throw new errors.InvalidTarget('the resource is not this workload');
  }
  const kid = signingKeyAt(parts.keys().signing, clock.nowMs())?.jwk.kid;
  return {
    scope: workloadScope,
    audience: workloadUri(site.workload),
    accessTokenFormat: 'jwt',
    accessTokenTTL: settings.lifetimes.accessSeconds,
    jwt: { sign: { alg: 'ES256', ...(kid === undefined ? {} : { kid }) } },
  };
}

function toTokenRules(parts: ProviderParts): Partial<Configuration> {
  const { site, clock, settings, entries } = parts;
  return {
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    findAccount: async (ctx, subject, token) => {
      const person = await findPersonOf(parts, ctx, token);
      return person?.subject === subject ? { accountId: subject, claims: () => ({ sub: subject }) } : undefined;
    },
    extraTokenClaims: async (ctx: KoaContextWithOIDC, token) => {
      if (token.kind !== 'AccessToken') return undefined;
      const person = await findPersonOf(parts, ctx, token);
      if (person === undefined) throw new errors.InvalidGrant('the login is gone');
      await prolongClient(entries, token.clientId ?? '', { clock, lifetimes: settings.lifetimes });
      return personClaims(person, grantedResource(ctx));
    },
    formats: {
      customizers: {
        jwt: (_ctx, _token, jwt) => {
          jwt.payload['iss'] = stableIssuer(site.workload);
        },
      },
    },
  };
}

/** What the client asked for when it logged in; a refresh need not name it. */
function grantedResource(ctx: KoaContextWithOIDC): string | undefined {
  const { RefreshToken: refresh, AuthorizationCode: code } = ctx.oidc.entities;
  const resource = refresh?.resource ?? code?.resource;
  return Array.isArray(resource) ? resource[0] : resource;
}
