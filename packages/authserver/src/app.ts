import type { IncomingMessage, ServerResponse } from 'node:http';
import { workloadUri, type WorkloadRef } from '@tachograph/protocol';
import { describeError, type Clock, type Logger } from '@tachograph/service';
import type { JWK } from 'jose';
import type { Provider } from 'oidc-provider';
import { answerWorkload, notFound } from './answer-workload.ts';
import type { AuthKeys } from './auth-keys.ts';
import { parseAuthPath, type AuthSite } from './auth-site.ts';
import { answerError, answerErrorPage } from './error-page.ts';
import { createGuardedFetch, type GuardedFetch } from './guarded-fetch.ts';
import { matchesHost } from './host-glob.ts';
import { createLogin } from './login/index.ts';
import { createLoginMemory } from './login-memory.ts';
import type { Login } from './login-port.ts';
import type { LoginStore } from './login-store.ts';
import type { LoginSubject } from './login-subject.ts';
import { createPersonRecords } from './person-records.ts';
import type { ProviderParts, WorkloadSite } from './provider-parts.ts';
import { createProviderPool } from './provider-pool.ts';
import { createRequestLimits, type RequestLimits } from './request-limits.ts';
import { createSealedEntries, type SealedEntries } from './sealed-entries.ts';
import type { AuthSettings } from './settings.ts';
import { publicJwks } from './signing-keys.ts';
import { stableIssuer } from './stable-issuer.ts';

/** What sidecars of a workload accept: an entry of the signed key set. */
export interface AcceptedIssuer {
  readonly issuer: string;
  readonly subjectType: 'human';
  readonly audiences: readonly string[];
  readonly groupsClaim: 'groups';
  /** Public keys, the coming one included. */
  readonly keys: readonly JWK[];
}

/** What the auth server is made of. */
export interface AuthServerOptions {
  readonly settings: AuthSettings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: LoginStore;
  /** Asked at every request, so that rotation needs no restart; must be cheap. */
  readonly keys: () => AuthKeys;
  /** Asked before a refresh token is honoured. */
  readonly isRevoked: (subject: LoginSubject) => boolean;
  /** The pages; by default those of `login/`. */
  readonly login?: Login;
  /** How client-id metadata documents are fetched; by default from public addresses only. */
  readonly fetchDocument?: GuardedFetch;
}

/** One OAuth 2.1 issuer per workload and origin, all on one store. Any replica answers any request. */
export interface AuthServer {
  /** Answers a request under `/as` or of the two well-known forms. `site` must come from checked facts. */
  handle(request: IncomingMessage, response: ServerResponse, site: AuthSite): void;
  issuerOf(workload: WorkloadRef): AcceptedIssuer;
}

/** The auth server of an installation. Does no I/O before the first request. */
export function createAuthServer(options: AuthServerOptions): AuthServer {
  const { settings, clock, log, keys } = options;
  const memory = createLoginMemory(entriesOf(options, `tachograph://${settings.cluster}`), () => clock.nowMs());
  const login = options.login ?? createLogin({ settings, clock, log, memory });
  const limits = createRequestLimits();
  const partsOf = createPartsOf(options, limits);
  const pool = createProviderPool({ keys, partsOf });
  const answer = async (request: IncomingMessage, response: ServerResponse, site: AuthSite): Promise<void> => {
    const { path, query } = splitUrl(request.url ?? '');
    const parsed = parseAuthPath(path);
    if (parsed?.kind === 'callback' && request.method === 'GET') return login.callback(request, response, site);
    if (parsed?.kind !== 'workload' || !isSiteOf(site, parsed)) return notFound(response);
    const provider = (): Provider => pool.get(site);
    return answerWorkload(
      { parts: partsOf(site), login, limits, provider },
      { request, response, rest: parsed.rest, query },
    );
  };
  return {
    handle(request, response, site) {
      answer(request, response, site).catch((error: unknown) => {
        if (request.destroyed && !request.complete) return;
        log.error('auth server failed', { err: describeError(error) });
        answerFailure(request, response);
      });
    },
    issuerOf: (workload) => ({
      issuer: stableIssuer(workload),
      subjectType: 'human',
      audiences: [],
      groupsClaim: 'groups',
      keys: publicJwks(keys().signing),
    }),
  };
}

function entriesOf({ store, clock, keys }: AuthServerOptions, scope: string): SealedEntries {
  return createSealedEntries({ scope, store, clock, keys });
}

function createPartsOf(options: AuthServerOptions, limits: RequestLimits): (site: WorkloadSite) => ProviderParts {
  const { settings, clock, log, keys, isRevoked } = options;
  const fetchDocument = options.fetchDocument ?? createGuardedFetch();
  return (site) => {
    const scope = workloadUri(site.workload);
    const entries = entriesOf(options, scope);
    const mayFetch = async (clientId: string): Promise<boolean> => {
      const host = URL.parse(clientId)?.host ?? '';
      return (
        matchesHost(host, settings.clientMetadata.allow) && (await limits.take('fetchMetadata', scope)) === undefined
      );
    };
    const persons = createPersonRecords(entries);
    return { settings, clock, log, site, entries, persons, keys, isRevoked, fetchDocument, mayFetch };
  };
}

function answerFailure(request: IncomingMessage, response: ServerResponse): void {
  const text = 'The request failed here; it may work later.';
  if (response.headersSent) response.destroy();
  else if (request.headers.accept?.includes('text/html') === true) answerErrorPage(response, 500, 'server_error', text);
  else answerError(response, 500, 'server_error', text);
}

function splitUrl(url: string): { readonly path: string; readonly query: string } {
  const at = url.indexOf('?');
  return at < 0 ? { path: url, query: '' } : { path: url.slice(0, at), query: url.slice(at + 1) };
}

/** The path must name the workload that was checked: whoever routed the request may have looked at another path. */
function isSiteOf(
  site: AuthSite,
  path: { readonly namespace: string; readonly workload: string },
): site is WorkloadSite {
  return site.workload?.namespace === path.namespace && site.workload.workload === path.workload;
}
