/** The guards as they are shipped: bundled, each grammar a file of its own, in a thread with V8's own settings. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = mkdtempSync(join(tmpdir(), 'tachograph-guard-bundle-'));

beforeAll(() => {
  // Its own, from the sources as they are: `out/bundle` may be missing, stale, or be written just now.
  const only = ['tachograph-guard-worker', 'tacho'].flatMap((name) => ['--only', name]);
  const { status, stderr } = spawnSync(process.execPath, ['scripts/bundle.mjs', '--out', out, ...only], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
});

afterAll(() => rmSync(out, { recursive: true, force: true }));

async function run(args: readonly string[], input: string): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(input);
  return readText(child.stdout);
}

interface Job {
  readonly kind: 'sql' | 'shell';
  readonly text: string;
  readonly dialect?: string;
  readonly times?: number;
}

async function judge(jobs: readonly Job[]): Promise<{ readonly answers: readonly string[]; readonly grownMb: number }> {
  const program = join(out, 'tachograph-guard-worker.mjs');
  const answer = await run(['--conditions=source', 'test/bundle/judge-texts.mjs', program], JSON.stringify(jobs));
  return JSON.parse(answer);
}

describe("the bundled guards' thread", () => {
  // What PostgreSQL refuses and the dialect's own grammar takes: proves that this grammar is in the bundle and loads.
  test.each([
    ['postgresql', "SELECT a::int FROM t WHERE b ~ 'x'"],
    ['mysql', 'SELECT `a` FROM t LIMIT 5, 10'],
    ['mariadb', 'SELECT `a` FROM t LIMIT 5, 10'],
    ['tsql', 'SELECT TOP 5 [a] FROM [t]'],
    ['sqlite', 'SELECT * FROM t WHERE a GLOB "b*"'],
    ['bigquery', 'SELECT * EXCEPT (a) FROM `p.d.t`'],
    ['snowflake', "SELECT a:b.c FROM t WHERE d ILIKE '%x%'"],
    ['trino', 'SELECT TRY_CAST(a AS bigint) FROM t'],
    ['spark', 'SELECT `a` FROM t'],
    ['redshift', 'SELECT a FROM t LIMIT 5'],
    ['db2', 'SELECT a FROM t'],
    [undefined, 'SELECT a FROM t WHERE b = 1'],
  ])('reads a plain query of %s, and stops a DELETE without WHERE', async (dialect, text) => {
    const named = dialect === undefined ? {} : { dialect };
    const { answers } = await judge([
      { kind: 'sql', text, ...named },
      { kind: 'sql', text: 'DELETE FROM t', ...named },
      { kind: 'sql', text: 'DELETE FROM t WHERE id = 7', ...named },
    ]);
    expect(answers).toEqual(['read', 'unbounded_write', 'bounded_write']);
  });

  test('reads function bodies, which another parser of the same WebAssembly does', async () => {
    const body = 'DO $$ BEGIN DELETE FROM users; END $$';
    expect((await judge([{ kind: 'sql', text: body, dialect: 'postgresql' }])).answers).toEqual(['unbounded_write']);
  });

  test('judges commands', async () => {
    const { answers } = await judge([
      { kind: 'shell', text: 'ls -l | wc -l' },
      { kind: 'shell', text: 'ls; rm -rf /' },
    ]);
    expect(answers).toEqual(['benign', 'destructive']);
  });

  // V8 once optimised the grammar after some hundred texts, in 580 MB: more than a pod has.
  test('stays small however much it judges', async () => {
    const long = `SELECT ${Array.from({ length: 150 }, (_, at) => `coalesce(t.c${at}, %) AS c${at}`).join(', ')} FROM t`;
    const { answers, grownMb } = await judge([
      { kind: 'sql', text: long, dialect: 'postgresql', times: 400 },
      { kind: 'sql', text: 'UPDATE t SET a = % WHERE id = %', dialect: 'postgresql', times: 1500 },
    ]);
    expect(answers).toEqual(['read', 'bounded_write']);
    expect(grownMb).toBeLessThan(200);
  });
});

test('the bundled `tacho guard --serve` answers line by line', async () => {
  const lines = [
    { kind: 'sql', text: 'DELETE FROM t', dialect: 'mysql' },
    { kind: 'sql', text: 'SELECT TOP 5 [a] FROM [t]', dialect: 'tsql' },
    { kind: 'shell', text: 'rm -rf /' },
  ];
  const answer = await run(
    [join(out, 'tacho.mjs'), 'guard', '--serve'],
    lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  );
  const verdicts = answer
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).verdict);
  expect(verdicts).toEqual(['unbounded_write', 'read', 'destructive']);
});
