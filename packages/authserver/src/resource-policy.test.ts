import { expect, test } from '@jest/globals';
import { isOwnResource } from './resource-policy.ts';

const at = {
  workload: { cluster: 'c1', namespace: 'team-a', workload: 'search' },
  origin: 'https://login.corp.example',
  hosts: ['mcp.corp.example', '*.tools.example'],
};

test.each([
  'tachograph://c1/team-a/search',
  'http://localhost:8080/mcp',
  'http://127.0.0.1/mcp',
  'http://[::1]:9/mcp',
  'https://login.corp.example/mcp',
  'https://mcp.corp.example/mcp?a=b',
  'https://search.tools.example:8443/mcp',
  'http://search.team-a/mcp',
  'http://search.team-a.svc:8080/mcp',
  'http://search.team-a.svc.cluster.local/mcp',
])('%s is the workload’s', (resource) => {
  expect(isOwnResource(resource, at)).toBe(true);
});

test.each([
  'tachograph://c1/team-a/mail',
  'tachograph://c1/team-a/search/',
  'https://evil.example/mcp',
  'https://eviltools.example/mcp',
  'https://.tools.example/mcp',
  'https://mcp.corp.example.evil.example/',
  'http://search.team-b.svc/mcp',
  'http://localhost@evil.example/',
  'http://user@localhost/',
  'http://localhost/#x',
  'ftp://localhost/',
  'localhost:8080/mcp',
  '',
])('%s is not', (resource) => {
  expect(isOwnResource(resource, at)).toBe(false);
});

test('a name below a namespace that could be a top-level domain is not', () => {
  const dev = { ...at, workload: { ...at.workload, namespace: 'dev' } };
  expect(isOwnResource('http://search.dev/mcp', dev)).toBe(false);
  expect(isOwnResource('http://search.dev.svc/mcp', dev)).toBe(true);
});
