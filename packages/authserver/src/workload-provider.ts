import type { EventEmitter } from 'node:events';
import { describeError } from '@tachograph/service';
import { Provider } from 'oidc-provider';
import type { AuthKeys } from './auth-keys.ts';
import { mountPath } from './auth-site.ts';
import { staticScopes, workloadScope } from './authorization-request.ts';
import type { ProviderParts } from './provider-parts.ts';
import { toProviderConfiguration } from './provider-settings.ts';
import { createRefreshTokenId } from './refresh-families.ts';
import { withTypedIssuer } from './typed-issuer.ts';

/** The library's cookie for a session that outlives a login. None does here. */
const sessionCookie = /^_session(?:\.sig)?=/;

/** Of a Koa context: the library adds `oidc` where a route matched. */
interface AnsweredContext {
  readonly oidc?: { readonly route?: string; readonly params?: Readonly<Record<string, unknown>> | undefined };
  body?: unknown;
  readonly response: { get(name: string): string | string[] };
  set(name: string, value: string | string[]): void;
  remove(name: string): void;
}

/** The issuer of one workload on one origin. Holds keys and caches only: another instance with the same parts goes on. */
export function createWorkloadProvider(parts: ProviderParts, keys: AuthKeys): Provider {
  const { site } = parts;
  const provider = new Provider(`${site.origin}${mountPath(site.workload)}`, toProviderConfiguration(parts, keys));
  fixOrigin(provider, site);
  nameRefreshTokens(provider);
  provider.use(async (ctx, next) => {
    await next();
    describeSite(ctx, site);
    sayTypedIssuer(ctx, provider.issuer);
    dropSessionCookie(ctx);
  });
  reportErrors(provider, parts);
  return provider;
}

/**
 * The library derives endpoint URLs, and whether cookies are secure, from the request: but the request came through
 * proxies. The site was checked; it decides. Koa's request prototype is there to be extended per application.
 */
function fixOrigin(provider: Provider, site: ProviderParts['site']): void {
  const endpoints = new URL(site.origin);
  const pages = new URL(site.pageOrigin);
  const at = (path: string): URL => (path.startsWith('/auth') || path.startsWith('/interaction') ? pages : endpoints);
  for (const [name, read] of Object.entries({
    host: (url: URL): string => url.host,
    protocol: (url: URL): string => url.protocol.slice(0, -1),
  })) {
    Object.defineProperty(provider.request, name, {
      configurable: true,
      get(this: { readonly path: string }) {
        return read(at(this.path));
      },
    });
  }
}

/** The library draws ids of tokens where it saves them; a refresh token's must say its login (`refresh-families.ts`). */
function nameRefreshTokens(provider: Provider): void {
  Object.defineProperty(provider.RefreshToken.prototype, 'generateTokenId', {
    value(this: { readonly grantId: string }): string {
      return createRefreshTokenId(this.grantId);
    },
  });
}

/** Metadata says where browsers go, and only what works here. */
function describeSite(ctx: AnsweredContext, site: ProviderParts['site']): void {
  if (ctx.oidc?.route !== 'discovery' || typeof ctx.body !== 'object' || ctx.body === null) return;
  ctx.body = {
    ...ctx.body,
    authorization_endpoint: `${site.pageOrigin}${mountPath(site.workload)}/auth`,
    response_modes_supported: ['query'],
    scopes_supported: [workloadScope, ...staticScopes],
    revocation_endpoint_auth_methods_supported: ['none'],
  };
}

function sayTypedIssuer(ctx: AnsweredContext, issuer: string): void {
  const location = ctx.response.get('location');
  const resource = ctx.oidc?.params?.['resource'];
  if (typeof location === 'string' && location !== '' && resource !== undefined)
    ctx.set('location', withTypedIssuer(location, issuer, resource));
}

function dropSessionCookie(ctx: AnsweredContext): void {
  const cookies = [ctx.response.get('set-cookie')].flat().filter((cookie) => cookie !== '');
  if (cookies.length === 0) return;
  const kept = cookies.filter((cookie) => !sessionCookie.test(cookie));
  if (kept.length === 0) ctx.remove('set-cookie');
  else ctx.set('set-cookie', kept);
}

function reportErrors(provider: Provider, { log, site }: ProviderParts): void {
  const fields = { namespace: site.workload.namespace, workload: site.workload.workload };
  provider.on('server_error', (_ctx, error) => log.error('login failed', { ...fields, err: describeError(error) }));
  // Without a listener Koa writes to the console.
  const koa: EventEmitter = provider;
  koa.on('error', (error: unknown) => log.error('login failed', { ...fields, err: describeError(error) }));
  // Of refusals at the token endpoint the library's details are fixed texts; elsewhere they quote the request.
  provider.on('grant.error', (_ctx, { error, error_detail: detail }) =>
    log.info('refused a token request', { ...fields, reason: error, detail }),
  );
  provider.on('authorization.error', (_ctx, { error }) =>
    log.info('refused a login request', { ...fields, reason: error }),
  );
  provider.on('registration_create.error', (_ctx, { error }) =>
    log.info('refused a registration', { ...fields, reason: error }),
  );
}
