import { describe, expect, test } from '@jest/globals';
import type { BundleGuard } from '@tachograph/protocol';
import type { Judgement } from './guards/guard-verdict.ts';
import { compileGuardQuestions, toGuardFindings } from './guard-questions.ts';

function textsOf(guard: Omit<BundleGuard, 'policy'>, tool: string, args: unknown): readonly unknown[] {
  const questions = compileGuardQuestions([{ policy: 'p', ...guard }]);
  return questions?.(tool, args).map(({ target }) => target.text) ?? [];
}

describe('the texts that guards judge', () => {
  test.each<[string, Omit<BundleGuard, 'policy'>, unknown, unknown[]]>([
    ['are those of the usual names', { kind: 'sql' }, { sql: 'select 1', note: 'x' }, ['select 1']],
    ['are found by what they say', { kind: 'sql' }, { note: 'DROP TABLE users' }, ['DROP TABLE users']],
    ['are of the guard’s kind', { kind: 'shell' }, { sql: 'select 1', command: 'ls' }, ['ls']],
    ['are at the named argument alone', { kind: 'sql', arguments: ['q'] }, { q: 'select 1', sql: 'x' }, ['select 1']],
    ['are at a path', { kind: 'sql', arguments: ['$.a.b[1]'] }, { a: { b: ['x', 'select 1'] } }, ['select 1']],
    ['are found however they are wrapped', { kind: 'sql', arguments: ['q'] }, { q: { text: ['drop'] } }, ['drop']],
    ['are words together', { kind: 'shell', arguments: ['c'] }, { c: ['rm', '-rf'] }, [['rm', '-rf']]],
    [
      'are lines of a list too',
      { kind: 'shell', arguments: ['c'] },
      { c: ['ls', 'rm -r x'] },
      [['ls', 'rm -r x'], 'rm -r x'],
    ],
    ['are none of another tool', { kind: 'sql', tools: ['db_*'] }, { sql: 'select 1' }, []],
    ['are none of inherited names', { kind: 'sql', arguments: ['constructor', '__proto__'] }, {}, []],
    [
      'are unreadable where they are too many',
      { kind: 'sql', arguments: ['q'] },
      { q: Array.from({ length: 65 }, () => 'x') },
      ['\0'],
    ],
  ])('%s', (_fact, guard, args, texts) => {
    expect(textsOf(guard, 'query', args)).toEqual(texts);
  });

  test('name the guard that asked', () => {
    const guards: BundleGuard[] = [
      { policy: 'a', kind: 'shell' },
      { policy: 'b', kind: 'sql', dialect: 'mysql' },
    ];
    const [question] = compileGuardQuestions(guards)?.('t', { sql: 'drop table x' }) ?? [];
    expect(question).toMatchObject({ guard: 1, target: { kind: 'sql', dialect: 'mysql', path: '/sql' } });
    const judgement: Judgement = { verdict: 'ddl', verdicts: ['ddl', 'opaque'], reasons: ['r'] };
    expect(question && toGuardFindings(question, judgement)).toEqual([
      { kind: 'sql', verdict: 'ddl', reasons: ['r'], guard: 1 },
      { kind: 'sql', verdict: 'opaque', reasons: ['r'], guard: 1 },
    ]);
    expect(compileGuardQuestions([])).toBeUndefined();
  });
});
