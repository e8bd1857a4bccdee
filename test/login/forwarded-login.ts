/** A client that logs in with a browser: through a stand-in for the sidecar's forwarding, or behind an ingress. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import {
  createBrowser,
  type Browser,
  type BrowserOptions,
  type Page,
} from '../../packages/authserver/src/testing/browser.ts';
import type { SidecarClient } from '../../packages/controller/src/testing/sidecar-client.ts';

export const redirectUri = 'http://localhost:33418/callback';

/** A login that has come to the consent page. */
export interface Attempt {
  readonly clientId: string;
  readonly verifier: string;
  readonly consent: Page;
}

export interface TypedLogin {
  /** Where the client finds the auth server: the port that it calls, or an ingress. */
  readonly origin: string;
  /** Registers a client, and opens its login in a browser. */
  begin(): Promise<Attempt>;
  /** Consents: the company's provider shows its page. */
  goOn(attempt: Attempt): Promise<Page>;
  /** Logs in as alice, and redeems the code: what the token endpoint answers. */
  end(attempt: Attempt, login: Page): Promise<Readonly<Record<string, unknown>>>;
  close(): void;
}

/** `mount` is the workload's `/as/<namespace>/<workload>`; `next` gives the replica that answers the next request. */
export async function startForwardedLogin(mount: string, next: () => SidecarClient): Promise<TypedLogin> {
  const server: Server = createServer((request, response) => void forward(next(), request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://localhost:${port}`;
  const at = { mount, origin, pageOrigin: `http://tachograph.localhost:${port}`, browser: newBrowser() };
  return {
    ...createLogin(at),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Behind an ingress: `origin` is its own, and `dial` is where its TLS is. */
export function createIngressLogin(
  mount: string,
  { origin, dial, ca }: { readonly origin: string; readonly dial: URL; readonly ca: string },
): TypedLogin {
  const ingress = new URL(origin);
  const resolve = ({ hostname, port }: URL) =>
    hostname === ingress.hostname
      ? { host: dial.hostname, port: Number(dial.port) }
      : { host: hostname, port: Number(port) };
  const browser = newBrowser({ resolve, ca });
  return { ...createLogin({ mount, origin, pageOrigin: origin, browser }), close: () => undefined };
}

function newBrowser(options: BrowserOptions = {}): Browser {
  return createBrowser({ ...options, stopAt: ({ href }) => href.startsWith(redirectUri) });
}

interface Place {
  readonly mount: string;
  readonly origin: string;
  readonly pageOrigin: string;
  readonly browser: Browser;
}

function createLogin(at: Place): Omit<TypedLogin, 'close'> {
  return {
    origin: at.origin,
    begin: async () => begin(at),
    goOn: async ({ consent }) => at.browser.press(consent, 'continue'),
    end: async (attempt, login) => redeem(at, attempt, await pressLogin(at.browser, login)),
  };
}

async function begin(at: Place): Promise<Attempt> {
  const registration = JSON.stringify({ client_name: 'a client', redirect_uris: [redirectUri] });
  const { client_id: clientId } = await post(at, '/reg', { body: registration, type: 'application/json' });
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: String(clientId),
    redirect_uri: redirectUri,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 's1',
    scope: 'mcp',
    resource: `${at.origin}/mcp`,
  });
  const url = `${at.pageOrigin}${at.mount}/auth?${query.toString()}`;
  return { clientId: String(clientId), verifier, consent: await at.browser.open(url) };
}

async function pressLogin(browser: Browser, login: Page): Promise<string> {
  const { url } = await browser.press(login, 'Log in', { fields: { username: 'alice' } });
  return url.searchParams.get('code') ?? '';
}

async function redeem(at: Place, { clientId, verifier }: Attempt, code: string) {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    client_id: clientId,
    code_verifier: verifier,
  });
  return post(at, '/token', { body: body.toString(), type: 'application/x-www-form-urlencoded' });
}

async function post(
  { browser, origin, mount }: Place,
  path: string,
  { body, type }: { readonly body: string; readonly type: string },
): Promise<Readonly<Record<string, unknown>>> {
  const url = new URL(`${origin}${mount}${path}`);
  const headers = { 'content-type': type };
  const { text } = await browser.send({ url, method: 'POST', headers, body });
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

async function forward(replica: SidecarClient, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { host = '' } = request.headers;
  const isPage = host.startsWith('tachograph.');
  const answer = await replica.call(request.method ?? '', request.url ?? '', {
    body: await buffer(request),
    headers: {
      'tacho-origin': `http://${host}`,
      ...(isPage ? { 'tacho-page': '1', ...pick(request, ['cookie']) } : {}),
      ...pick(request, ['content-type', 'origin', 'sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest', 'accept']),
    },
  });
  const { 'transfer-encoding': _hop, connection: _too, ...headers } = answer.headers;
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  response.writeHead(answer.status).end(answer.text);
}

function pick({ headers }: IncomingMessage, names: readonly string[]): Readonly<Record<string, string>> {
  const found = names.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return Object.fromEntries(found);
}
