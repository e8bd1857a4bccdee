/** An MCP client's part of a login, step by step, with nothing that a stock client does not do. */
import { createHash, randomBytes } from 'node:crypto';
import type { Browser, Page } from '../../packages/authserver/src/testing/browser.ts';
import { ask, type Told } from '../../packages/sidecar/src/testing/ask.ts';

export const clientCallback = 'http://localhost:53682/callback';

const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };

/** What discovery found. */
export interface Discovered {
  readonly resource: string;
  readonly issuer: string;
  readonly scope: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

/** Everything about one login; secrets that no record may hold among it. */
export interface LoggedIn extends Tokens {
  readonly clientId: string;
  readonly code: string;
  readonly verifier: string;
  readonly back: Page;
}

/** `url`: as typed, `http://localhost:1234/mcp`. The sidecar is dialled at 127.0.0.1 whatever its name is. */
export async function callTool(url: string, token?: string, words = 'hello'): Promise<Told> {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'echo', arguments: { text: words } },
  });
  const headers = { ...json, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  return send(url, { method: 'POST', headers, body });
}

export async function send(url: string, asked: Parameters<typeof ask>[2] = {}): Promise<Told> {
  const { host, pathname, search } = new URL(url);
  return ask(url, pathname + search, { host, ...asked });
}

/** From the challenge to the metadata of the auth server (RFC 9728, RFC 8414). */
export async function discover(challenge: Told): Promise<Discovered> {
  const header = challenge.headers['www-authenticate'] ?? '';
  const metadataUrl = /^Bearer .*resource_metadata="([^"]+)"/.exec(header)?.[1] ?? '';
  const resource = read((await send(metadataUrl)).body);
  const [issuer] = Array.isArray(resource['authorization_servers']) ? resource['authorization_servers'] : [];
  const { origin, pathname } = new URL(String(issuer));
  const told = await send(`${origin}/.well-known/oauth-authorization-server${pathname}`);
  return {
    resource: text(resource, 'resource'),
    issuer: String(issuer),
    scope: /scope="([^"]*)"/.exec(header)?.[1] ?? '',
    metadata: read(told.body),
  };
}

/** Registers, opens the browser at the authorization endpoint, and takes the code to the token endpoint. */
export async function logIn(found: Discovered, browser: Browser, user: string): Promise<LoggedIn> {
  const clientId = await register(found);
  const { start, verifier, state } = authorizationUrl(found, { clientId, redirect: clientCallback });
  const consent = await browser.open(start);
  const login = await browser.press(consent, 'continue');
  const back = await browser.press(login, 'Log in', { fields: { username: user } });
  const answer = back.url.searchParams;
  if (answer.get('state') !== state || answer.get('iss') !== found.issuer)
    throw new Error(`not sent back as expected: ${back.url.href} ${back.status} ${back.text}`);
  const code = answer.get('code') ?? '';
  const told = await redeem(found, { clientId, code, verifier });
  if (told.status !== 200) throw new Error(`no token: ${told.status} ${told.body}`);
  return { ...tokensOf(told), clientId, code, verifier, back };
}

/** Where a client sends its user's browser. */
export function authorizationUrl(
  { metadata, resource, scope }: Discovered,
  { clientId, redirect }: { readonly clientId: string; readonly redirect: string },
): { readonly start: URL; readonly verifier: string; readonly state: string } {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(8).toString('hex');
  const start = new URL(text(metadata, 'authorization_endpoint'));
  const query = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirect,
    scope,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    resource,
  };
  for (const [name, value] of Object.entries(query)) start.searchParams.set(name, value);
  return { start, verifier, state };
}

export async function register({ metadata }: Discovered, redirect = clientCallback): Promise<string> {
  const told = await send(text(metadata, 'registration_endpoint'), {
    method: 'POST',
    headers: json,
    body: JSON.stringify({
      client_name: 'Test Client',
      redirect_uris: [redirect],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    }),
  });
  if (told.status !== 201) throw new Error(`not registered: ${told.status} ${told.body}`);
  return text(read(told.body), 'client_id');
}

interface Redeemed {
  readonly clientId: string;
  readonly code: string;
  readonly verifier: string;
  readonly redirect?: string;
}

export async function redeem(
  found: Discovered,
  { clientId, code, verifier, redirect = clientCallback }: Redeemed,
): Promise<Told> {
  return tokenRequest(found, {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    code_verifier: verifier,
    redirect_uri: redirect,
    resource: found.resource,
  });
}

export async function refresh(found: Discovered, clientId: string, token: string): Promise<Told> {
  return tokenRequest(found, {
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: token,
    resource: found.resource,
  });
}

async function tokenRequest({ metadata }: Discovered, fields: Record<string, string>): Promise<Told> {
  const body = new URLSearchParams(fields).toString();
  return send(text(metadata, 'token_endpoint'), { method: 'POST', headers: form, body });
}

export function tokensOf({ body }: Told): Tokens {
  const answer = read(body);
  return { access: text(answer, 'access_token'), refresh: text(answer, 'refresh_token') };
}

export function read(body: string): Record<string, unknown> {
  return JSON.parse(body) as Record<string, unknown>;
}

function text(from: Readonly<Record<string, unknown>>, name: string): string {
  const value = from[name];
  if (typeof value !== 'string') throw new Error(`no ${name} in ${JSON.stringify(from)}`);
  return value;
}
