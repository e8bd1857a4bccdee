/**
 * Scores the masker on labelled snippets: node --conditions=source test/masking/score-secrets.mjs
 *   --held-out: each fifth of the repositories is scored with weights learnt from the others
 *   --half tune|check|all   --misses N   --false N   --category PART   --point client|record   --repositories
 * Precision: findings that touch a true span, among those that touch no undecided one. A snippet shows neighbouring lines,
 * whose labels stand in rows of their own: `P` knows them, `P alone` counts only the labels of the snippet's own rows.
 * Recall: true values of which at least 95 % of the characters are masked.
 */
import { createHash, createHmac } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createMasker } from '../../packages/masking/src/index.ts';
import { isCovered, judgeFinding, readSecrets, touches, toSnippets } from './secrets-data.mjs';

const { values: options } = parseArgs({
  options: {
    half: { type: 'string', default: 'all' },
    misses: { type: 'string', default: '0' },
    false: { type: 'string', default: '0' },
    category: { type: 'string', default: '' },
    point: { type: 'string', default: 'client' },
    repositories: { type: 'boolean', default: false },
    'held-out': { type: 'boolean', default: false },
    rule: { type: 'string', default: '' },
  },
});
const rows = readSecrets();
if (rows === undefined) {
  console.log('no secrets-dev.jsonl in TACHO_DATA: nothing scored');
  process.exit(0);
}
const masker = createMasker(
  {},
  {
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
  },
);
const find = masker.findText;
const snippets = toSnippets(rows);
if (options['held-out']) await scoreHeldOut();
else for (const snippet of snippets) scoreSnippet(snippet);

function scoreSnippet(snippet) {
  snippet.client = find(snippet.text, 'client');
  snippet.record = find(snippet.text, 'record');
}

async function scoreHeldOut() {
  const { folds, learn, toSamples } = await import('../../scripts/secret-judge/learning.mjs');
  const { secretJudge } = await import('../../packages/masking/src/detectors/secret-judge-weights.ts');
  const samples = toSamples(snippets);
  for (let fold = 0; fold < folds; fold += 1) {
    const [bias, ...weights] = learn(samples.filter(({ repository }) => repository % folds !== fold));
    Object.assign(secretJudge, { bias, weights });
    for (const snippet of snippets.filter(({ repository }) => repository % folds === fold)) scoreSnippet(snippet);
  }
}

const empty = () => ({
  core: 0,
  other: 0,
  undecided: 0,
  false: 0,
  alone: 0,
  aloneFalse: 0,
  found: 0,
  rows: 0,
  foundAll: 0,
  rowsAll: 0,
});

function count(chosen, point) {
  const sums = empty();
  for (const snippet of chosen) {
    for (const finding of snippet[point]) {
      sums[judgeFinding(finding, snippet.spans)] += 1;
      const met = snippet.rows.filter((row) => row.label !== 'F' && touches(finding, row));
      if (met.some(({ label }) => label === 'T')) sums.alone += 1;
      else if (met.length === 0) sums.aloneFalse += 1;
    }
    for (const row of snippet.rows.filter(({ label }) => label === 'T')) {
      const covered = isCovered(row, snippet[point]) ? 1 : 0;
      sums.rowsAll += 1;
      sums.foundAll += covered;
      sums.rows += row.core ? 1 : 0;
      sums.found += row.core ? covered : 0;
    }
  }
  return sums;
}

const f1 = (p, r) => (2 * p * r) / (p + r);
const show = (value) => Number(value.toFixed(3));

function toLine(sums) {
  const p = sums.core / (sums.core + sums.false);
  const pAll = (sums.core + sums.other) / (sums.core + sums.other + sums.false);
  const r = sums.found / sums.rows;
  const rAll = sums.foundAll / sums.rowsAll;
  return {
    P: show(p),
    R: show(r),
    F1: show(f1(p, r)),
    'P all': show(pAll),
    'R all': show(rAll),
    'F1 all': show(f1(pAll, rAll)),
    'P alone': show(sums.alone / (sums.alone + sums.aloneFalse)),
    findings: sums.core + sums.other + sums.undecided + sums.false,
    false: sums.false,
    undecided: sums.undecided,
  };
}

const halves = options.half === 'all' ? ['tune', 'check', 'all'] : [options.half];
const table = {};
for (const point of ['client', 'record']) {
  for (const half of halves) {
    table[`${point} ${half}`] = toLine(
      count(
        snippets.filter((s) => half === 'all' || s.half === half),
        point,
      ),
    );
  }
}
console.table(table);

const chosen = snippets.filter((snippet) => options.half === 'all' || snippet.half === options.half);
if (options.repositories) {
  const byRepository = Map.groupBy(chosen, ({ repository }) => repository);
  console.table(
    [...byRepository].map(([repository, own]) => ({
      repository,
      kinds: kindsOf(own),
      ...toLine(count(own, options.point)),
    })),
  );
}

function kindsOf(own) {
  const kinds = Object.groupBy(
    own.flatMap(({ rows: some }) => some),
    ({ kind }) => kind,
  );
  return Object.entries(kinds)
    .toSorted((a, b) => b[1].length - a[1].length)
    .slice(0, 3)
    .map(([kind]) => kind)
    .join(' ');
}

const categories = Map.groupBy(
  chosen.flatMap((snippet) => snippet.rows.filter(({ label }) => label === 'T').map((row) => ({ row, snippet }))),
  ({ row }) => row.category,
);
console.table(
  Object.fromEntries(
    [...categories]
      .toSorted((a, b) => b[1].length - a[1].length)
      .filter(([, some]) => some.length >= 5)
      .map(([category, some]) => {
        const missed = (point) => some.filter(({ row, snippet }) => !isCovered(row, snippet[point])).length;
        return [category, { true: some.length, 'missed client': missed('client'), 'missed record': missed('record') }];
      }),
  ),
);

function excerpt(text, start, end) {
  const from = Math.max(text.lastIndexOf('\n', start - 1) + 1, start - 100);
  const value = text.slice(start, Math.min(end, start + 120));
  return `${text.slice(from, start)}⟦${value}⟧${text.slice(end, end + 50).split('\n')[0]}`.replaceAll('\n', '⏎').trim();
}

function sample(list, wanted) {
  const size = Math.min(Number(wanted), list.length);
  console.log(`${size} of ${list.length}`);
  for (let i = 0; i < size; i += 1) console.log(list[Math.floor((i * list.length) / size)]);
}

if (Number(options.misses) > 0) {
  const missed = chosen.flatMap((snippet) =>
    snippet.rows
      .filter((row) => row.label === 'T' && row.core && row.category.includes(options.category))
      .filter((row) => !isCovered(row, snippet[options.point]))
      .map((row) => `${row.category} ${row.kind} | ${excerpt(snippet.text, row.start, row.end)}`),
  );
  sample(missed, options.misses);
}
if (Number(options.false) > 0) {
  const wrong = chosen.flatMap((snippet) =>
    snippet[options.point]
      .filter((finding) => finding.rule.includes(options.rule) && judgeFinding(finding, snippet.spans) === 'false')
      .map((finding) => {
        const category = snippet.rows.find((row) => touches(row, finding))?.category ?? '-';
        return `${finding.rule} ${category} ${snippet.rows[0].kind} | ${excerpt(snippet.text, finding.start, finding.end)}`;
      }),
  );
  const rules = Object.entries(Object.groupBy(wrong, (line) => line.split(' ')[0]));
  console.log(rules.map(([rule, some]) => `${rule} ${some.length}`).join(', '));
  sample(wrong, options.false);
}
