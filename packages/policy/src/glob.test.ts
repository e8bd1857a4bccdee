import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileGlob, compileGlobs } from './index.ts';

function byRegExp(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}

describe('globs', () => {
  test.each([
    ['read_*', 'read_file', true],
    ['*_file', 'read_file', true],
    ['r*d*e', 'read_file', true],
    ['a*a', 'a', false],
    ['a*b*b', 'ab', false],
    ['?', '', false],
    ['**', '', true],
    ['a.c', 'abc', false],
  ])('%s and %s: %s', (pattern, text, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected);
  });

  test('match what the regular expression of the same meaning matches', () => {
    const part = fc.constantFrom('a', 'b', '*', '?', 'ab', '.');
    const pattern = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
    const text = fc.array(fc.constantFrom('a', 'b', 'ab', '.', '\n'), { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, text, (glob, subject) => {
        expect(compileGlob(glob)(subject)).toBe(byRegExp(glob).test(subject));
        expect(compileGlobs(['zzz', glob])(subject)).toBe(byRegExp(glob).test(subject));
      }),
      { numRuns: 5000 },
    );
  });
});
