import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import type { StockCall } from './stock-client.ts';

/** What an application on an SDK has to bring along: a callback, a browser, a file. */
export interface PersonProvider {
  readonly provider: OAuthClientProvider;
  /** The code of the login that the provider began. */
  code(): Promise<URLSearchParams>;
  close(): Promise<void>;
}

type Kept = 'client' | 'tokens' | 'verifier' | 'discovery';

/** `client` names the application on the consent page. */
export async function personProvider(client: string, { home, browser }: StockCall): Promise<PersonProvider> {
  let arrived: (query: URLSearchParams) => void;
  const query = new Promise<URLSearchParams>((resolve) => (arrived = resolve));
  const server = createServer((req, res) => {
    arrived(new URL(req.url ?? '/', 'http://localhost').searchParams);
    res
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!doctype html><title>Done</title><p>You may close this page.');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const redirectUrl = `http://localhost:${(server.address() as AddressInfo).port}/callback`;
  const file = (what: Kept): string => join(home, `${what}.json`);
  const read = (what: Kept): never => {
    const value: unknown = existsSync(file(what)) ? JSON.parse(readFileSync(file(what), 'utf8')) : undefined;
    return value as never;
  };
  const write = (what: Kept, value: unknown): void => writeFileSync(file(what), JSON.stringify(value ?? null));
  const provider: OAuthClientProvider = {
    redirectUrl,
    clientMetadata: {
      client_name: client,
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    clientInformation: () => read('client'),
    saveClientInformation: (value) => write('client', value),
    tokens: () => read('tokens'),
    saveTokens: (value) => write('tokens', value),
    saveCodeVerifier: (value) => write('verifier', value),
    codeVerifier: () => read('verifier'),
    redirectToAuthorization: (url) => void spawn(browser, [url.href], { stdio: 'ignore' }),
    invalidateCredentials: (scope) => {
      if (scope === 'all' || scope === 'client') write('client', undefined);
      if (scope === 'all' || scope === 'tokens') write('tokens', undefined);
    },
  };
  return {
    provider,
    code: () => query,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
