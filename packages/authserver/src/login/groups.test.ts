import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tokenLimits } from '@tachograph/protocol';
import { maxGroupBytes, parseGroups } from './groups.ts';

const { groups: maxGroups, groupLength: maxGroupLength } = tokenLimits;

const settings = { groupsClaim: 'groups', groups: [], overage: 'refuse' } as const;
const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `team-${index}`);

describe('groups', () => {
  test.each([
    [
      ['platform', 'dev'],
      ['platform', 'dev'],
    ],
    [['dev', 'dev'], ['dev']],
    ['single', ['single']],
    [undefined, []],
    [[], []],
    [many(maxGroups), many(maxGroups)],
    [['x'.repeat(maxGroupLength)], ['x'.repeat(maxGroupLength)]],
  ])('of %j are %j', (claim, groups) => {
    expect(parseGroups({ groups: claim }, settings)).toEqual({ kind: 'groups', groups });
  });

  test.each([
    ['not in the token', { _claim_names: { groups: 'src1' } }, 'not-in-token'],
    ['said to be somewhere', { hasgroups: true }, 'not-in-token'],
    ['too many', { groups: many(maxGroups + 1) }, 'too-many'],
    [
      'too long together',
      { groups: Array.from({ length: 32 }, (_, index) => `${index}`.padStart(256, 'x')) },
      'too-many',
    ],
    ['too long', { groups: ['x'.repeat(maxGroupLength + 1)] }, 'unreadable'],
    ['empty', { groups: [''] }, 'unreadable'],
    ['no text', { groups: ['a', { name: 'b' }] }, 'unreadable'],
    ['a number', { groups: 7 }, 'unreadable'],
  ])('that are %s end a login, or are unknown', (_what, claims, reason) => {
    expect(parseGroups(claims, settings)).toEqual({ kind: 'overage', reason });
    expect(parseGroups(claims, { ...settings, overage: 'drop' })).toEqual({ kind: 'unknown' });
  });

  test('may be as many of Entra’s ids as it sends', () => {
    const ids = Array.from({ length: 200 }, (_, index) => `00000000-0000-0000-0000-${String(index).padStart(12, '0')}`);
    expect(parseGroups({ groups: ids }, settings)).toEqual({ kind: 'groups', groups: ids });
  });

  test('are read from the configured claim', () => {
    const claims = { roles: ['a'], groups: ['b'], _claim_names: { groups: 'src1' } };
    expect(parseGroups(claims, { ...settings, groupsClaim: 'roles' })).toEqual({ kind: 'groups', groups: ['a'] });
  });

  test.each([
    ['data', 'data', true],
    ['data', 'datax', false],
    ['mcp-*', 'mcp-search', true],
    ['mcp-*', 'xmcp-search', false],
    ['*-admins', 'search-admins', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['a*a', 'a', false],
    ['ab*bc', 'abc', false],
    ['*', 'anything', true],
    ['a.c', 'abc', false],
    ['CN=mcp,*', 'CN=mcp,OU=x', true],
  ])('match %s: %s %s', (glob, group, isKept) => {
    const outcome = parseGroups({ groups: [group] }, { ...settings, groups: [glob] });
    expect(outcome).toEqual({ kind: 'groups', groups: isKept ? [group] : [] });
  });

  test('are narrowed before they are counted', () => {
    const claims = { groups: [...many(1000), 'mcp-a', 'mcp-b'] };
    const outcome = parseGroups(claims, { ...settings, groups: ['mcp-*'] });
    expect(outcome).toEqual({ kind: 'groups', groups: ['mcp-a', 'mcp-b'] });
  });

  test('match globs as a regular expression would', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    fc.assert(
      fc.property(text, fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 8 }), (glob, group) => {
        const isKept = new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(group);
        const outcome = parseGroups({ groups: [group] }, { ...settings, groups: [glob] });
        expect(outcome).toEqual({ kind: 'groups', groups: isKept ? [group] : [] });
      }),
    );
  });

  test('of any shape are read without a throw and never exceed the limits', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('groups', '_claim_names', 'hasgroups'), fc.anything()), (claims) => {
        const outcome = parseGroups(claims, settings);
        const groups = outcome.kind === 'groups' ? outcome.groups : [];
        expect(Buffer.byteLength(JSON.stringify(groups)) <= maxGroupBytes).toBe(true);
        expect(groups.length <= maxGroups && groups.every(({ length }) => length <= maxGroupLength)).toBe(true);
      }),
    );
  });
});
