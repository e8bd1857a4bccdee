import { describe, expect, test } from '@jest/globals';
import { isOwnResource } from './resource-policy.ts';

const at = {
  workload: { cluster: 'c1', namespace: 'team-a', workload: 'search' },
  origin: 'https://login.corp.example',
  hosts: ['mcp.corp.example', '*.tools.example'],
};

describe('a resource', () => {
  test.each([
    'tachograph://c1/team-a/search',
    'http://localhost:8080/mcp',
    'http://127.0.0.1:49152/mcp',
    'http://[::1]:8080/mcp',
    'https://login.corp.example/mcp',
    'https://mcp.corp.example/mcp',
    'https://search.tools.example/mcp',
    'http://search:8080/mcp',
    'http://search.team-a:8080/mcp',
    'http://search.team-a.svc:8080/mcp',
    'http://search.team-a.svc.cluster.local:8080/mcp',
  ])('%s is this workload’s', (resource) => {
    expect(isOwnResource(resource, at)).toBe(true);
  });

  test.each([
    'tachograph://c1/team-a/mail',
    'https://evil.example/mcp',
    'https://mcp.corp.example.evil.example/mcp',
    'https://tools.example/mcp',
    'http://search.team-b.svc:8080/mcp',
    'http://a.b.team-a:8080/mcp',
    'http://user:secret@localhost:8080/mcp',
    'http://localhost:8080/mcp#fragment',
    'ftp://localhost/mcp',
    '',
  ])('%j is not', (resource) => {
    expect(isOwnResource(resource, at)).toBe(false);
  });
});
