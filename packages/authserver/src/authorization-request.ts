import { isAllowedRedirect } from './redirect-policy.ts';

/** The one scope of a workload. */
export const workloadScope = 'mcp';
/** Scopes of the library's own that a client may have. */
export const staticScopes: readonly string[] = ['openid', 'offline_access'];

/** An authorization request as it is passed on, or why it is not: its redirect must not be used then. */
export type AuthorizationRequest =
  | { readonly kind: 'pass'; readonly query: string }
  | { readonly kind: 'refused'; readonly error: string; readonly description: string };

const maxQueryLength = 16 * 1024;

/**
 * Reads the query of an authorization request. The workload's scope is always in it (many clients ask for none, some for
 * others; RFC 6749 section 3.3 lets the server decide and the token's answer say so); scopes that nobody knows go.
 * The redirect is judged here for every kind of client: a metadata document is the client's own word.
 */
export function parseAuthorizationRequest(query: string, allowedRedirects: readonly string[]): AuthorizationRequest {
  if (query.length > maxQueryLength) return refused('invalid_request', 'the request is too long');
  const parameters = new URLSearchParams(query);
  const redirects = parameters.getAll('redirect_uri');
  if (!redirects.every((uri) => isAllowedRedirect(uri, allowedRedirects))) {
    return refused('invalid_redirect_uri', 'The redirect of this request is neither on this machine nor allowed here.');
  }
  const asked = parameters.getAll('scope');
  // More than one is an error that the library answers.
  if (asked.length > 1) return { kind: 'pass', query };
  const known = (asked[0] ?? '').split(' ').filter((scope) => staticScopes.includes(scope));
  parameters.set('scope', [...new Set([workloadScope, ...known])].join(' '));
  return { kind: 'pass', query: parameters.toString() };
}

function refused(error: string, description: string): AuthorizationRequest {
  return { kind: 'refused', error, description };
}
