import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePath } from './parse-path.ts';

const step = (key: string | number | undefined, deep = false): object => ({ key, deep });

test.each<[string, readonly object[]]>([
  ['$.a.b', [step('a'), step('b')]],
  ['$.a[*].b[10]', [step('a'), step(undefined), step('b'), step(10)]],
  ["$['a b']['it\\'s']", [step('a b'), step("it's")]],
  ['$["a.b"].*', [step('a.b'), step(undefined)]],
  ['$..name', [step('name', true)]],
  ['$..*', [step(undefined, true)]],
  ["$..['x y'].z", [step('x y', true), step('z')]],
  ['$.x-y.été', [step('x-y'), step('été')]],
])('%s', (path, expected) => {
  expect(parsePath(path)).toEqual(expected);
});

test.each([
  '',
  'a',
  '$',
  '$a',
  '$.',
  '$..',
  '$.a.',
  '$.[0]',
  '$[-1]',
  '$[0:2]',
  "$['a','b']",
  '$[?(@.a)]',
  '$.a[(@.length-1)]',
  '$.a b',
  "$['a]",
  '$.0',
  `$${'.a'.repeat(33)}`,
])('%j is refused', (path) => {
  expect(typeof parsePath(path)).toBe('string');
});

test('reads anything without a throw', () => {
  const paths = fc.array(fc.constantFrom('$', '.', '..', '[', ']', '*', "'", '"', '\\', 'a', '0', '?'));
  fc.assert(
    fc.property(paths, (parts) => {
      expect(['string', 'object']).toContain(typeof parsePath(parts.join('')));
    }),
  );
});
