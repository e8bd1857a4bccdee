/** RFC 9728: where callers of this resource log in, said to each client for the URL that it typed (`mcp.md` §3). */
import { answerPreflight, isPreflight, readableByAll } from '../auth-proxy/cross-origin.ts';
import { sendJson } from './answer.ts';
import type { Exchange } from './exchange.ts';
import type { CallContext } from './ports.ts';

/** Root form, and before the path of the resource. */
export const metadataPrefix = '/.well-known/oauth-protected-resource';

/** The path form: some clients accept only metadata whose resource is the exact URL that was typed. */
export function metadataUrl(context: CallContext, exchange: Exchange): string {
  return `${baseUrl(context, exchange)}${metadataPrefix}${exchange.path === '/' ? '' : exchange.path}`;
}

/** Answers every discovery document that is no login's. */
export function answerWellKnown(context: CallContext, exchange: Exchange): void {
  const { path, req, res, entry } = exchange;
  const count = (reason: string): void => context.refusals.count({ source: 'answered', reason, origin: entry.origin });
  const suffix = path.startsWith(metadataPrefix) ? path.slice(metadataPrefix.length) : undefined;
  if (suffix === undefined || (suffix !== '' && !suffix.startsWith('/'))) {
    count('well_known');
    return sendJson(res, 404, JSON.stringify({ error: 'not_found' }), readableByAll);
  }
  if (isPreflight(req)) {
    count('passed_preflight');
    return answerPreflight(res, ['GET']);
  }
  count('resource_metadata');
  // A browser-based client reads this across origins; it holds nothing secret.
  return sendJson(res, 200, JSON.stringify(metadataOf(context, exchange, suffix)), readableByAll);
}

/** `resource` is the URL that this client typed: it refuses any other. */
function metadataOf(context: CallContext, exchange: Exchange, suffix: string): unknown {
  const { loginServers } = context;
  const servers = loginServers.servers(exchange.req.headers.host ?? '');
  const scope = loginServers.scope();
  return {
    resource: `${baseUrl(context, exchange)}${suffix}`,
    // An empty list would be no valid member (RFC 9728 §3.2).
    ...(servers.length === 0 ? {} : { authorization_servers: servers }),
    ...(scope === undefined ? {} : { scopes_supported: [scope] }),
    bearer_methods_supported: ['header'],
  };
}

/** The Host has been checked against the allow-list. */
function baseUrl({ hosts }: CallContext, { req }: Exchange): string {
  return hosts.originOf(req.headers.host ?? 'localhost');
}
