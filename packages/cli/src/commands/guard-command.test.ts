import { describe, expect, test } from '@jest/globals';
import { type CliResult, runCli } from '../testing/run-cli.ts';

async function guard(...argv: readonly string[]): Promise<CliResult> {
  return runCli(['guard', ...argv]);
}

async function serve(...lines: readonly string[]): Promise<readonly unknown[]> {
  const { out } = await runCli(['guard', '--serve'], { stdin: `${lines.join('\n')}\n` });
  return out
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

describe('tacho guard of one text', () => {
  test.each([
    ['DELETE FROM users', 'sql: unbounded_write\n  DELETE without WHERE\n'],
    ['SELECT 1', 'sql: read\n'],
    ['/*!50000 DROP TABLE t */', 'sql: ddl\n  the statement DROP\n'],
    ['rm -rf /', 'shell: destructive\n  the command rm\n'],
    ['ls -la', 'shell: benign\n'],
  ])('finds out what %s is, and says what it does', async (text, expected) => {
    expect(await guard(text)).toMatchObject({ code: 0, out: expected });
  });

  test('takes kind and dialect, and prints JSON', async () => {
    const { out } = await guard('--json', '--kind', 'sql', '--dialect', 'mysql', 'SELECT 1 # DROP TABLE t');
    expect(JSON.parse(out)).toEqual({ kind: 'sql', verdict: 'read', verdicts: ['read'], reasons: [] });
    expect((await guard('--kind', 'shell', 'SELECT 1')).out).toMatch(/^shell: opaque/);
  });

  test.each([[[]], [['--serve', 'ls']], [['--serve', '--kind', 'sql']], [['--kind', 'python', 'x']]])(
    'refuses %j',
    async (argv) => {
      expect((await guard(...argv)).code).toBe(64);
    },
  );

  test('has help with examples', async () => {
    expect((await guard('--help')).out).toMatch(/Examples:\n {2}tacho guard/);
  });
});

function error(line: number): unknown {
  return { error: expect.stringMatching(`^line ${line}: expected one JSON object`) };
}

describe('tacho guard --serve', () => {
  test('answers each line in order, and a bad one by an error', async () => {
    const answers = await serve(
      '{"kind":"sql","text":"DELETE FROM t WHERE id = 1"}',
      '{"kind":"sql","text":"SELECT `a` FROM t LIMIT 1, 2","dialect":"mysql"}',
      'nonsense',
      '{"kind":"python","text":"x"}',
      '{"kind":"shell"}',
      '[]',
      '{"kind":"shell","text":"ls | xargs rm","dialect":null}',
      '{"kind":"shell","text":["echo","; rm x"]}',
      '{"kind":"sql","text":"SELECT 1","dialect":7}',
    );
    expect(answers).toEqual([
      { verdict: 'bounded_write', reasons: ['DELETE of some rows'] },
      { verdict: 'read', reasons: [] },
      error(3),
      error(4),
      error(5),
      error(6),
      { verdict: 'destructive', reasons: ['the command rm'] },
      { verdict: 'benign', reasons: [] },
      error(9),
    ]);
  });
});
