/** The auth server with its own pages, the strict provider behind it, and two replicas that answer by turns. */
import { silentLogger, systemClock } from '@tachograph/service';
import { createAuthServer, type AuthServer } from '../app.ts';
import {
  authorizationUrl,
  createInstallation,
  openSite,
  register,
  search,
  testSettings,
  tokenRequest,
  toTokens,
  type Authorization,
  type TestClient,
  type TestSite,
} from '../auth-fixture.test-support.ts';
import { idpUsers, type IdpClaims } from '../testing/idp-users.ts';
import { startStrictIdp } from '../testing/strict-idp.ts';

export interface World {
  readonly overage?: 'refuse' | 'drop';
  readonly users?: readonly IdpClaims[];
}

export interface WholeLogin {
  readonly site: TestSite;
  readonly client: TestClient;
  /** Where the client sends a browser, and what it redeems the code with. Its port may be any. */
  begin(redirectUri?: string): Authorization;
  /** Redeems the code of the URL at which the browser came back. */
  redeem(back: URL, verifier: string): Promise<ReturnType<typeof toTokens>>;
  close(): Promise<void>;
}

/** Starts everything on free ports, with one client registered. */
export async function startWholeLogin({ overage = 'refuse', users = idpUsers }: World = {}): Promise<WholeLogin> {
  const idp = await startStrictIdp({ redirectUris: ['http://localhost/as/callback'], users });
  const { store, keys } = createInstallation();
  const scopes = ['openid', 'profile', 'email'];
  const upstream = { ...testSettings.upstream, overage, scopes, issuer: idp.issuer, clientSecret: idp.clientSecret };
  const replica = (): AuthServer =>
    createAuthServer({
      settings: { ...testSettings, upstream },
      clock: systemClock,
      log: silentLogger,
      store,
      keys: () => keys,
      isRevoked: () => false,
    });
  const replicas = [replica(), replica()];
  const pick = (): AuthServer => {
    replicas.reverse();
    return replicas[0] ?? replica();
  };
  const site = await openSite(search, pick);
  const client = await register(site, search);
  return {
    site,
    client,
    begin: (redirectUri = client.redirectUri) => authorizationUrl(site, search, { ...client, redirectUri }),
    async redeem(back, verifier) {
      const answer = await tokenRequest(site, search, {
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        redirect_uri: back.origin + back.pathname,
        client_id: client.clientId,
        code_verifier: verifier,
      });
      return toTokens(answer);
    },
    async close() {
      site.close();
      await idp.close();
    },
  };
}
