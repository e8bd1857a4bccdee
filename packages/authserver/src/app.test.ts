import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, jwtVerify } from 'jose';
import {
  ask,
  createInstallation,
  getCode,
  openSite,
  redirectUri,
  register,
  search,
  tokenRequest,
  type TestSite,
} from './auth-fixture.test-support.ts';

describe('a login', () => {
  let site: TestSite;
  const installation = createInstallation();
  const server = installation.createReplica();

  beforeEach(async () => {
    site = await openSite(search, () => server);
  });
  afterEach(() => site.close());

  test('goes from registration to a token that names the person, the workload and the client', async () => {
    const client = await register(site, search);
    const { parameters, landed } = await getCode(site, search, client);
    expect(landed.href.split('?')[0]).toBe(redirectUri);
    expect(landed.searchParams.get('iss')).toBe(`${site.origin}/as/team-a/search`);
    expect(landed.searchParams.get('state')).toBe('s1');
    const answer = await tokenRequest(site, search, parameters);
    expect([answer.status, answer.json()]).toMatchObject([
      200,
      { token_type: 'Bearer', expires_in: 300, scope: 'mcp' },
    ]);
    const { issuer, keys } = server.issuerOf(search);
    const { payload, protectedHeader } = await jwtVerify(
      String(answer.json()['access_token']),
      createLocalJWKSet({ keys: [...keys] }),
    );
    expect(protectedHeader).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
    expect(issuer).toBe('tachograph://c1/as/team-a/search');
    expect(payload).toMatchObject({
      iss: issuer,
      aud: 'tachograph://c1/team-a/search',
      sub: 'alice',
      client_id: client.clientId,
      groups: ['platform', 'dev'],
      email: 'alice@corp.example',
      upstream_iss: 'https://idp.corp.example',
      resource: `${site.origin}/mcp`,
      scope: 'mcp',
      jti: expect.any(String),
      auth_time: expect.any(Number),
    });
  });

  test('is described by metadata of the origin that was asked, with pages on the other', async () => {
    const answer = await ask(`${site.origin}/.well-known/oauth-authorization-server/as/team-a/search`);
    const base = `${site.origin}/as/team-a/search`;
    expect(answer.json()).toMatchObject({
      issuer: base,
      authorization_endpoint: `${site.pageOrigin}/as/team-a/search/auth`,
      token_endpoint: `${base}/token`,
      registration_endpoint: `${base}/reg`,
      jwks_uri: `${base}/jwks`,
      revocation_endpoint: `${base}/token/revocation`,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
      token_endpoint_auth_methods_supported: ['none'],
      scopes_supported: ['mcp', 'openid', 'offline_access'],
    });
    const suffix = await ask(`${base}/.well-known/openid-configuration`);
    expect(suffix.json()).toEqual(answer.json());
  });
});
