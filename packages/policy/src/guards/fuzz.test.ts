import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createGuards, type GuardJob, type Guards } from './create-guards.ts';
import { shellCases } from './shell.cases.ts';
import { sqlCases } from './sql.cases.ts';

/** TACHO_LONG=1: a million inputs. */
const numRuns = process.env['TACHO_LONG'] === undefined ? 5_000 : 250_000;
/** Far above what a text within the caps takes; what hangs is killed by the sidecar's thread after 50 ms. */
const stallMs = 20_000;
const timeoutMs = 1_200_000;

const guards: Guards = createGuards();
const dialects = ['postgresql', 'mysql', 'tsql', 'sqlite', undefined] as const;

beforeAll(async () => {
  for (const dialect of dialects) await guards.prepare({ kind: 'sql', text: '', dialect });
  await guards.prepare({ kind: 'shell', text: '' });
});

const verdicts = /^(read|bounded_write|unbounded_write|ddl|privilege|host|opaque|benign|destructive)$/;

function isSound(job: GuardJob): boolean {
  const started = performance.now();
  const { verdict, reasons } = guards.judge(job);
  return verdicts.test(verdict) && reasons.length <= 16 && performance.now() - started < stallMs;
}

const pieces = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...texts), { maxLength: 24 }).map((list) => list.join(''));

const sqlPieces =
  "SELECT |DELETE |FROM |t |WHERE |1=1 |; |/* |*/ |/*!50000 |-- |\n|' |\" |` |$$ |( |) |DROP TABLE |UPDATE |SET |a=1 |WITH x AS ( |EXEC |DO |\\ |# |[ |] |, |. |OR |NOT |IN |INTO |OUTFILE |EXPLAIN ANALYZE |MERGE |CASE WHEN |E' |U&' |$1 |:x |@s |{ |} |é|　|\u200b".split(
    '|',
  );
const shellPieces = [
  ...'rm |-rf |/ |ls |; |& |\n|$( |) |` |\' |" |\\ |{ |} |<<EOF |EOF |<<< |> |< |>( |$(( |)) |[[ |]] |if |then |fi |for x in |do |done |case |esac |x= |$x |${x:-|eval |sh -c |xargs |find . -exec |sudo |env |f() |function |time |! |* |~ |# |é|\u200b'
    .split('~~')
    .join('')
    .split('|'),
  '|',
  '||',
];

function mutate(texts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...texts), fc.nat(), fc.nat(), fc.string({ maxLength: 4 }))
    .map(([text, at, length, put]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + put + text.slice(start + (length % 5));
    });
}

describe('no input makes a guard throw or stall', () => {
  test(
    'SQL',
    () => {
      const text = fc.oneof(
        pieces(sqlPieces),
        mutate(sqlCases.map(([, , one]) => one)),
        fc.string({ unit: 'binary', maxLength: 60 }),
      );
      const job = fc.record({ text, dialect: fc.constantFrom(...dialects) });
      fc.assert(
        fc.property(job, ({ text: one, dialect }) => isSound({ kind: 'sql', text: one, dialect })),
        { numRuns },
      );
      expect(numRuns).toBeGreaterThan(0);
    },
    timeoutMs,
  );

  test(
    'command lines',
    () => {
      const text = fc.oneof(
        pieces(shellPieces),
        mutate(shellCases.map(([, one]) => one)),
        fc.string({ unit: 'binary', maxLength: 60 }),
      );
      fc.assert(
        fc.property(text, (one) => isSound({ kind: 'shell', text: one })),
        { numRuns: numRuns * 2 },
      );
      expect(numRuns).toBeGreaterThan(0);
    },
    timeoutMs,
  );

  test(
    'lists of words',
    () => {
      const words = fc.array(fc.oneof(pieces(shellPieces), fc.string({ maxLength: 20 })), { maxLength: 6 });
      fc.assert(
        fc.property(words, (text) => isSound({ kind: 'shell', text })),
        { numRuns },
      );
      expect(numRuns).toBeGreaterThan(0);
    },
    timeoutMs,
  );

  test.each<readonly [string, GuardJob]>([
    ['substitutions', { kind: 'shell', text: '$('.repeat(4_000) }],
    ['braces', { kind: 'shell', text: '{'.repeat(8_000) }],
    ['here-documents', { kind: 'shell', text: 'a <<E\n'.repeat(1_300) }],
    ['quotes within quotes', { kind: 'shell', text: '"$(echo '.repeat(900) }],
    ['shells within shells', { kind: 'shell', text: 'sh -c "'.repeat(1_000) }],
    ['evals', { kind: 'shell', text: `${'eval '.repeat(1_600)}ls` }],
    ['wrappers', { kind: 'shell', text: `${'sudo '.repeat(1_600)}ls` }],
    ['sed', { kind: 'shell', text: `sed 's${'/x\\/'.repeat(1_500)}'` }],
    ['awk', { kind: 'shell', text: `awk '${'print ('.repeat(1_100)}'` }],
    ['pipes', { kind: 'shell', text: 'ls|'.repeat(2_700) }],
    ['a list', { kind: 'sql', text: `SELECT * FROM t WHERE a IN (${'1,'.repeat(32_000)}1)`, dialect: 'postgresql' }],
    ['conditions', { kind: 'sql', text: `DELETE FROM t WHERE ${'a = 1 OR '.repeat(7_000)}b = 2` }],
    [
      'conditions of MySQL',
      { kind: 'sql', text: `DELETE FROM t WHERE ${'a <=> 1 OR '.repeat(5_800)}b = 2`, dialect: 'mysql' },
    ],
    ['statements', { kind: 'sql', text: 'SELECT 1;'.repeat(7_000) }],
    ['statements of T-SQL', { kind: 'sql', text: 'DELETE FROM t '.repeat(4_600), dialect: 'tsql' }],
    ['comments', { kind: 'sql', text: '/*'.repeat(32_000) }],
    ['closed comments', { kind: 'sql', text: '/**/'.repeat(16_000) }],
    ['signs', { kind: 'sql', text: `SELECT ${'+-'.repeat(32_000)}` }],
    ['runs of signs', { kind: 'sql', text: `SELECT ${`${'+'.repeat(200)} `.repeat(320)}` }],
    ['executable comments', { kind: 'sql', text: '/*!'.repeat(21_000), dialect: 'mysql' }],
    ['dollars', { kind: 'sql', text: '$a$'.repeat(21_000) }],
    ['parentheses', { kind: 'sql', text: '('.repeat(255) + ')'.repeat(255), dialect: 'mysql' }],
    ['blocks', { kind: 'sql', text: `DO $$ BEGIN ${'DELETE FROM t;'.repeat(4_000)} END $$`, dialect: 'postgresql' }],
    [
      'texts of a block',
      { kind: 'sql', text: `DO $$ BEGIN ${"EXECUTE 'SELECT 1';".repeat(3_000)} END $$`, dialect: 'postgresql' },
    ],
  ])('%s by the thousand', (_, job) => {
    expect(isSound(job)).toBe(true);
  });
});
