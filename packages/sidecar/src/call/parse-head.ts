/** Step 2, first half: what the request line and headers say. Pure; nothing of the body has been read. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isLoginPath, type LoginRoute, type LoginRoutes } from '../auth-proxy/login-routes.ts';
import { isPreflight } from '../auth-proxy/cross-origin.ts';
import { hostKind, type HostNames } from '../identity/host-names.ts';
import type { LoginServers } from '../identity/login-servers.ts';
import { metadataPrefix } from './resource-metadata.ts';
import type { Exchange } from './exchange.ts';
import type { CallSettings, PassthroughEntry } from './ports.ts';
import type { RefusalName } from './refusals.ts';

export type Head =
  | { readonly kind: 'refused'; readonly reason: RefusalName }
  /** netguard asks whether it reached this sidecar. */
  | { readonly kind: 'nonce'; readonly nonce: string }
  /** RFC 9728 and the older discovery documents. */
  | { readonly kind: 'well-known' }
  /** The auth server's, whatever it is: the application never sees it. `route` absent: there is no such path. */
  | { readonly kind: 'login'; readonly isPage: boolean; readonly route: LoginRoute | undefined }
  /** Passed without identity: CORS preflight, an exact health path from within the pod. */
  | { readonly kind: 'anonymous'; readonly why: 'preflight' | 'health' }
  /** A GET or DELETE of MCP. */
  | { readonly kind: 'bodyless'; readonly what: 'stream' | 'delete' }
  /** There is a body to read; it decides. */
  | { readonly kind: 'body'; readonly onMcpPath: boolean; readonly listed: boolean }
  /** Listed, without a body. */
  | { readonly kind: 'listed' };

/** More than any client sends; beyond it somebody tries how much we hold. */
const maxHeaders = 200;

const noncePath = '/.tachograph/nonce';

/** What beside the settings decides where a request belongs. */
export interface HeadRules {
  readonly settings: CallSettings;
  readonly hosts: HostNames;
  readonly loginServers: LoginServers;
  readonly loginRoutes: LoginRoutes;
}

export function parseHead(exchange: Exchange, rules: HeadRules): Head {
  const { settings, hosts } = rules;
  const { req, target } = exchange;
  if (!target.startsWith('/')) return refused('target');
  if (req.rawHeaders.length > 2 * maxHeaders) return refused('header_count');
  const nonce = nonceFor(exchange, settings);
  if (nonce !== undefined) return { kind: 'nonce', nonce };
  if (countOf(req.rawHeaders, 'host') > 1) return refused('host_count');
  if (hostKind(req.headers.host) === 'pages') return { kind: 'login', isPage: true, route: pageRoute(exchange, rules) };
  if (!hosts.allows(req.headers.host, req.socket.localAddress)) return refused('host');
  const { origin } = req.headers;
  if (origin !== undefined && !hosts.allowsOrigin(origin, settings.allowedOrigins)) return refused('origin');
  return loginHead(exchange, rules) ?? classify(exchange, settings);
}

/** Node keeps one of two and drops the other; somebody else may keep the other. */
export function countOf(rawHeaders: readonly string[], name: string): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = rawHeaders[at];
    if (header?.length === name.length && header.toLowerCase() === name) count += 1;
  }
  return count;
}

/** Where the application does OAuth itself, there is no login of ours. */
function pageRoute({ identity, path }: Exchange, { loginServers, loginRoutes }: HeadRules): LoginRoute | undefined {
  const isForwarded = identity === 'checked' && loginServers.place().kind === 'forwarded';
  return isForwarded ? loginRoutes.ofPages(path) : undefined;
}

