import { afterEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import {
  ask,
  authorizationUrl,
  createBrowser,
  createInstallation,
  getCode,
  logIn,
  mail,
  openSite,
  refreshRequest,
  register,
  search,
  tokenRequest,
  toTokens,
  type TestSite,
} from './auth-fixture.test-support.ts';
import type { AuthServerOptions } from './app.ts';

const sites: TestSite[] = [];

async function openServer(overrides: Partial<AuthServerOptions> = {}): Promise<TestSite> {
  const server = createInstallation().createReplica(overrides);
  const site = await openSite(search, () => server);
  sites.push(site);
  return site;
}

afterEach(() => {
  for (const site of sites.splice(0)) site.close();
});

describe('a refresh token', () => {
  test('is good once, and gives another with a token of the same person and resource', async () => {
    const site = await openServer();
    const first = await logIn(site, search);
    const answer = await refreshRequest(site, search, first.client, first.refresh);
    const second = toTokens(answer);
    expect(second.refresh).not.toBe(first.refresh);
    expect(decodeJwt(second.access)).toMatchObject({ sub: 'alice', resource: `${site.origin}/mcp` });
    expect(decodeJwt(second.access)['auth_time']).toBe(decodeJwt(first.access)['auth_time']);
  });

  test('that is used again ends its whole family', async () => {
    const site = await openServer();
    const { client, refresh } = await logIn(site, search);
    const second = toTokens(await refreshRequest(site, search, client, refresh));
    const reuse = await refreshRequest(site, search, client, refresh);
    expect([reuse.status, reuse.json()['error']]).toEqual([400, 'invalid_grant']);
    const heir = await refreshRequest(site, search, client, second.refresh);
    expect([heir.status, heir.json()['error']]).toEqual([400, 'invalid_grant']);
  });

  test('of many refreshes ago ends the family too, and all of them are one entry', async () => {
    const installation = createInstallation();
    const server = installation.createReplica();
    const site = await openSite(search, () => server);
    sites.push(site);
    const { client, refresh } = await logIn(site, search);
    const before = installation.store.entries.size;
    let last = refresh;
    for (let times = 0; times < 5; times += 1)
      last = toTokens(await refreshRequest(site, search, client, last)).refresh;
    expect(installation.store.entries.size).toBe(before);
    expect((await refreshRequest(site, search, client, refresh)).status).toBe(400);
    expect((await refreshRequest(site, search, client, last)).status).toBe(400);
    expect([...installation.store.entries.values()].map(({ kind }) => kind)).toEqual(['Client']);
  });

  test('redeemed at two replicas at once gives tokens at one of them', async () => {
    const installation = createInstallation();
    const gate = gateReads(installation.store, 'RefreshToken');
    const [a, b] = [await openReplica(installation, gate), await openReplica(installation, gate)];
    const { client, refresh } = await logIn(a, search);
    gate.holdUntil(2);
    const answers = await Promise.all([a, b].map((site) => refreshRequest(site, search, client, refresh)));
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['200', '400']);
    expect(gate.conflicts()).toBe(1);
  });

  test('got through one local port is good through another', async () => {
    const server = createInstallation().createReplica();
    const [first, second] = [await openSite(search, () => server), await openSite(search, () => server)];
    sites.push(first, second);
    const { client, refresh } = await logIn(first, search);
    const there = toTokens(await refreshRequest(second, search, client, refresh));
    expect(decodeJwt(there.access).iss).toBe('tachograph://c1/as/team-a/search');
  });

  test('is refused for another workload’s resource and for another client', async () => {
    const site = await openServer();
    const { client, refresh } = await logIn(site, search);
    const body = { grant_type: 'refresh_token', refresh_token: refresh, client_id: client.clientId };
    const foreign = await tokenRequest(site, search, { ...body, resource: 'tachograph://c1/team-a/mail' });
    expect([foreign.status, foreign.json()['error']]).toEqual([400, 'invalid_target']);
    const other = await register(site, search);
    const stolen = await tokenRequest(site, search, { ...body, client_id: other.clientId });
    expect([stolen.status, stolen.json()['error']]).toEqual([400, 'invalid_grant']);
  });

  test('is refused once the person’s logins are revoked, and so is a code', async () => {
    const revoked = { before: 0 };
    const site = await openServer({
      isRevoked: (subject) =>
        subject.iss === 'tachograph://c1/as/team-a/search' &&
        subject.sub === 'alice' &&
        subject.issuedAtMs < revoked.before,
    });
    const { client, refresh } = await logIn(site, search);
    const { parameters } = await getCode(site, search, client);
    revoked.before = Date.now() + 1000;
    const answer = await refreshRequest(site, search, client, refresh);
    expect([answer.status, answer.json()['error']]).toEqual([400, 'invalid_grant']);
    const code = await tokenRequest(site, search, parameters);
    expect([code.status, code.json()['error']]).toEqual([400, 'invalid_grant']);
  });

  test('revoked by its client is good no more', async () => {
    const site = await openServer();
    const { client, refresh } = await logIn(site, search);
    const answer = await ask(`${site.origin}/as/team-a/search/token/revocation`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token: refresh, client_id: client.clientId }).toString(),
    });
    expect(answer.status).toBe(200);
    expect((await refreshRequest(site, search, client, refresh)).status).toBe(400);
  });
});

