import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const notCore = /^(?:UUID|Nonce|Salt|AWS S3 Bucket|Firebase Domain|WeChat)/;
/** Numbers of rows rise within a repository; a fall from the last to the first range begins the next one. */
const lastRange = 1_000_000;
const firstRange = 20_000;

/** The labelled snippets, or undefined where the data is absent. */
export function readSecrets() {
  const path = join(process.env.TACHO_DATA ?? '../shared/data', 'secrets-dev.jsonl');
  if (!existsSync(path)) return undefined;
  const rows = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  let repository = 0;
  rows.forEach((row, index) => {
    const before = index === 0 ? 0 : Number(rows[index - 1].id);
    if (before > lastRange && Number(row.id) < firstRange) repository += 1;
    row.repository = repository;
    // Whole repositories go to one half, so that near duplicates never stand in both.
    row.half = repository % 2 === 0 ? 'tune' : 'check';
    row.core = row.category.split(':').some((part) => !notCore.test(part));
  });
  return rows;
}

/** Rows of one text, and every labelled span that stands in it: those of neighbouring lines have rows of their own. */
export function toSnippets(rows) {
  const labelled = new Map();
  for (const row of rows) {
    if (row.label === 'F') continue;
    const { from, line } = lineOf(row);
    const spans = labelled.get(`${row.repository}\n${line}`) ?? [];
    spans.push({ start: row.start - from, end: row.end - from, label: row.label, core: row.core });
    labelled.set(`${row.repository}\n${line}`, spans);
  }
  const snippets = new Map();
  for (const row of rows) {
    const key = `${row.repository}\n${row.text}`;
    const snippet = snippets.get(key) ?? { text: row.text, half: row.half, repository: row.repository, rows: [] };
    snippet.rows.push(row);
    snippets.set(key, snippet);
  }
  return [...snippets.values()].map((snippet) => ({ ...snippet, spans: spansIn(snippet, labelled) }));
}

function lineOf({ text, start, end }) {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const stop = text.indexOf('\n', end);
  return { from, line: text.slice(from, stop < 0 ? text.length : stop) };
}

function spansIn({ text, rows, repository }, labelled) {
  const spans = rows
    .filter(({ label }) => label !== 'F')
    .map(({ start, end, label, core }) => ({ start, end, label, core }));
  let at = 0;
  for (const line of text.split('\n')) {
    for (const { start, end, label, core } of labelled.get(`${repository}\n${line}`) ?? []) {
      spans.push({ start: at + start, end: at + end, label, core });
    }
    at += line.length + 1;
  }
  return spans;
}

export const touches = (a, b) => a.start < b.end && b.start < a.end;

/** What of a finding's snippet it meets: a true span, an undecided one, or nothing. */
export function judgeFinding(finding, spans) {
  const met = spans.filter((span) => touches(finding, span));
  if (met.some(({ label, core }) => label === 'T' && core)) return 'core';
  if (met.some(({ label }) => label === 'T')) return 'other';
  return met.length > 0 ? 'undecided' : 'false';
}

export function isCovered(row, findings) {
  let covered = 0;
  for (const { start, end } of findings) covered += Math.max(0, Math.min(end, row.end) - Math.max(start, row.start));
  return covered >= 0.95 * (row.end - row.start);
}
