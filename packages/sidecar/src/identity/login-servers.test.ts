import { expect, test } from '@jest/globals';
import type { JwksPayload } from '@tachograph/protocol';
import { createLoginServers } from './login-servers.ts';

const workload = { cluster: 'prod-1', namespace: 'team-a', workload: 'search' };
const own = 'tachograph://prod-1/as/team-a/search';

type Issuer = JwksPayload['issuers'][number];

function issuer(name: string, more: Partial<Issuer> = {}): Issuer {
  return { issuer: name, subjectType: 'human', audiences: [], keys: [], ...more };
}

function statement(...issuers: readonly Issuer[]): JwksPayload {
  return { v: 1, issuedAt: '2026-01-01T00:00:00Z', notAfter: '2099-01-01T00:00:00Z', issuers: [...issuers] };
}

test('follows the key set: none, forwarded, behind an ingress, and none again', () => {
  let current: JwksPayload | undefined;
  const servers = createLoginServers({ current: () => current }, workload);
  const seen = (): unknown => [servers.place().kind, servers.servers('localhost:8080'), servers.scope()];
  expect(seen()).toEqual(['absent', [], undefined]);
  current = statement(issuer(own));
  expect(seen()).toEqual(['forwarded', ['http://localhost:8080/as/team-a/search'], 'mcp']);
  current = statement(issuer(own, { publicUrl: 'https://login.corp.example/as/team-a/search' }));
  expect(seen()).toEqual(['public', ['https://login.corp.example/as/team-a/search'], 'mcp']);
  current = statement();
  expect(seen()).toEqual(['absent', [], undefined]);
});

test('names the installation’s own issuers of people where there is no auth server, or none that is reached', () => {
  const people = issuer('https://login.corp.example');
  const others = [people, issuer('https://ci.example', { subjectType: 'ci' })];
  const without = createLoginServers({ current: () => statement(...others) }, workload);
  expect(without.servers('localhost')).toEqual([people.issuer]);
  const payload = statement(...others, issuer(own));
  const forwarded = createLoginServers({ current: () => payload }, workload);
  expect(forwarded.servers('search.team-a.svc')).toEqual([people.issuer]);
  expect(forwarded.servers('[::1]:9')).toEqual(['http://[::1]:9/as/team-a/search']);
});

test('takes no other workload’s auth server for its own', () => {
  const payload = statement(issuer('tachograph://prod-1/as/team-a/store'), issuer(own, { subjectType: 'ci' }));
  const servers = createLoginServers({ current: () => payload }, workload);
  expect(servers.place()).toEqual({ kind: 'absent' });
});
