/** What operators see of logins: counts, and a line for each end. Nothing of a request but its endpoint is told. */
import type { ServerResponse } from 'node:http';
import type { AuthPath, AuthSite } from '@tachograph/authserver';
import type { Logger, Metrics } from '@tachograph/service';
import { countFailures } from './counted-logins.ts';
import type { LoginKeeper, LoginSweep } from './login-keeper.ts';

export interface AuthMeters {
  /** Counts the answer when it is sent. */
  watch(path: AuthPath, site: AuthSite, response: ServerResponse): void;
  /** The same store, whose failures are counted. */
  countFailures(store: LoginKeeper): LoginKeeper;
  swept(sweep: LoginSweep): void;
}

export function createAuthMeters(metrics: Metrics, log: Logger): AuthMeters {
  const answers = metrics.counter('auth_answers_total', 'Answers of the auth server, by endpoint and status', [
    'endpoint',
    'status',
  ]);
  const logins = metrics.counter('auth_logins_total', 'Logins that ended, by outcome', ['outcome']);
  const failures = metrics.counter('auth_store_failures_total', 'Accesses to login state that failed', ['operation']);
  const entries = metrics.gauge('auth_state_entries', 'Login state that is kept, by kind', ['kind']);
  const removals = metrics.counter('auth_state_expired_total', 'Login state that this replica removed after its time');
  const seen = new Set<string>();
  return {
    watch(path, site, response) {
      response.once('finish', () => {
        const endpoint = endpointOf(path);
        answers.labels(endpoint, String(response.statusCode)).inc();
        const outcome = endpoint === 'resume' ? outcomeOf(response) : undefined;
        if (outcome === undefined) return;
        logins.labels(outcome).inc();
        const { namespace, workload } = site.workload ?? {};
        log.info('login ended', { outcome, namespace, workload });
      });
    },
    countFailures: (store) => countFailures(store, (operation) => failures.labels(operation).inc()),
    swept({ removed, kept }) {
      removals.inc(removed);
      for (const kind of kept.keys()) seen.add(kind);
      for (const kind of seen) entries.labels(kind).set(kept.get(kind) ?? 0);
    },
  };
}

const endpoints: Readonly<Record<string, string>> = {
  '/auth': 'authorize',
  '/token': 'token',
  '/token/revocation': 'revocation',
  '/reg': 'registration',
  '/jwks': 'keys',
  '/.well-known/oauth-authorization-server': 'metadata',
  '/.well-known/openid-configuration': 'metadata',
};

function endpointOf(path: AuthPath): string {
  if (path.kind === 'callback') return 'callback';
  const exact = endpoints[path.rest];
  if (exact !== undefined) return exact;
  if (path.rest.startsWith('/auth/')) return 'resume';
  return path.rest.startsWith('/interaction/') ? 'interaction' : 'other';
}

const oauthErrors: ReadonlySet<string> = new Set([
  'access_denied',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'login_required',
  'server_error',
  'temporarily_unavailable',
  'unauthorized_client',
]);

/** The redirect that ends a login carries a code or an error (RFC 6749 section 4.1.2); any other goes on with it. */
function outcomeOf(response: ServerResponse): string | undefined {
  const location = response.getHeader('location');
  const parameters = typeof location === 'string' ? URL.parse(location)?.searchParams : undefined;
  if (parameters === undefined) return response.statusCode >= 400 ? 'failed' : undefined;
  if (parameters.has('code')) return 'completed';
  const error = parameters.get('error');
  if (error === null) return undefined;
  return oauthErrors.has(error) ? error : 'other_error';
}
