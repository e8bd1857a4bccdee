import { describe, expect, test } from '@jest/globals';
import { createGuards } from './create-guards.ts';
import { guardTargets, raiseByHint, type GuardSpec } from './guard-targets.ts';

const guards = createGuards();
const harmless = /^(read|benign)$/;

async function judge(args: unknown, spec: GuardSpec = {}, tool = 'run'): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { path, ...job } of guardTargets(tool, args, spec)) {
    await guards.prepare(job);
    found.push(`${path} ${guards.judge(job).verdict}`);
  }
  return found;
}

async function isHarmful(args: unknown, spec: GuardSpec = {}): Promise<boolean> {
  return (await judge(args, spec)).some((found) => !harmless.test(found.split(' ')[1] ?? ''));
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('the targets of a call', () => {
  test.each<readonly [string, unknown, readonly string[]]>([
    ['by name', { sql: 'SELECT 1' }, ['/sql read']],
    ['by name, deep', { a: [{ statement: 'DROP TABLE t' }] }, ['/a/0/statement ddl']],
    ['by name, a command', { command: 'ls', cwd: '/' }, ['/command benign']],
    ['a query that is SQL', { query: 'select * from users' }, ['/query read']],
    ['a query in words', { query: 'how do I select a good restaurant?' }, []],
    ['a query that is hidden', { query: '/*!50000 DROP TABLE users */' }, ['/query ddl']],
    ['a query behind a comment', { query: '-- hello\nDELETE FROM users' }, ['/query unbounded_write']],
    ['the words of a command', { cmd: ['rm', '-rf', '/'] }, ['/cmd destructive']],
    [
      'a command and its arguments',
      { command: 'rm', args: ['-rf', '/'] },
      ['/command#argv destructive', '/command#line destructive', '/command destructive'],
    ],
    [
      'a harmless command and arguments',
      { command: 'ls', args: ['-la'] },
      ['/command#argv benign', '/command#line benign', '/command benign'],
    ],
    [
      'a command that goes on in its arguments',
      { command: 'bash -c', args: "'rm -rf /'" },
      ['/command#line destructive', '/command opaque'],
    ],
    ['by sniffing', { payload: 'DELETE FROM users' }, ['/payload unbounded_write']],
    ['by sniffing, with comments between', { payload: 'DROP/**/TABLE users' }, ['/payload ddl']],
    ['by sniffing, disguised', { payload: 'DR\u200bOP TABLE users' }, ['/payload ddl']],
    ['words about SQL', { note: 'You can insert into the box, or delete from users what you like.' }, ['/note read']],
    ['nothing', { id: 7, name: 'bob', tags: ['a', 'b'] }, []],
  ])('are found %s', async (_, args, expected) => {
    expect(await judge(args)).toEqual(expected);
  });

  test('are found by what a policy maps, for its tools only', async () => {
    const spec: GuardSpec = {
      mappings: [
        { tool: 'db_*', argument: 'text', kind: 'sql', dialect: 'mysql' },
        { tool: 'db_*', argument: '/deep/0/x', kind: 'shell' },
      ],
      byName: false,
      sniff: false,
    };
    const args = { text: 'SELECT 1 # x', deep: [{ x: 'rm x' }], sql: 'DROP TABLE t' };
    expect(await judge(args, spec, 'db_run')).toEqual(['/text read', '/deep/0/x destructive']);
    expect(await judge(args, spec, 'other')).toEqual([]);
  });

  test.each<readonly [string, unknown]>([
    ['JSON in a text', { data: JSON.stringify({ sql: 'DROP TABLE users' }) }],
    ['JSON in JSON in a text', { data: JSON.stringify({ x: JSON.stringify({ command: 'rm -rf /' }) }) }],
    ['a JSON string in a text', { command: JSON.stringify('rm -rf /') }],
    ['a JSON list of words in a text', { command: JSON.stringify(['rm', '-rf', '/']) }],
    ['base64', { command: base64('rm -rf / # all of it') }],
    ['base64 of SQL in any argument', { blob: base64('DELETE FROM users WHERE 1 = 1') }],
    ['base64 of JSON', { blob: base64(JSON.stringify({ sql: 'DROP TABLE users' })) }],
    ['a megabyte of padding before', { sql: `${' '.repeat(1024 * 1024)}DROP TABLE users` }],
    ['a megabyte of padding before, in any argument', { payload: `${' '.repeat(1024 * 1024)}DROP TABLE users` }],
    ['a megabyte of padding before a command', { command: `${' '.repeat(1024 * 1024)}rm -rf /` }],
    ['a megabyte of comment before', { sql: `/*${'x'.repeat(1024 * 1024)}*/DROP TABLE users` }],
    ['many arguments before', { list: Array.from({ length: 100 }, () => ({ command: 'ls' })), command: 'rm -rf /' }],
    ['great depth', JSON.parse(`${'{"a":'.repeat(100)}{"sql":"DROP TABLE t"}${'}'.repeat(100)}`)],
  ])('are not lost by %s', async (_, args) => {
    expect(await isHarmful(args)).toBe(true);
  });

  // Time that grew with the square would run into the limit of a test.
  test('reading ten megabytes of nothing takes no time that grows with its square', () => {
    const args = { a: 'select '.repeat(1_000_000), b: 'update x '.repeat(500_000), c: '/*'.repeat(1_000_000) };
    expect(guardTargets('run', args, {})).toEqual([]);
  });
});

describe('what a tool says of itself', () => {
  const read = { verdict: 'read', verdicts: ['read'], reasons: [] } as const;

  test('only raises', () => {
    expect(raiseByHint(read, true).verdict).toBe('bounded_write');
    expect(raiseByHint(read, false)).toBe(read);
    expect(raiseByHint({ verdict: 'host', verdicts: ['host'], reasons: [] }, false).verdict).toBe('host');
  });
});
