import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLoginRoutes, isLoginPath } from './login-routes.ts';

const routes = createLoginRoutes({ cluster: 'c', namespace: 'team-a', workload: 'search' });
const mount = '/as/team-a/search';

describe('on the application’s origin', () => {
  test.each([
    ['/.well-known/oauth-authorization-server', 'metadata', `/.well-known/oauth-authorization-server${mount}`],
    [`/.well-known/oauth-authorization-server${mount}`, 'metadata', undefined],
    [`/.well-known/openid-configuration${mount}`, 'metadata', undefined],
    [`${mount}/.well-known/openid-configuration`, 'metadata', undefined],
    [`${mount}/reg`, 'registration', undefined],
    [`${mount}/token`, 'token', undefined],
    [`${mount}/token/revocation`, 'revocation', undefined],
    [`${mount}/jwks`, 'keys', undefined],
    ['/as/callback', 'callback', undefined],
  ])('%s is the auth server’s %s', (path, endpoint, at) => {
    expect(routes.ofApplication(path)).toMatchObject({ endpoint, path: at ?? path, isPage: false });
  });

  test.each([
    `${mount}/auth`,
    `${mount}/auth/abc`,
    `${mount}/interaction/abc`,
    `${mount}/interaction/abc/confirm`,
    mount,
    `${mount}/`,
    `${mount}/session/end`,
    '/as/team-a/other/token',
    '/as/team-b/search/token',
    `${mount}/token/`,
    `${mount}//token`,
    `${mount}/x/../token`,
    `${mount}/%74oken`,
    `/AS/team-a/search/token`,
  ])('%s is nothing', (path) => {
    expect(routes.ofApplication(path)).toBeUndefined();
  });
});

describe('on the host of the pages', () => {
  test.each([
    [`${mount}/auth`, ['GET', 'POST']],
    [`${mount}/auth/Ab-_9`, ['GET']],
    [`${mount}/interaction/Ab-_9`, ['GET', 'POST']],
    [`${mount}/interaction/Ab-_9/confirm`, ['GET', 'POST']],
    ['/as/callback', ['GET']],
  ])('%s is a page', (path, methods) => {
    expect(routes.ofPages(path)).toMatchObject({ path, methods, isPage: true });
  });

  test.each([
    '/',
    '/mcp',
    '/favicon.ico',
    `${mount}/token`,
    `${mount}/reg`,
    `${mount}/jwks`,
    `${mount}/auth/`,
    `${mount}/auth/../token`,
    `${mount}/auth/%2e%2e/token`,
    `${mount}/interaction/`,
    `${mount}/interaction/a.b`,
    `${mount}/interaction/a/b/c/d/e`,
    `${mount}/interaction/${'a'.repeat(129)}`,
    '/as/other/search/auth',
    `/.well-known/oauth-authorization-server${mount}`,
  ])('%s is nothing', (path) => {
    expect(routes.ofPages(path)).toBeUndefined();
  });
});

const part = fc.constantFrom(
  'as',
  'team-a',
  'search',
  'token',
  'auth',
  'reg',
  'interaction',
  'callback',
  '..',
  '.',
  '%2e%2e',
  '%2f',
  '',
  'x',
  'jwks',
  '.well-known',
  'openid-configuration',
  'oauth-authorization-server',
  'é',
  '\\',
  ';a',
  'token?x',
);

test('what goes to the controller has one reading: no dots, escapes or empty segments', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 7 }), (parts) => {
      const path = `/${parts.join('/')}`;
      for (const route of [routes.ofApplication(path), routes.ofPages(path)]) {
        if (route === undefined) continue;
        expect(new URL(route.path, 'https://controller').pathname).toBe(route.path);
        expect(route.path).toMatch(/^\/(?:as\/|\.well-known\/)/);
        expect(route.path).not.toMatch(/\/\/|\/\.\.?(?:\/|$)|%/);
      }
      expect(routes.ofApplication(path) !== undefined && routes.ofPages(path) !== undefined).toBe(
        path === '/as/callback',
      );
    }),
    { numRuns: 2000 },
  );
});

test('everything below /as is reserved, and nothing that only looks like it', () => {
  expect(['/as', '/as/', '/as/x', `${mount}/token`].every(isLoginPath)).toBe(true);
  expect(['/', '/asx', '/mcp', '/assets/a', '/x/as/'].some(isLoginPath)).toBe(false);
});
