import { beforeAll, describe, expect, test } from '@jest/globals';
import { createGuards, type GuardJob, type Guards } from './create-guards.ts';
import { readTexts } from './plain-reads.test-support.ts';
import { shellCases } from './shell.cases.ts';
import { sqlCases } from './sql.cases.ts';

const guards: Guards = createGuards();

async function judge(job: GuardJob): Promise<string> {
  await guards.prepare(job);
  return guards.judge(job).verdict;
}

beforeAll(async () => {
  for (const dialect of [undefined, 'mysql', 'tsql', 'bigquery', 'snowflake'])
    await guards.prepare({ kind: 'sql', text: '', dialect });
});

describe('the table of SQL', () => {
  test('has 250 texts or more, each once', () => {
    expect(new Set(sqlCases.map(([, dialect, text]) => `${dialect} ${text}`)).size).toBe(sqlCases.length);
    expect(sqlCases.length).toBeGreaterThanOrEqual(250);
  });

  test.each(sqlCases)('%s, %s: %s', async (verdict, dialect, text) => {
    expect(await judge({ kind: 'sql', text, dialect: dialect === '' ? undefined : dialect })).toBe(verdict);
  });

  test('is never judged more mildly when nobody says which database it is', async () => {
    const milder: string[] = [];
    for (const [verdict, , text] of sqlCases) {
      const isHarmless = verdict === 'read' || verdict === 'bounded_write';
      if (!isHarmless && /^(read|bounded_write)$/.test(await judge({ kind: 'sql', text }))) milder.push(text);
    }
    expect(milder).toEqual([]);
  });

  test('is judged alike in other cases and with other spaces', async () => {
    const wrong: string[] = [];
    for (const [verdict, dialect, text] of sqlCases.filter(([one]) => one !== 'read')) {
      if (/['"$`#\\-]|--|\/\*|\/\//.test(text)) continue;
      for (const form of [text.toUpperCase(), text.replaceAll(' ', '\n\t '), `;; ${text} ;`, `/**/${text}/* x */`]) {
        if ((await judge({ kind: 'sql', text: form, dialect: dialect === '' ? undefined : dialect })) !== verdict)
          wrong.push(form);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('plain reads', () => {
  test.each(['postgresql', undefined])('of %s are blocked in at most 1 of 100', async (dialect) => {
    const blocked: string[] = [];
    for (const text of readTexts) if ((await judge({ kind: 'sql', text, dialect })) !== 'read') blocked.push(text);
    expect(readTexts.length).toBeGreaterThanOrEqual(300);
    expect(blocked.length / readTexts.length).toBeLessThanOrEqual(0.01);
  });
});

describe('the table of command lines', () => {
  test('has 250 texts or more, each once', () => {
    expect(new Set(shellCases.map(([, text]) => text)).size).toBe(shellCases.length);
    expect(shellCases.length).toBeGreaterThanOrEqual(250);
  });

  test.each(shellCases)('%s: %s', async (verdict, text) => {
    expect(await judge({ kind: 'shell', text })).toBe(verdict);
  });

  test('is never benign within what runs it', async () => {
    const harmful = shellCases
      .filter(([verdict, text]) => verdict !== 'benign' && !/['"\n$`]/.test(text))
      .map(([, text]) => text);
    const wraps: readonly ((text: string) => string)[] = [
      (text) => `bash -c '${text}'`,
      (text) => `ssh host "${text}"`,
      (text) => `eval '${text}'`,
      (text) => `ls; ${text}`,
      (text) => `( ${text} )`,
      (text) => `echo "$( ${text} )"`,
      (text) => `if true; then ${text}\nfi`,
      (text) => `trap '${text}' EXIT`,
      (text) => `bash <<'X'\n${text}\nX`,
      (text) => `echo '${text}' | sh`,
    ];
    const benign: string[] = [];
    for (const text of harmful) {
      for (const wrap of wraps)
        if ((await judge({ kind: 'shell', text: wrap(text) })) === 'benign') benign.push(wrap(text));
    }
    expect(benign).toEqual([]);
  });
});

describe('what cannot be judged', () => {
  test.each<readonly [string, GuardJob]>([
    ['SQL over 64 KiB', { kind: 'sql', text: `SELECT '${'x'.repeat(65_536)}'` }],
    ['a command line over 8 KiB', { kind: 'shell', text: `echo ${'x'.repeat(8_192)}` }],
    ['words over 8 KiB', { kind: 'shell', text: ['echo', 'x'.repeat(8_192)] }],
    ['SQL with deep parentheses', { kind: 'sql', text: `SELECT ${'('.repeat(300)}1${')'.repeat(300)}` }],
    ['a command line with deep substitutions', { kind: 'shell', text: `echo ${'$('.repeat(200)}ls${')'.repeat(200)}` }],
    ['SQL with a NUL', { kind: 'sql', text: 'SELECT 1\0; DROP TABLE t' }],
    ['a command line with a NUL', { kind: 'shell', text: 'ls\0rm' }],
    ['half a character', { kind: 'sql', text: "SELECT '\ud800'" }],
    ['a space that is none', { kind: 'sql', text: 'SELECT\u00a01' }],
    ['a full-width word', { kind: 'sql', text: 'SELECT １' }],
    ['a character that folds to a quote', { kind: 'sql', text: "SELECT 'a\uff07; DROP TABLE t --'" }],
    ['a zero-width space in a command', { kind: 'shell', text: 'l\u200bs' }],
    ['an empty command', { kind: 'shell', text: 'ls |' }],
  ])('%s is opaque', async (_, job) => {
    expect(await judge(job)).toBe('opaque');
  });

  test('what is not loaded is opaque', () => {
    expect(createGuards().judge({ kind: 'sql', text: 'SELECT 1' }).verdict).toBe('opaque');
    expect(createGuards().judge({ kind: 'shell', text: 'ls' }).verdict).toBe('opaque');
  });

  test('disguised words are judged as what they look like', async () => {
    expect(await judge({ kind: 'sql', text: 'D\u200bROP TABLE users' })).toBe('ddl');
    expect(await judge({ kind: 'sql', text: 'ＤＥＬＥＴＥ FROM users' })).toBe('unbounded_write');
    expect(await judge({ kind: 'sql', text: 'DROP\u00a0TABLE users' })).toBe('ddl');
  });
});

describe('a judgement', () => {
  test('names every verdict, worst first, and quotes nothing', async () => {
    const job = {
      kind: 'sql',
      text: "DROP TABLE hunter2; SELECT hunter2('hunter2'); DELETE FROM hunter2",
      dialect: 'pg',
    } as const;
    await guards.prepare(job);
    const judgement = guards.judge(job);
    expect(judgement.verdicts).toEqual(['ddl', 'unbounded_write', 'opaque']);
    expect(judgement.reasons).toEqual(['the statement Drop', 'DELETE without WHERE', 'a function that is not known']);
  });

  test('of a list of words takes nothing apart', async () => {
    expect(await judge({ kind: 'shell', text: ['echo', '; rm -rf /', '$(rm x)'] })).toBe('benign');
    expect(await judge({ kind: 'shell', text: ['rm', '-rf', '/'] })).toBe('destructive');
    expect(await judge({ kind: 'shell', text: ['sh', '-c', 'rm -rf /'] })).toBe('destructive');
    expect(await judge({ kind: 'shell', text: ['$X'] })).toBe('opaque');
  });
});
