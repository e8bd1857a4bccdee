import { expect, test } from '@jest/globals';
import { withTypedIssuer } from './typed-issuer.ts';

const issuer = 'http://localhost:8080/as/team-a/search';
const back = `http://localhost:53682/callback?code=c&state=s&iss=${encodeURIComponent(issuer)}`;

test.each([
  ['http://127.0.0.1:8080/mcp', 'http://127.0.0.1:8080/as/team-a/search'],
  ['http://[::1]:8080/mcp', 'http://[::1]:8080/as/team-a/search'],
  ['http://localhost:8080', issuer],
])('a client that asked for %s is answered by %s', (resource, expected) => {
  const told = new URL(withTypedIssuer(back, issuer, resource));
  expect(Object.fromEntries(told.searchParams)).toEqual({ code: 'c', state: 's', iss: expected });
  expect(told.origin + told.pathname).toBe('http://localhost:53682/callback');
});

test.each([
  ['http://127.0.0.1:9090/mcp'],
  ['https://127.0.0.1:8080/mcp'],
  ['http://evil.example:8080/mcp'],
  ['tachograph://demo/team-a/search'],
  ['no URL'],
  [undefined],
  [['http://127.0.0.1:8080/mcp']],
])('nothing is changed for the resource %s', (resource) => {
  expect(withTypedIssuer(back, issuer, resource)).toBe(back);
});

test('redirects that say no issuer of ours stay as they are', () => {
  const resource = 'http://127.0.0.1:8080/mcp';
  for (const location of ['/as/team-a/search/interaction/u', 'https://idp.example/auth?iss=x', 'cursor://x?code=c'])
    expect(withTypedIssuer(location, issuer, resource)).toBe(location);
});
