import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cefLine } from './cef.ts';
import type { EvidenceHeader } from './evidence-header.ts';
import { createTableDraft } from './evidence-table.ts';
import { escapeHtml } from '../html-text.ts';
import { toCsvText, toHtmlText, toJsonText } from './write-table.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tacho-table-'));
});
afterEach(async () => rm(dir, { recursive: true, force: true }));

const header: EvidenceHeader = {
  v: 1,
  kind: 'tachograph.evidence',
  artefact: 'x',
  title: 'X',
  about: '',
  mark: 'VERIFIED',
  framework: { id: 'soc2', title: 'SOC 2' },
  criteria: [],
  caveat: '',
  madeAt: '',
  madeBy: '',
  period: { from: '', to: '' },
  filter: {},
  archive: '',
  log: '',
  checkpoint: { size: 0, root: '' },
  isCheckpointSigned: true,
  verification: { verdict: 'verified', exitCode: 0, text: '', findings: {} },
  counts: {},
  gaps: [],
};

/** Texts that break formats, and any other. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '=1+1',
    '+1',
    '-1',
    '@x',
    '\t=1',
    '\r=1',
    '\n=1',
    '  =1',
    '＝1',
    '＋1',
    '－1',
    '＠1',
    'a"b',
    'a,b',
    'a\r\nb',
  ),
  fc.constantFrom('\u2028', '\u2029', '\u0085', '</td><script>', '&amp;', "'x'", '|', '\\', 'a=b', '\u202eevil', '\0'),
);

async function written(rows: readonly (readonly string[])[], to: typeof toCsvText): Promise<string> {
  const kind = { name: `t${rows.length}`, title: 'T', about: '', columns: ['id', 'a', 'b'] };
  const table = createTableDraft(dir, kind);
  for (const [i, [a = '', b = '']] of rows.entries()) table.add({ id: `r${i}`, a, b });
  let text = '';
  for await (const piece of to(header, table)) text += piece;
  table.close();
  return text;
}

/** RFC 4180, strictly: fields of lines that end in CR LF. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at < text.length;) {
    const quoted = /"((?:[^"]|"")*)"(,|\r\n)/y;
    const plain = /([^",\r\n]*)(,|\r\n)/y;
    quoted.lastIndex = plain.lastIndex = at;
    const match = quoted.exec(text) ?? plain.exec(text);
    if (match === null) throw new Error(`no field at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
    const [all, field = '', end] = match;
    row.push(text[at] === '"' ? field.replaceAll('""', '"') : field);
    at += all.length;
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

const table = fc.array(fc.tuple(hostile, hostile), { maxLength: 8 });

describe('whatever is recorded', () => {
  test('CSV gives it back, and no cell is a formula', async () => {
    const property = fc.asyncProperty(table, async (rows) => {
      const parsed = parseCsv(await written(rows, toCsvText)).filter(([first]) => first?.startsWith('r'));
      expect(parsed.map(([, ...cells]) => cells.map((cell) => cell.replace(/^'/, '')))).toEqual(
        rows.map((cells) => cells.map((cell) => cell.replace(/^'/, ''))),
      );
      for (const cell of parsed.flat()) expect(/^[\s\p{Cc}]*[=+\-@＝＋－＠]/u.test(cell)).toBe(false);
    });
    await fc.assert(property, { numRuns: 200 });
  });

  test('JSON gives it back', async () => {
    const property = fc.asyncProperty(table, async (rows) => {
      const parsed = JSON.parse(await written(rows, toJsonText)) as {
        readonly rows: readonly { a: string; b: string }[];
      };
      expect(parsed.rows.map(({ a, b }) => [a, b])).toEqual(
        rows.map((cells) => cells.map((cell) => cell.toWellFormed())),
      );
    });
    await fc.assert(property, { numRuns: 100 });
  });

  test('HTML has as many cells as the table, and no element of others', async () => {
    const property = fc.asyncProperty(table, async (rows) => {
      const text = await written(rows, toHtmlText);
      const body = text.slice(text.indexOf('<tbody>'), text.indexOf('</tbody>'));
      expect(body.replaceAll(/<\/?(tbody|tr|td)>/g, '').includes('<')).toBe(false);
      expect(body.match(/<td>/g)?.length ?? 0).toBe(rows.length * 3);
    });
    await fc.assert(property, { numRuns: 100 });
  });

  test('escaped text is neither markup, nor steers what stands beside it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(/[<>"']|[\p{Cc}\p{Cf}\u2028\u2029]/u.test(escapeHtml(text))).toBe(false);
      }),
    );
  });

  test('a line of CEF stays one line of eight parts', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (id, name, value) => {
        const line = cefLine({ version: '1', id, name, severity: 1 }, { msg: value, end: 1 });
        expect(/[\n\r\u2028\u2029\u0085]/.test(line)).toBe(false);
        const parts = line.split(/(?<!\\)(?:\\\\)*\|/);
        expect(parts.slice(0, 3)).toEqual(['CEF:0', 'Tachograph', 'Tachograph']);
        // Whatever the value, the next key is found behind an equals sign that is not escaped.
        expect(line.endsWith(' end=1') || line.endsWith('|end=1')).toBe(true);
      }),
    );
  });
});