describe('an authorization code', () => {
  test('that is redeemed twice ends what came of it', async () => {
    const site = await openServer();
    const { client, parameters, refresh } = await logIn(site, search);
    const replay = await tokenRequest(site, search, parameters);
    expect([replay.status, replay.json()['error']]).toEqual([400, 'invalid_grant']);
    expect((await refreshRequest(site, search, client, refresh)).status).toBe(400);
  });

  test('redeemed at two replicas at once gives tokens at one of them', async () => {
    const installation = createInstallation();
    const gate = gateReads(installation.store, 'AuthorizationCode');
    const [a, b] = [await openReplica(installation, gate), await openReplica(installation, gate)];
    const client = await register(a, search);
    const { parameters } = await getCode(a, search, client);
    gate.holdUntil(2);
    const answers = await Promise.all([a, b].map((site) => tokenRequest(site, search, parameters)));
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['200', '400']);
    expect(gate.conflicts()).toBe(1);
  });

  test('needs the verifier, the redirect and the client that it was asked for with', async () => {
    const site = await openServer();
    const client = await register(site, search);
    const wrong = [
      { code_verifier: 'x'.repeat(43) },
      { redirect_uri: 'http://localhost:1/callback' },
      { client_id: (await register(site, search)).clientId },
    ];
    for (const change of wrong) {
      const { parameters } = await getCode(site, search, client);
      const answer = await tokenRequest(site, search, { ...parameters, ...change });
      expect([answer.status, answer.json()['error']]).toEqual([400, 'invalid_grant']);
    }
  });
});

describe('an authorization request', () => {
  test('for another server’s resource goes back with invalid_target', async () => {
    const site = await openServer();
    const client = await register(site, search);
    for (const resource of [
      'https://evil.example/mcp',
      'tachograph://c1/team-a/mail',
      'http://localhost@evil.example/',
    ]) {
      const landed = await createBrowser().follow(authorizationUrl(site, search, client, { resource }).url);
      expect(landed.searchParams.get('error')).toBe('invalid_target');
    }
  });

  test('without PKCE goes back with an error', async () => {
    const site = await openServer();
    const client = await register(site, search);
    const url = new URL(authorizationUrl(site, search, client).url);
    url.searchParams.delete('code_challenge');
    url.searchParams.delete('code_challenge_method');
    const landed = await createBrowser().follow(url.href);
    expect(landed.searchParams.get('error')).toBe('invalid_request');
    url.searchParams.set('code_challenge', 'x'.repeat(43));
    url.searchParams.set('code_challenge_method', 'plain');
    expect((await createBrowser().follow(url.href)).searchParams.get('error')).toBe('invalid_request');
  });

  test('without scope and resource, or with scopes that nobody knows, gets the workload’s', async () => {
    const site = await openServer();
    const client = await register(site, search);
    for (const scope of ['', 'openid email profile', 'offline_access mcp']) {
      const { url, verifier } = authorizationUrl(site, search, client, { scope });
      const bare = new URL(url);
      bare.searchParams.delete('resource');
      if (scope === '') bare.searchParams.delete('scope');
      const landed = await createBrowser().follow(bare.href);
      const answer = await tokenRequest(site, search, {
        grant_type: 'authorization_code',
        code: landed.searchParams.get('code') ?? '',
        redirect_uri: client.redirectUri,
        client_id: client.clientId,
        code_verifier: verifier,
      });
      expect(decodeJwt(toTokens(answer).access)).toMatchObject({
        scope: 'mcp',
        aud: 'tachograph://c1/team-a/search',
        resource: 'tachograph://c1/team-a/search',
      });
    }
  });
});

test('two workloads share neither clients nor codes nor refresh tokens', async () => {
  const installation = createInstallation();
  const server = installation.createReplica();
  const [first, second] = [await openSite(search, () => server), await openSite(mail, () => server)];
  sites.push(first, second);
  const { client, refresh, access } = await logIn(first, search);
  const unknown = await refreshRequest(second, mail, client, refresh);
  expect([unknown.status, unknown.json()['error']]).toEqual([401, 'invalid_client']);
  const own = await register(second, mail);
  const foreign = await refreshRequest(second, mail, own, refresh);
  expect([foreign.status, foreign.json()['error']]).toEqual([400, 'invalid_grant']);
  const { parameters } = await getCode(first, search, client);
  const code = await tokenRequest(second, mail, { ...parameters, client_id: own.clientId });
  expect([code.status, code.json()['error']]).toEqual([400, 'invalid_grant']);
  const other = await logIn(second, mail);
  expect([decodeJwt(access).aud, decodeJwt(other.access).aud]).toEqual([
    'tachograph://c1/team-a/search',
    'tachograph://c1/team-a/mail',
  ]);
});

async function openReplica(
  installation: ReturnType<typeof createInstallation>,
  { store }: { readonly store: Store },
): Promise<TestSite> {
  const server = installation.createReplica({ store });
  const site = await openSite(search, () => server);
  sites.push(site);
  return site;
}

type Store = AuthServerOptions['store'];

/** A store whose conditional writes wait for each other, so that both callers have read before either writes. */
function gateReads(store: Store, kind: string): { store: Store; holdUntil(count: number): void; conflicts(): number } {
  let wanted = 0;
  let conflicts = 0;
  let waiting: (() => void)[] = [];
  return {
    store: {
      ...store,
      async write(key, entry, version) {
        if (version !== undefined && entry.kind === kind && wanted > 0) {
          const { promise, resolve } = Promise.withResolvers<void>();
          waiting.push(resolve);
          if (waiting.length === wanted) {
            for (const go of waiting) go();
            waiting = [];
          }
          await promise;
        }
        const outcome = await store.write(key, entry, version);
        if (outcome === 'conflict') conflicts += 1;
        return outcome;
      },
    },
    holdUntil: (count) => {
      wanted = count;
    },
    conflicts: () => conflicts,
  };
}