/** The auth server's paths on the application's origin: none but those that browsers render nothing of. */
function loginHead({ identity, path, req }: Exchange, { loginServers, loginRoutes }: HeadRules): Head | undefined {
  if (identity !== 'checked') return undefined;
  const route = loginRoutes.ofApplication(path);
  if (route === undefined && !isLoginPath(path)) return undefined;
  const { kind } = loginServers.place();
  if (kind === 'absent') return undefined;
  const isForwarded = kind === 'forwarded' && hostKind(req.headers.host) === 'loopback';
  return { kind: 'login', isPage: false, route: isForwarded ? route : undefined };
}

function refused(reason: RefusalName): Head {
  return { kind: 'refused', reason };
}

/** Only where netguard's dial lands; there it proves that the rules lead here. */
function nonceFor({ method, target, entry }: Exchange, settings: CallSettings): string | undefined {
  const fromLoopback = entry.origin === 'port-forward' || entry.origin === 'loopback-root';
  return fromLoopback && method === 'GET' && target === noncePath ? settings.nonce : undefined;
}

function classify(exchange: Exchange, settings: CallSettings): Head {
  const { req, method, path } = exchange;
  if (isHealthCheck(exchange, settings)) return { kind: 'anonymous', why: 'health' };
  // Where the sidecar checks no identity, the application may do OAuth itself.
  if (isDiscovery(exchange)) return exchange.identity === 'checked' ? { kind: 'well-known' } : { kind: 'listed' };
  const onMcpPath = isMcpPath(path, settings);
  const listed = isListed(method, path, settings.passthrough);
  if (announcesBody(req)) return bodyAllowed(method) ? { kind: 'body', onMcpPath, listed } : refused('unexpected_body');
  if (onMcpPath) return mcpBodyless(method, req.headers, listed);
  if (listed) return { kind: 'listed' };
  return refused(method === 'POST' ? 'json' : 'not_mcp');
}

function isDiscovery({ method, path, identity, req }: Exchange): boolean {
  if (identity !== 'checked') return method === 'GET' && /^\/\.well-known\/(?:oauth-|openid-configuration)/.test(path);
  if (method === 'GET') return path.startsWith('/.well-known/oauth-');
  return path.startsWith(metadataPrefix) && isPreflight(req);
}

function mcpBodyless(method: string, headers: IncomingHttpHeaders, listed: boolean): Head {
  if (method === 'OPTIONS') return { kind: 'anonymous', why: 'preflight' };
  if (method === 'DELETE' && headers['mcp-session-id'] !== undefined) return { kind: 'bodyless', what: 'delete' };
  const wantsStream = headers.accept?.includes('text/event-stream') === true;
  if (method === 'GET' && wantsStream) return { kind: 'bodyless', what: 'stream' };
  if (listed) return { kind: 'listed' };
  if (method === 'GET') return refused('accept');
  return refused(method === 'POST' ? 'json' : 'not_mcp');
}

function isHealthCheck({ method, target, entry, req }: Exchange, settings: CallSettings): boolean {
  return entry.origin === 'in-pod' && method === 'GET' && settings.healthPaths.has(target) && !announcesBody(req);
}

/** A trailing slash is the same path to some servers and a redirect to others; both are MCP. */
function isMcpPath(path: string, settings: CallSettings): boolean {
  return settings.mcpPaths.has(path) || (path.endsWith('/') && settings.mcpPaths.has(path.slice(0, -1)));
}

/** Whether the setting lists method and path. */
export function isListed(method: string, path: string, entries: readonly PassthroughEntry[]): boolean {
  return entries.some(
    (entry) =>
      entry.method === method && (entry.prefix ? isPlain(path) && path.startsWith(entry.path) : path === entry.path),
  );
}

/** Dot segments and their escapes could leave the prefix once the server resolves them. */
function isPlain(path: string): boolean {
  return !/(?:^|\/|%2f|\\)(?:\.|%2e){1,2}(?:\/|%2f|\\|$)/i.test(path);
}

function announcesBody(req: IncomingMessage): boolean {
  const length = req.headers['content-length'];
  return req.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** Servers disagree on what a body means with these methods. */
function bodyAllowed(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'DELETE' && method !== 'OPTIONS';
}
