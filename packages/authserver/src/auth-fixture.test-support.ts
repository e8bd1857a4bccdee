import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger, systemClock, type Clock } from '@tachograph/service';
import { createAuthServer, type AuthServer, type AuthServerOptions } from './app.ts';
import type { AuthKeys } from './auth-keys.ts';
import { mountPath, type AuthSite } from './auth-site.ts';
import type { Login, LoginVisit, Person } from './login-port.ts';
import { createMemoryLoginStore } from './memory-login-store.test-support.ts';
import { defaultLifetimes, type AuthSettings } from './settings.ts';
import { createSigningJwk } from './signing-keys.ts';

export const alice: Person = {
  subject: 'alice',
  upstreamIssuer: 'https://idp.corp.example',
  groups: ['platform', 'dev'],
  email: 'alice@corp.example',
  name: 'Alice',
};

export const search = { cluster: 'c1', namespace: 'team-a', workload: 'search' };
export const mail = { cluster: 'c1', namespace: 'team-a', workload: 'mail' };

export const testSettings: AuthSettings = {
  cluster: 'c1',
  upstream: {
    issuer: 'https://idp.corp.example',
    clientId: 'tachograph',
    clientSecret: 'secret',
    scopes: ['openid'],
    subjectClaim: 'sub',
    groupsClaim: 'groups',
    groups: [],
    overage: 'refuse',
  },
  redirects: ['cursor:', 'https://vscode.dev/redirect'],
  clientMetadata: { enabled: true, allow: ['*.client.example:*', 'documents.client.example'] },
  lifetimes: defaultLifetimes,
};

export function createTestKeys(): AuthKeys {
  const nowMs = Date.now();
  return {
    signing: [{ jwk: createSigningJwk(), publishedAtMs: nowMs, signsFromMs: nowMs }],
    sealing: [randomBytes(32)],
    cookies: ['cookie-key'],
  };
}

/** A login part that believes everybody is alice, without a page. */
export function createInstantLogin(person: Person = alice): Login & { readonly seen: LoginVisit[] } {
  const seen: LoginVisit[] = [];
  return {
    seen,
    async visit(_request, _response, visit) {
      seen.push(visit);
      await visit.finish(person);
    },
    async callback(_request, response) {
      response.writeHead(404).end();
    },
  };
}

/** A port of the machine at which replicas answer as a sidecar would forward to them. `Host` decides page or endpoint. */
export interface TestSite {
  readonly port: number;
  /** `http://localhost:<port>` */
  readonly origin: string;
  readonly pageOrigin: string;
  close(): void;
}

export interface TestInstallation {
  readonly store: ReturnType<typeof createMemoryLoginStore>;
  readonly keys: AuthKeys;
  createReplica(overrides?: Partial<AuthServerOptions>): AuthServer;
}

export function createInstallation(clock: Clock = systemClock): TestInstallation {
  const store = createMemoryLoginStore(() => clock.nowMs());
  const keys = createTestKeys();
  return {
    store,
    keys,
    createReplica: (overrides = {}) =>
      createAuthServer({
        settings: testSettings,
        clock,
        log: silentLogger,
        store,
        keys: () => keys,
        isRevoked: () => false,
        login: createInstantLogin(),
        ...overrides,
      }),
  };
}

