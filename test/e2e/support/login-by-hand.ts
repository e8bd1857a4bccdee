import { createHash, randomBytes } from 'node:crypto';
import { createBrowser, type Page } from '../../../packages/authserver/src/testing/browser.ts';

/** A login step by step, so that a test may do something between two of them. */
export interface HandLogin {
  /** What a client would open. */
  readonly authorizationUrl: string;
  /** Where the client would wait; nobody listens there. */
  readonly redirect: string;
  /** Exchanges the code in the address of the callback. */
  redeem(callback: URL): Promise<Tokens>;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly client_id: string;
}

interface Metadata {
  readonly registration_endpoint: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
}

const redirect = 'http://localhost:33418/callback';

/** Asks as clients do: challenge, protected resource, auth server, registration. */
export async function beginLogin(mcpUrl: string): Promise<HandLogin> {
  const metadata = await discover(mcpUrl);
  const body = { client_name: 'by hand', redirect_uris: [redirect], token_endpoint_auth_method: 'none' };
  const { client_id: client } = await json<{ client_id: string }>(metadata.registration_endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(metadata.authorization_endpoint);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client,
    redirect_uri: redirect,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: randomBytes(16).toString('hex'),
    scope: 'mcp offline_access',
    resource: mcpUrl,
  }).toString();
  return {
    authorizationUrl: url.href,
    redirect,
    redeem: async (callback) => {
      const code = callback.searchParams.get('code') ?? '';
      const form = { grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier };
      return { ...(await askTokens(metadata.token_endpoint, { ...form, client_id: client })), client_id: client };
    },
  };
}

/** New tokens for old ones, at whatever address the same server has by now. */
export async function renewTokens(mcpUrl: string, { refresh_token, client_id }: Tokens): Promise<Tokens> {
  const { token_endpoint: endpoint } = await discover(mcpUrl);
  return { ...(await askTokens(endpoint, { grant_type: 'refresh_token', refresh_token, client_id })), client_id };
}

/** A browser that stops at the callback of `beginLogin`, and trusts the company's authority. */
export function browserFor({ redirect: end }: HandLogin, ca: string): ReturnType<typeof createBrowser> {
  return createBrowser({ ca, stopAt: (url) => url.href.startsWith(end) });
}

/** The one button on the page that leads on. */
export function buttonOf({ forms }: Page): string {
  const texts = forms.flatMap(({ buttons }) => buttons.map(({ text }) => text));
  return texts.find((text) => /^(continue|log in)/i.test(text)) ?? '';
}

async function discover(mcpUrl: string): Promise<Metadata> {
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  const refused = await fetch(mcpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify(ping),
  });
  await refused.text();
  const challenge = refused.headers.get('www-authenticate') ?? '';
  const resource = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? '';
  const { authorization_servers: servers } = await json<{ authorization_servers: string[] }>(resource);
  const issuer = new URL(servers[0] ?? '');
  return json<Metadata>(`${issuer.origin}/.well-known/oauth-authorization-server${issuer.pathname}`);
}

async function askTokens(endpoint: string, form: Record<string, string>): Promise<Omit<Tokens, 'client_id'>> {
  return json(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
}

async function json<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}
