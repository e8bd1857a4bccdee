/** A stand-in for the auth server around the pages: visits with a cookie, two origins, and what became of them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger, systemClock, type Clock, type Logger } from '@tachograph/service';
import type { AuthSite } from '../auth-site.ts';
import type { LoginMemory, LoginVisit, Person } from '../login-port.ts';
import { defaultLifetimes, type AuthSettings, type UpstreamSettings } from '../settings.ts';
import { createBrowser, type Browser, type BrowserOptions } from '../testing/browser.ts';
import { createLogin } from './login.ts';

export interface LoginHostOptions {
  readonly upstream: Partial<UpstreamSettings> & { readonly issuer: string };
  readonly visit?: Partial<LoginVisit>;
  readonly clock?: Clock;
  readonly log?: Logger;
  /** The workload that is forwarded to this port, as the sidecar says; without one it is an ingress. */
  readonly forwarded?: () => string;
}

export interface LoginHost {
  readonly port: number;
  readonly origin: string;
  readonly pageOrigin: string;
  /** Where the client sends the browser to begin a visit. */
  authUrl(uid: string, workload?: string): URL;
  /** How visits ended, the first first. */
  readonly ends: readonly VisitEnd[];
  /** How many values the pages remember. */
  remembered(): number;
  close(): Promise<void>;
}

export type VisitEnd =
  | { readonly uid: string; readonly kind: 'person'; readonly person: Person }
  | { readonly uid: string; readonly kind: 'refused'; readonly description: string };

const team = { cluster: 'demo', namespace: 'team-a' };

export const clientCallback = 'http://localhost:33418/callback';

/** Starts it on a free port. */
export async function startLoginHost(options: LoginHostOptions): Promise<LoginHost> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const clock = options.clock ?? systemClock;
  const values = new Map<string, { text: string; expiresAtMs: number }>();
  const settings = settingsOf(options.upstream);
  const log = options.log ?? silentLogger;
  const memory = memoryOf(values, clock);
  const login = createLogin({ settings, clock, log, memory });
  const ends: VisitEnd[] = [];
  const pageOrigin = `http://tachograph.localhost:${port}`;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://host');
    const site = siteOf(request, pageOrigin);
    const [, workload = '', rest = ''] = /^\/as\/team-a\/([a-z]+)\/(.*)$/.exec(url.pathname) ?? [];
    const forwarded = options.forwarded?.();
    const from = forwarded === undefined ? {} : { workload: { ...team, workload: forwarded } };
    if (url.pathname === '/as/callback') void login.callback(request, response, { ...site, ...from });
    else if (rest.startsWith('auth/')) begin(response, workload, rest.slice(5));
    else void visit({ ...options, clock, login, ends }, request, response, { site, workload, rest });
  });
  return {
    port,
    origin: `http://localhost:${port}`,
    pageOrigin,
    authUrl: (uid, workload = 'search') => new URL(`${pageOrigin}/as/team-a/${workload}/auth/${uid}`),
    ends,
    remembered: () => values.size,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A browser that stops at the client's callback. */
export function createClientBrowser(options: BrowserOptions = {}): Browser {
  return createBrowser({ stopAt: ({ href }) => href.startsWith(clientCallback), ...options });
}

function settingsOf(upstream: LoginHostOptions['upstream']): AuthSettings {
  return {
    cluster: 'demo',
    upstream: {
      clientId: 'tachograph',
      clientSecret: 'idp-test-secret',
      scopes: ['openid', 'profile', 'email'],
      subjectClaim: 'sub',
      groupsClaim: 'groups',
      groups: [],
      overage: 'refuse',
      ...upstream,
    },
    redirects: [],
    clientMetadata: { enabled: false, allow: [] },
    lifetimes: defaultLifetimes,
  };
}

function memoryOf(values: Map<string, { text: string; expiresAtMs: number }>, clock: Clock): LoginMemory {
  const read = (key: string): string | undefined => {
    const value = values.get(key);
    return value !== undefined && value.expiresAtMs > clock.nowMs() ? value.text : undefined;
  };
  return {
    read: async (kind, id) => read(`${kind}/${id}`),
    write: async (kind, id, value) => {
      values.set(`${kind}/${id}`, value);
    },
    take: async (kind, id) => {
      const text = read(`${kind}/${id}`);
      values.delete(`${kind}/${id}`);
      return text;
    },
  };
}

function siteOf(request: IncomingMessage, pageOrigin: string): AuthSite {
  const isPage = request.headers.host?.startsWith('tachograph.localhost') === true;
  return { origin: `http://${request.headers.host ?? ''}`, pageOrigin, isPage };
}

function begin(response: ServerResponse, workload: string, uid: string): void {
  const path = `/as/team-a/${workload}/interaction/${uid}`;
  const cookie = `visit=${uid}; Path=${path}; HttpOnly; SameSite=Lax`;
  response.writeHead(303, { location: path, 'set-cookie': cookie }).end();
}

type Around = LoginHostOptions & {
  readonly clock: Clock;
  readonly login: ReturnType<typeof createLogin>;
  readonly ends: VisitEnd[];
};

async function visit(
  around: Around,
  request: IncomingMessage,
  response: ServerResponse,
  { site, workload, rest }: { readonly site: AuthSite; readonly workload: string; readonly rest: string },
): Promise<void> {
  const [, uid = '', below = ''] = /^interaction\/([^/]+)(\/.*)?$/.exec(rest) ?? [];
  if (!site.isPage || request.headers.cookie?.includes(`visit=${uid}`) !== true) {
    response.writeHead(404).end('no such visit');
    return;
  }
  const end = (what: VisitEnd, query: string): void => {
    around.ends.push(what);
    response.writeHead(303, { location: `${around.visit?.redirectUri ?? clientCallback}?${query}` }).end();
  };
  await around.login.visit(request, response, {
    site: { ...site, workload: { ...team, workload } },
    uid,
    path: `/as/team-a/${workload}/interaction/${uid}`,
    rest: below,
    client: { id: 'client-1', kind: 'registered', name: 'Claude Code' },
    redirectUri: clientCallback,
    resource: 'http://localhost:8080/mcp',
    scopes: ['mcp'],
    expiresAtMs: around.clock.nowMs() + 600_000,
    finish: async (person) => end({ uid, kind: 'person', person }, 'code=1'),
    refuse: async (description) => end({ uid, kind: 'refused', description }, 'error=access_denied'),
    ...around.visit,
  });
}