/** Listens; every request goes to the replica that `pick` names then. */
export async function openSite(workload: typeof search, pick: () => AuthServer): Promise<TestSite> {
  const server: Server = createServer((incoming, response) => {
    const { host = '' } = incoming.headers;
    const site: AuthSite = {
      workload,
      origin: `http://${host.replace('tachograph.localhost', 'localhost')}`,
      pageOrigin: `http://tachograph.localhost:${portOf(server)}`,
      isPage: host.startsWith('tachograph.localhost'),
    };
    pick().handle(incoming, response, site);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  return {
    port,
    origin: `http://localhost:${port}`,
    pageOrigin: `http://tachograph.localhost:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Whether the machine resolves `tachograph.localhost` does not matter: the site's port is dialled and `Host` is set. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  json(): Record<string, unknown>;
}

export async function ask(
  url: string,
  init: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const target = new URL(url);
  const outgoing = request(
    {
      host: '127.0.0.1',
      port: target.port,
      path: target.pathname + target.search,
      method: init.method ?? 'GET',
      agent: false,
      headers: { ...init.headers, host: target.host },
    },
    (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => {
        const headers = new Headers();
        for (const [name, value] of Object.entries(incoming.headersDistinct)) {
          for (const item of value ?? []) headers.append(name, item);
        }
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, headers, text, json: () => JSON.parse(text) });
      });
    },
  );
  outgoing.once('error', reject);
  outgoing.end(init.body);
  return promise;
}

/** A browser as far as cookies go: paths are honoured, ports are not. */
export function createBrowser(): {
  open(url: string): Promise<Answer>;
  /** Follows redirects while they stay on pages; gives the first location that leaves them. */
  follow(url: string): Promise<URL>;
} {
  const cookies = new Map<string, { readonly value: string; readonly path: string }>();
  const open = async (url: string): Promise<Answer> => {
    const { pathname } = new URL(url);
    const sent = [...cookies].filter(([, { path }]) => pathname.startsWith(path));
    const cookie = sent.map(([name, { value }]) => `${name.split(' ')[0]}=${value}`).join('; ');
    const answer = await ask(url, cookie === '' ? {} : { headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split('=');
      const path = attributes.find((attribute) => attribute.startsWith('path='))?.slice(5) ?? '/';
      cookies.set(`${name} ${path}`, { value, path });
    }
    return answer;
  };
  return {
    open,
    async follow(url) {
      let at = new URL(url);
      for (let hops = 0; hops < 10; hops += 1) {
        const answer = await open(at.href);
        const location = answer.headers.get('location');
        if (location === null)
          throw new Error(`expected a redirect from ${at.pathname}, got ${answer.status} ${answer.text}`);
        const next = new URL(location, at);
        if (next.host !== at.host) return next;
        at = next;
      }
      throw new Error('expected an end of redirects');
    },
  };
}

export interface TestClient {
  readonly clientId: string;
  readonly redirectUri: string;
}

export const redirectUri = 'http://localhost:33418/callback';

export async function register(site: TestSite, workload: typeof search): Promise<TestClient> {
  const answer = await ask(`${site.origin}${mountPath(workload)}/reg`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'test client', redirect_uris: ['http://localhost/callback'] }),
  });
  if (answer.status !== 201) throw new Error(`expected 201, got ${answer.status} ${answer.text}`);
  return { clientId: String(answer.json()['client_id']), redirectUri };
}

export interface Authorization {
  readonly url: string;
  readonly verifier: string;
}

export function authorizationUrl(
  site: TestSite,
  workload: typeof search,
  client: TestClient,
  extra: Record<string, string> = {},
): Authorization {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 's1',
    scope: 'mcp',
    resource: `${site.origin}/mcp`,
    ...extra,
  });
  return { url: `${site.pageOrigin}${mountPath(workload)}/auth?${query.toString()}`, verifier };
}

export async function tokenRequest(
  site: TestSite,
  workload: typeof search,
  parameters: Record<string, string>,
): Promise<Answer> {
  return ask(`${site.origin}${mountPath(workload)}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(parameters).toString(),
  });
}

/** The whole way to a code. */
export async function getCode(
  site: TestSite,
  workload: typeof search,
  client: TestClient,
): Promise<{ readonly parameters: Record<string, string>; readonly landed: URL }> {
  const { url, verifier } = authorizationUrl(site, workload, client);
  const landed = await createBrowser().follow(url);
  const parameters = {
    grant_type: 'authorization_code',
    code: landed.searchParams.get('code') ?? '',
    redirect_uri: client.redirectUri,
    client_id: client.clientId,
    code_verifier: verifier,
  };
  return { parameters, landed };
}

/** Runs a whole login; gives the token endpoint's answer. */
export async function logIn(site: TestSite, workload: typeof search): Promise<Tokens> {
  const client = await register(site, workload);
  const { parameters } = await getCode(site, workload, client);
  const answer = await tokenRequest(site, workload, parameters);
  return { client, parameters, ...toTokens(answer) };
}

export interface Tokens {
  readonly client: TestClient;
  /** The token request that the code was redeemed with. */
  readonly parameters: Record<string, string>;
  readonly access: string;
  readonly refresh: string;
}

export function toTokens(answer: Answer): { readonly access: string; readonly refresh: string } {
  if (answer.status !== 200) throw new Error(`expected 200, got ${answer.status} ${answer.text}`);
  const { access_token: access, refresh_token: refresh } = answer.json();
  return { access: String(access), refresh: String(refresh) };
}

export function refreshRequest(
  site: TestSite,
  workload: typeof search,
  client: TestClient,
  refresh: string,
): Promise<Answer> {
  return tokenRequest(site, workload, {
    grant_type: 'refresh_token',
    refresh_token: refresh,
    client_id: client.clientId,
    resource: `${site.origin}/mcp`,
  });
}

/** A clock that runs with the machine's, moved ahead as a test wants. */
export function createMovableClock(): Clock & { moveMs(by: number): void } {
  let aheadMs = 0;
  return {
    nowMs: () => Date.now() + aheadMs,
    monotonicNs: () => systemClock.monotonicNs(),
    moveMs: (by) => {
      aheadMs += by;
    },
  };
}
