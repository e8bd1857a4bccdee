import { describe, expect, test } from '@jest/globals';
import { createSettingsReader, SettingsError } from '@tachograph/service';
import { readAuthSettings } from './auth-settings.ts';

const least = {
  TACHO_AUTH_UPSTREAM: 'https://login.example.com/tenant/',
  TACHO_AUTH_CLIENT_ID: 'tachograph',
  TACHO_AUTH_CLIENT_SECRET_FILE: '/secret',
};
const read = (environment: Readonly<Record<string, string>>) => readAuthSettings(createSettingsReader(environment));

describe('settings of the auth server', () => {
  test('without an issuer there is none', () => {
    expect(read({})).toBeUndefined();
  });

  test('need an issuer, a client and its secret; the rest has defaults', () => {
    expect(read(least)).toEqual({
      publicUrl: undefined,
      upstream: {
        issuer: 'https://login.example.com/tenant/',
        clientId: 'tachograph',
        scopes: ['openid', 'profile', 'email'],
        subjectClaim: 'sub',
        groupsClaim: 'groups',
        groups: [],
        overage: 'refuse',
      },
      clientSecretFile: '/secret',
      upstreamCaFile: undefined,
      redirects: [],
      resourceHosts: [],
      clientMetadata: { enabled: false, allow: [] },
      accessMs: undefined,
      refreshMs: 43_200_000,
    });
  });

  test('read lists', () => {
    expect(
      read({
        ...least,
        TACHO_AUTH_URL: 'https://login.corp.example/',
        TACHO_AUTH_SCOPES: 'openid, groups email',
        TACHO_AUTH_GROUPS: 'platform-*,dev',
        TACHO_AUTH_REDIRECTS: 'cursor:,https://vscode.dev/redirect',
        TACHO_AUTH_CLIENT_METADATA: 'claude.ai,*.example.com',
        TACHO_AUTH_ACCESS: '10m',
        TACHO_AUTH_REFRESH: '8h',
        TACHO_HOSTS: 'MCP.corp.example,*.tools.example',
      }),
    ).toMatchObject({
      resourceHosts: ['mcp.corp.example', '*.tools.example'],
      publicUrl: 'https://login.corp.example',
      upstream: { scopes: ['openid', 'groups', 'email'], groups: ['platform-*', 'dev'] },
      redirects: ['cursor:', 'https://vscode.dev/redirect'],
      clientMetadata: { enabled: true, allow: ['claude.ai', '*.example.com'] },
      accessMs: 600_000,
      refreshMs: 28_800_000,
    });
  });

  test.each(Object.keys(least))('are not complete without %s', (name) => {
    expect(() => read({ ...least, [name]: '' })).toThrow(SettingsError);
    expect(() => read({ ...least, [name]: '' })).toThrow(name);
  });

  test('a setting without an issuer is a mistake', () => {
    expect(() => read({ TACHO_AUTH_URL: 'https://login.corp.example' })).toThrow('TACHO_AUTH_URL is set');
  });

  test('do not repeat a password', () => {
    const bad = { ...least, TACHO_AUTH_UPSTREAM: 'https://user:hunter2@login.example.com' };
    expect(() => read(bad)).toThrow('TACHO_AUTH_UPSTREAM');
    expect(() => read(bad)).not.toThrow('hunter2');
  });

  test('an issuer on this machine may be plain', () => {
    expect(read({ ...least, TACHO_AUTH_UPSTREAM: 'http://127.0.0.1:4444' })?.upstream.issuer).toBe(
      'http://127.0.0.1:4444',
    );
  });

  test.each([
    ['TACHO_AUTH_UPSTREAM', 'http://login.example.com'],
    ['TACHO_AUTH_UPSTREAM', 'https://login.example.com/?tenant=1'],
    ['TACHO_AUTH_UPSTREAM', 'login.example.com'],
    ['TACHO_AUTH_URL', 'https://login.corp.example/as'],
    ['TACHO_AUTH_URL', 'http://login.corp.example'],
    ['TACHO_AUTH_SCOPES', 'profile'],
    ['TACHO_AUTH_OVERAGE', 'ignore'],
    ['TACHO_AUTH_REDIRECTS', 'javascript:'],
    ['TACHO_AUTH_REDIRECTS', 'http://evil.example/'],
    ['TACHO_AUTH_REDIRECTS', 'https://vscode.dev/redirect?x=1'],
    ['TACHO_AUTH_CLIENT_METADATA', 'https://claude.ai'],
    ['TACHO_AUTH_REFRESH', '1m'],
    ['TACHO_AUTH_ACCESS', '2h'],
    ['TACHO_AUTH_ACCESS', 'soon'],
  ])('refuse %s=%s by name', (name, value) => {
    expect(() => read({ ...least, [name]: value })).toThrow(SettingsError);
    expect(() => read({ ...least, [name]: value })).toThrow(name);
  });
});
