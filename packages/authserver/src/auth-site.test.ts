import { expect, test } from '@jest/globals';
import { assert as agree, constantFrom, property, string } from 'fast-check';
import { mountPath, parseAuthPath } from './auth-site.ts';

test('reads a workload’s paths and both well-known forms', () => {
  const workload = { kind: 'workload', namespace: 'team-a', workload: 'search.v2' };
  expect(parseAuthPath('/as/team-a/search.v2/token')).toEqual({ ...workload, rest: '/token' });
  const rest = '/.well-known/oauth-authorization-server';
  expect(parseAuthPath(`${rest}/as/team-a/search.v2`)).toEqual({ ...workload, rest });
  expect(parseAuthPath(`/as/team-a/search.v2${rest}`)).toEqual({ ...workload, rest });
  expect(parseAuthPath('/as/callback')).toEqual({ kind: 'callback' });
});

test.each([
  '/as',
  '/as/',
  '/as/callback/',
  '/as/team-a',
  '/as/team-a/search',
  '/as/-a/b/c',
  '/as/a/-b/c',
  '/as/a/B/c',
  '/',
])('finds nothing in %s', (path) => {
  expect(parseAuthPath(path)).toBeUndefined();
});

test('what it reads is what mounts there', () => {
  const unit = constantFrom('a', 'b', '-', '.', '/', 'as', 'callback', '%2f', '..', 'A', '?');
  agree(
    property(string({ unit, maxLength: 15 }), (tail) => {
      const path = `/as/${tail}`;
      const parsed = parseAuthPath(path);
      expect(parsed?.kind === 'workload' ? `${mountPath(parsed)}${parsed.rest}` : path).toBe(path);
    }),
  );
});
