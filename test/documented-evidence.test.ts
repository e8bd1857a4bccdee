/** docs/evidence.md against the code: criteria, files, actions and settings. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { adminActions } from '@tachograph/protocol';
import { artefactSubjects, criteriaSubjects, frameworks, type Subject } from '../packages/cli/src/evidence/criteria.ts';
import { privilegedKinds } from '../packages/cli/src/evidence/privileged-actions.ts';
import { createArtefacts } from '../packages/cli/src/evidence/artefacts.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const evidence = read('docs/evidence.md');

function cellsOf(subject: Subject): readonly string[] {
  const line = evidence.split('\n').find((one) => one.startsWith(`| ${subject}: `)) ?? '';
  return line.split('|').map((cell) => cell.trim());
}

describe.each(['access', 'privileged', 'protection'] as const)('the criteria of %s', (subject) => {
  test('are those of the export', () => {
    const [, , ...cells] = cellsOf(subject);
    const inCode = frameworks.map((framework) =>
      [...criteriaSubjects(framework)].filter(([, subjects]) => subjects.includes(subject)).map(([one]) => one),
    );
    expect(cells.slice(0, 4).map((cell) => cell.split(', ').toSorted())).toEqual(inCode.map((list) => list.toSorted()));
  });

  test('belong to the artefacts that the export counts under them', () => {
    const named = [...(cellsOf(subject)[1] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, name]) => name ?? '');
    const inCode = Object.entries(artefactSubjects).filter(([, subjects]) => subjects.includes(subject));
    expect(named.toSorted()).toEqual(inCode.map(([name]) => name).toSorted());
  });
});

test('every table of the export is documented, and nothing else', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tacho-documented-'));
  const artefacts = createArtefacts(dir, { period: { from: '', to: '' }, version: '0' });
  artefacts.close();
  rmSync(dir, { recursive: true });
  const files = evidence.slice(evidence.indexOf('## Files'), evidence.indexOf('**Access-control matrix.**'));
  const documented = [...files.matchAll(/^\| `([a-z-]+)` \| CSV, JSON, HTML/gm)].map(([, name]) => name ?? '');
  expect(documented.toSorted()).toEqual(
    Object.values(artefacts.tables)
      .map(({ kind }) => kind.name)
      .toSorted(),
  );
});

test('every privileged action that a leaf or a record can tell of is named', () => {
  expect([...privilegedKinds].filter((kind) => !evidence.includes(`\`${kind}\``))).toEqual([]);
  expect(adminActions.filter((action) => !evidence.includes(`\`${action}\``))).toEqual([]);
});

test('every setting of sinks is documented', () => {
  const settings = [...read('packages/controller/src/sink/sink-settings.ts').matchAll(/'(TACHO_SINK_[A-Z_]+)'/g)];
  const names = [...new Set(settings.map(([, name]) => name ?? ''))];
  expect(names.length).toBe(7);
  for (const text of [evidence, read('docs/operations.md')])
    expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});
