import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDirectoryStore } from '@tachograph/store';
import { loadDuckDb } from '../query/run-query.ts';
import { ArchiveBuilder } from '../testing/archive-builder.ts';
import { type CliResult, runCli } from '../testing/run-cli.ts';

const session = '01932b00-0000-7000-8000-0000000000a1';
const body = '{"id":12345678901234567890,"text":"\u001b[31m=1+1"}';
let root = '';
let dir = '';

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tacho-query-'));
  dir = join(root, 'archive');
  mkdirSync(dir);
  writeFileSync(join(root, 'secret.json'), '{"secret":1}');
  const archive = new ArchiveBuilder(createDirectoryStore(dir));
  const stream = archive.openStream();
  const principal = { iss: 'i', sub: 'alice', type: 'human' } as const;
  stream.add({ kind: 'session.open', session, principal });
  stream.add({ kind: 'mcp.request', session, dir: 'c2s', principal, gen_ai_tool_name: '=cmd()', body });
  await stream.seal();
  await stream.close(session);
  await archive.publish();
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

async function query(sql: string, ...argv: readonly string[]): Promise<CliResult> {
  return await runCli(['query', sql, dir, ...argv]);
}

async function rowsOf(sql: string): Promise<unknown> {
  const { code, out, err } = await query(sql, '--json');
  expect([code, err]).toEqual([0, '']);
  return (JSON.parse(out) as { rows: unknown }).rows;
}

describe('the views', () => {
  test('records keep a body to the byte, and know their partition', async () => {
    const rows = await rowsOf(
      `select seq, body, namespace, dt, principal->>'sub' as who from records where body is not null`,
    );
    expect(rows).toEqual([{ seq: '2', body, namespace: 'team-a', dt: '2026-11-21', who: 'alice' }]);
  });

  test('sessions are the manifests', async () => {
    expect(await rowsOf('select session, workload, count from sessions')).toEqual([
      { session, workload: 'files', count: '2' },
    ]);
  });

  test('leaves are the log', async () => {
    const rows = await rowsOf(`select idx, type, leaf->>'first' as first from leaves order by 1`);
    expect(rows).toEqual([
      { idx: '0', type: 'stream.open', first: null },
      { idx: '1', type: 'segment', first: '0' },
      { idx: '2', type: 'segment', first: '3' },
      { idx: '3', type: 'session.manifest', first: null },
    ]);
  });

  test('are empty where a directory has nothing of the kind', async () => {
    const bare = join(root, 'bare');
    mkdirSync(join(bare, 'v1'), { recursive: true });
    const { code, out } = await runCli([
      'query',
      'select (select count(*) from records) r, (select count(*) from sessions) s',
      bare,
    ]);
    expect([code, out]).toEqual([0, 'r  s\n0  0\n']);
  });
});

describe('what comes out', () => {
  test('of a table steers no terminal', async () => {
    const { out } = await query('select body from records where body is not null');
    expect(out).toBe(`body\n${body.replace('\u001b', '\\u001b')}\n`);
  });

  test('of CSV is no formula', async () => {
    const { out } = await query(
      "select gen_ai_tool_name as tool, '\uff1d1' as wide from records where gen_ai_tool_name is not null",
      '--csv',
    );
    expect(out).toBe("tool,wide\r\n'=cmd(),'\uff1d1\r\n");
  });
});

describe('the sandbox', () => {
  test.each([
    [`copy (select 1) to '$DIR/v1/written.csv'`],
    [`create table t as select 1`],
    [`insert into leaves values (1, 'x', 'x', 'x', '{}')`],
    [`set enable_external_access = true`],
    [`attach '$DIR/v1/new.db'`],
    [`install httpfs`],
    [`set memory_limit = '9GB'`],
    [`export database '$DIR/v1/written.csv'`],
    [`explain analyze copy (select 1) to '$DIR/v1/written.csv'`],
  ])('refuses %s', async (sql) => {
    const { code, err } = await query(sql.replace('$DIR', dir));
    expect([1, 64]).toContain(code);
    expect(err).toMatch(/only SELECT is run|disabled|Permission Error|locked/);
    expect(globSync('**/{written.csv,new.db,.tmp}', { cwd: root })).toEqual([]);
  });

  test.each([
    [`select * from read_json('$ROOT/secret.json')`],
    [`select * from read_json('$DIR/v1/../../secret.json')`],
    [`select * from read_text('/etc/passwd')`],
    [`select * from read_json('https://example.com/x.json')`],
  ])('reads nothing outside: %s', async (sql) => {
    const { code, out, err } = await query(sql.replace('$ROOT', root).replace('$DIR', dir));
    expect([code, out]).toEqual([64, '']);
    expect(err).toMatch(/Permission Error|disabled/);
  });

  test('runs one statement', async () => {
    expect(await query('select 1; select 2')).toMatchObject({
      code: 64,
      err: 'tacho: expected one SQL statement, got 2\n',
    });
  });
});

describe('bad input of a query', () => {
  test('wrong SQL says what is wrong', async () => {
    const { code, err } = await query('selec 1');
    expect([code, err]).toEqual([64, expect.stringContaining('syntax error')]);
  });

  test.each([
    ['a bucket', () => 'gs://archive', 64, 'pull what is asked about first'],
    ['a directory that is no archive', () => root, 3, 'is no archive'],
    ['no directory', () => join(root, 'none'), 3, 'there is no directory'],
  ])('%s', async (_name, where, code, sentence) => {
    const result = await runCli(['query', 'select 1', where()]);
    expect([result.code, result.err]).toEqual([code, expect.stringContaining(sentence)]);
  });

  test('a damaged segment is named', async () => {
    const copy = join(root, 'damaged');
    cpSync(dir, copy, { recursive: true });
    const [segment] = globSync('v1/records/**/*.gz', { cwd: copy });
    writeFileSync(join(copy, segment ?? ''), 'no gzip');
    const { code, err } = await runCli(['query', 'select count(*) from records where body is null', copy]);
    expect(code).toBe(64);
    expect(err).toMatch(/gzip|GZIP/);
  });

  test('without the optional package it says what to install', async () => {
    const load = loadDuckDb(() => Promise.reject(new Error("Cannot find package '@duckdb/node-api'")));
    await expect(load).rejects.toMatchObject({
      code: 'state',
      message: expect.stringContaining('which is not installed: npm install @duckdb/node-api@'),
    });
  });
});
