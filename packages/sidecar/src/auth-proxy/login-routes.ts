/** Which paths are the auth server's, on which host. What is not here does not exist there (`contracts.md`). */
import { loginMount, type WorkloadRef } from '@tachograph/protocol';

export type LoginEndpoint =
  | 'metadata'
  | 'registration'
  | 'token'
  | 'revocation'
  | 'keys'
  | 'callback'
  | 'authorize'
  | 'interaction';

export interface LoginRoute {
  readonly endpoint: LoginEndpoint;
  readonly methods: readonly ('GET' | 'POST')[];
  /** At the controller, without the query. */
  readonly path: string;
  /** On the host of the pages, which is never the application's. */
  readonly isPage: boolean;
}

export interface LoginRoutes {
  /** On a host that the application has too: nothing that a browser renders, hence no cookie. */
  ofApplication(path: string): LoginRoute | undefined;
  /** On the host of the pages. */
  ofPages(path: string): LoginRoute | undefined;
}

const serverMetadata = '/.well-known/oauth-authorization-server';
const openidMetadata = '/.well-known/openid-configuration';
const callback = '/as/callback';
const get = ['GET'] as const;
const post = ['POST'] as const;
const both = ['GET', 'POST'] as const;

export function createLoginRoutes(workload: WorkloadRef): LoginRoutes {
  const mount = loginMount(workload);
  const inserted = `${serverMetadata}${mount}`;
  const metadata = (path: string): LoginRoute => ({ endpoint: 'metadata', methods: get, path, isPage: false });
  const protocol = (endpoint: LoginEndpoint, methods: LoginRoute['methods'], path: string): LoginRoute => ({
    endpoint,
    methods,
    path,
    isPage: false,
  });
  const table: ReadonlyMap<string, LoginRoute> = new Map([
    // Clients of 2025-03-26 ask the origin of the server itself.
    [serverMetadata, metadata(inserted)],
    [inserted, metadata(inserted)],
    [`${openidMetadata}${mount}`, metadata(`${openidMetadata}${mount}`)],
    [`${mount}${openidMetadata}`, metadata(`${mount}${openidMetadata}`)],
    [`${mount}/reg`, protocol('registration', post, `${mount}/reg`)],
    [`${mount}/token`, protocol('token', post, `${mount}/token`)],
    [`${mount}/token/revocation`, protocol('revocation', post, `${mount}/token/revocation`)],
    [`${mount}/jwks`, protocol('keys', get, `${mount}/jwks`)],
    [callback, protocol('callback', get, callback)],
  ]);
  return {
    ofApplication: (path) => table.get(path),
    ofPages: (path) => pageOf(path, mount),
  };
}

/** Segments of letters, digits, `-` and `_` only: no dot, no escape that somebody else resolves. */
const resume = /^\/auth\/[\w-]{1,128}$/;
const interaction = /^\/interaction\/[\w-]{1,128}(?:\/[\w-]{1,64}){0,3}$/;

function pageOf(path: string, mount: string): LoginRoute | undefined {
  const page = (endpoint: LoginEndpoint, methods: LoginRoute['methods']): LoginRoute => ({
    endpoint,
    methods,
    path,
    isPage: true,
  });
  if (path === callback) return page('callback', get);
  if (!path.startsWith(`${mount}/`)) return undefined;
  const rest = path.slice(mount.length);
  if (rest === '/auth') return page('authorize', both);
  if (resume.test(rest)) return page('authorize', get);
  return interaction.test(rest) ? page('interaction', both) : undefined;
}

/** Everything that is the auth server's, where there is one: no path of it ever reaches the application. */
export function isLoginPath(path: string): boolean {
  return path === '/as' || path.startsWith('/as/');
}

/** Where a login begins, of any workload. */
export function isAuthorizePath(path: string): boolean {
  return /^\/as\/[^/]+\/[^/]+\/auth$/.test(path);
}
