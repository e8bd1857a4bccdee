/** What a path below a workload's mount is, and how it may be asked for. */
export type AuthRoute =
  | { readonly kind: 'protocol'; readonly name: 'metadata' | 'jwks' | 'register' | 'token' | 'revoke' }
  | { readonly kind: 'page'; readonly name: 'authorize' | 'resume' }
  | { readonly kind: 'page'; readonly name: 'visit'; readonly uid: string; readonly rest: string };

interface Endpoint {
  readonly route: AuthRoute;
  readonly methods: readonly string[];
}

const read = ['GET', 'OPTIONS'];
const post = ['POST', 'OPTIONS'];
const endpoints: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/.well-known/oauth-authorization-server', { route: { kind: 'protocol', name: 'metadata' }, methods: read }],
  ['/.well-known/openid-configuration', { route: { kind: 'protocol', name: 'metadata' }, methods: read }],
  ['/jwks', { route: { kind: 'protocol', name: 'jwks' }, methods: read }],
  ['/reg', { route: { kind: 'protocol', name: 'register' }, methods: post }],
  ['/token', { route: { kind: 'protocol', name: 'token' }, methods: post }],
  ['/token/revocation', { route: { kind: 'protocol', name: 'revoke' }, methods: post }],
  ['/auth', { route: { kind: 'page', name: 'authorize' }, methods: ['GET'] }],
]);

const resume = /^\/auth\/[A-Za-z0-9_-]{1,64}$/;
const visit = /^\/interaction\/([A-Za-z0-9_-]{1,64})((?:\/[A-Za-z0-9_-]{1,64}){0,3})$/;

/** The route of a path below the mount; `undefined` for everything else, which is answered 404 without being passed on. */
export function authRoute(method: string, rest: string): AuthRoute | undefined {
  const endpoint = endpoints.get(rest);
  if (endpoint !== undefined) return endpoint.methods.includes(method) ? endpoint.route : undefined;
  if (method === 'GET' && resume.test(rest)) return { kind: 'page', name: 'resume' };
  const match = method === 'GET' || method === 'POST' ? visit.exec(rest) : null;
  return match === null ? undefined : { kind: 'page', name: 'visit', uid: match[1] ?? '', rest: match[2] ?? '' };
}
