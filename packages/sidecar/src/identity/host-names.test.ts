import { describe, expect, test } from '@jest/globals';
import { createHostNames, hostKind } from './host-names.ts';

const hosts = createHostNames(['mcp.example.com', '*.team-a.svc', 'fd00::7']);
const none: ReadonlySet<string> = new Set();

describe('a Host', () => {
  test.each([
    ['localhost', true],
    ['LOCALHOST:8080', true],
    ['127.0.0.1:1', true],
    ['[::1]:8080', true],
    ['mcp.example.com:443', true],
    ['search.team-a.svc:8080', true],
    ['[fd00::7]', true],
    ['search', true],
    ['10.0.0.9:8080', true],
    ['10.0.0.8', false],
    ['evil.example', false],
    ['localhost.evil.example', false],
    ['mcp.example.com.evil.example', false],
    ['team-a.svc.evil.example', false],
    ['localhost:80:80', false],
    ['localhost/x', false],
    ['user@localhost', false],
    ['', false],
  ])('%s: %s', (host, allowed) => {
    expect(hosts.allows(host, '::ffff:10.0.0.9')).toBe(allowed);
  });

  test('must be there', () => {
    expect(hosts.allows(undefined, '127.0.0.1')).toBe(false);
  });
});

describe('an Origin', () => {
  test.each([
    ['http://localhost:6274', true],
    ['https://127.0.0.1', true],
    ['https://mcp.example.com', true],
    ['https://listed.example', true],
    ['https://evil.example', false],
    ['http://localhost@evil.example', false],
    ['http://localhost.evil.example', false],
    ['http://search', false],
    ['file://localhost', false],
    ['null', false],
  ])('%s: %s', (origin, allowed) => {
    expect(hosts.allowsOrigin(origin, new Set(['https://listed.example']))).toBe(allowed);
  });

  test('is not allowed because another one is listed', () => {
    expect(hosts.allowsOrigin('https://listed.example', none)).toBe(false);
  });
});

describe('what a client typed', () => {
  const known = createHostNames(
    ['search.team-a', '*.tools.example', 'mcp.corp.example'],
    ['*.tools.example', 'mcp.corp.example'],
  );

  test.each([
    ['localhost:8080', 'http://localhost:8080'],
    ['[::1]:8443', 'http://[::1]:8443'],
    ['search.team-a:443', 'http://search.team-a:443'],
    ['mcp.corp.example', 'https://mcp.corp.example'],
    ['search.tools.example:8443', 'https://search.tools.example:8443'],
    ['mcp.corp.example:8080', 'http://mcp.corp.example:8080'],
  ])('%s is %s', (host, origin) => {
    expect(known.originOf(host)).toBe(origin);
  });
});

test.each([
  ['tachograph.localhost', 'pages'],
  ['Tachograph.LocalHost:8080', 'pages'],
  ['tachograph.localhost.', 'alike'],
  ['x.tachograph.localhost:1', 'alike'],
  ['localhost:8080', 'loopback'],
  ['[::1]', 'loopback'],
  ['127.0.0.1:65535', 'loopback'],
  ['notachograph.localhost', 'other'],
  ['tachograph.localhost.evil.example', 'other'],
  ['tachograph.localhost/x', 'other'],
  ['localhost:tachograph.localhost', 'other'],
  ['', 'other'],
] as const)('%s is of the kind %s', (host, kind) => {
  expect(hostKind(host)).toBe(kind);
});
