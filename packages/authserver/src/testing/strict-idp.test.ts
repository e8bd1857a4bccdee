import { afterEach, describe, expect, test } from '@jest/globals';
import * as client from 'openid-client';
import { createBrowser } from './browser.ts';
import { startStrictIdp, type StrictIdp } from './strict-idp.ts';

const callback = 'http://localhost:4711/as/callback';
let idp: StrictIdp | undefined;

afterEach(async () => {
  await idp?.close();
  idp = undefined;
});

async function start(): Promise<{ idp: StrictIdp; config: client.Configuration }> {
  const started = await startStrictIdp({ redirectUris: ['http://localhost/as/callback'] });
  idp = started;
  const config = await client.discovery(
    new URL(started.issuer),
    started.clientId,
    {},
    client.ClientSecretBasic(started.clientSecret),
    { execute: [client.allowInsecureRequests] },
  );
  return { idp: started, config };
}

const verifier = client.randomPKCECodeVerifier();

async function authorizeUrl(config: client.Configuration, more: Record<string, string> = {}): Promise<URL> {
  const code_challenge = await client.calculatePKCECodeChallenge(verifier);
  const pkce = { code_challenge, code_challenge_method: 'S256' };
  return client.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: 'openid profile email',
    state: 's',
    nonce: 'n',
    ...pkce,
    ...more,
  });
}

const browser = (): ReturnType<typeof createBrowser> =>
  createBrowser({ stopAt: ({ href }) => href.startsWith(callback) });

describe('the strict provider', () => {
  test('logs a person in at any local port and puts groups into the ID token', async () => {
    const { config } = await start();
    const surfer = browser();
    const login = await surfer.open(await authorizeUrl(config));
    const back = await surfer.press(login, 'Log in', { fields: { username: 'alice' } });
    const checks = { pkceCodeVerifier: verifier, expectedState: 's', expectedNonce: 'n' };
    const tokens = await client.authorizationCodeGrant(config, back.url, checks);
    expect(tokens.claims()).toMatchObject({
      sub: 'alice',
      groups: ['platform', 'dev'],
      email: 'alice@corp.example',
      preferred_username: 'alice',
    });
  });

  test('sends a claim source instead of too many groups', async () => {
    const { config } = await start();
    const surfer = browser();
    const login = await surfer.open(await authorizeUrl(config));
    const back = await surfer.press(login, 'Log in', { fields: { username: 'carol' } });
    const checks = { pkceCodeVerifier: verifier, expectedState: 's', expectedNonce: 'n' };
    const claims = (await client.authorizationCodeGrant(config, back.url, checks)).claims();
    expect(claims?.['_claim_names']).toEqual({ groups: 'src1' });
    expect(claims?.['groups']).toBeUndefined();
  });

  test('lets a person cancel', async () => {
    const { config } = await start();
    const surfer = browser();
    const back = await surfer.press(await surfer.open(await authorizeUrl(config)), 'Cancel');
    expect(back.url.searchParams.get('error')).toBe('access_denied');
  });

  test.each([
    ['a resource', { resource: 'https://mcp.example/mcp' }, 'invalid_target'],
    ['no PKCE', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
  ])('refuses %s', async (_what, more, error) => {
    const { config } = await start();
    const back = await browser().open(await authorizeUrl(config, more));
    expect(back.url.searchParams.get('error')).toBe(error);
  });

  test.each(['http://localhost:4711/other', 'http://127.0.0.1:4711/as/callback', 'https://localhost/as/callback'])(
    'refuses the redirect %s without going there',
    async (redirect_uri) => {
      const { config, idp: started } = await start();
      const page = await browser().open(await authorizeUrl(config, { redirect_uri }));
      expect([page.status, page.url.origin]).toEqual([400, started.issuer]);
    },
  );

  test('knows neither registration nor client metadata documents', async () => {
    const { config } = await start();
    const metadata = config.serverMetadata();
    expect(metadata['registration_endpoint']).toBeUndefined();
    expect(metadata['client_id_metadata_document_supported']).toBeUndefined();
    expect(metadata.token_endpoint_auth_methods_supported).toEqual(['client_secret_basic']);
  });

  test('refuses a resource at the token endpoint and a wrong secret', async () => {
    const { config, idp: started } = await start();
    const surfer = browser();
    const login = await surfer.open(await authorizeUrl(config));
    const back = await surfer.press(login, 'Log in', { fields: { username: 'alice' } });
    const redeem = async (secret: string, more: Record<string, string>): Promise<unknown> => {
      const res = await fetch(`${started.issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${started.clientId}:${secret}`).toString('base64')}` },
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          code: back.url.searchParams.get('code') ?? '',
          redirect_uri: callback,
          code_verifier: verifier,
          ...more,
        }),
      });
      return ((await res.json()) as { error?: string }).error;
    };
    expect(await redeem('wrong', {})).toBe('invalid_client');
    expect(await redeem(started.clientSecret, { resource: 'https://mcp.example/mcp' })).toBe('invalid_target');
  });
});
