/**
 * Learns the weights of packages/masking/src/detectors/secret-judge-weights.ts from labelled snippets:
 *   node --conditions=source scripts/train-secret-judge.mjs [--half tune|all] [--write]
 * Logistic regression with L2, deterministic. Prints precision and recall of the judge on repositories that it did not
 * learn from (five folds of whole repositories). Needs TACHO_DATA with secrets-dev.jsonl.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { judgeFinding, readSecrets, toSnippets } from '../test/masking/secrets-data.mjs';
import { readCandidates } from '../packages/masking/src/detectors/candidates.test-support.ts';
import { features } from '../packages/masking/src/detectors/secret-features.ts';
import { isHarmless } from '../packages/masking/src/detectors/secret-judge.ts';
import { toFacts } from '../packages/masking/src/detectors/value-facts.ts';

const { values: options } = parseArgs({
  options: {
    half: { type: 'string', default: 'all' },
    write: { type: 'boolean', default: false },
    ridge: { type: 'string', default: '0.5' },
    errors: { type: 'string', default: '0' },
  },
});
const rows = readSecrets();
if (rows === undefined) {
  console.log('no secrets-dev.jsonl in TACHO_DATA: nothing learnt');
  process.exit(0);
}

const samples = [];
for (const snippet of toSnippets(rows)) {
  if (options.half !== 'all' && snippet.half !== options.half) continue;
  const seen = new Set();
  for (const shape of readCandidates(snippet.text)) {
    if (isHarmless(shape)) continue;
    const key = `${shape.start}:${shape.end}`;
    const label = judgeFinding(shape, snippet.spans);
    if (seen.has(key) || label === 'undecided') continue;
    seen.add(key);
    const x = [1, ...features.map((feature) => Number(feature.of(toFacts(shape))))];
    // Near copies of a line count less.
    samples.push({
      x,
      y: label === 'false' ? 0 : 1,
      repository: snippet.repository,
      shape,
      kind: snippet.rows[0].kind,
      copy: `${snippet.repository} ${shape.name} ${x
        .slice(1)
        .map((v) => Math.round(v * 4))
        .join(',')}`,
    });
  }
}
const copies = Map.groupBy(samples, ({ copy }) => copy);
for (const same of copies.values()) for (const sample of same) sample.weight = 1 / Math.sqrt(same.length);
console.log(`${samples.length} candidates, ${samples.filter(({ y }) => y).length} true, ${features.length} features`);

/** Newton's method on the penalised likelihood; the bias is not penalised. */
function learn(chosen, ridge) {
  const width = chosen[0].x.length;
  let w = new Float64Array(width);
  for (let round = 0; round < 12; round += 1) {
    const gradient = new Float64Array(width);
    const hessian = Array.from({ length: width }, () => new Float64Array(width));
    for (const { x, y, weight } of chosen) {
      const p = 1 / (1 + Math.exp(-dot(w, x)));
      const active = [...x.keys()].filter((i) => x[i] !== 0);
      for (const i of active) gradient[i] += weight * (y - p) * x[i];
      addOuter(hessian, x, active, weight * p * (1 - p));
    }
    for (let i = 1; i < width; i += 1) {
      gradient[i] -= ridge * w[i];
      hessian[i][i] += ridge;
    }
    hessian[0][0] += 1e-6;
    const delta = solve(hessian, gradient);
    w = w.map((value, i) => value + delta[i]);
    if (Math.max(...delta.map(Math.abs)) < 1e-4) break;
  }
  return w;
}

function addOuter(matrix, x, active, factor) {
  for (const i of active) for (const j of active) matrix[i][j] += factor * x[i] * x[j];
}

function solve(matrix, vector) {
  const n = vector.length;
  const a = matrix.map((row, i) => Float64Array.of(...row, vector[i]));
  for (let i = 0; i < n; i += 1) {
    let best = i;
    for (let k = i + 1; k < n; k += 1) if (Math.abs(a[k][i]) > Math.abs(a[best][i])) best = k;
    [a[i], a[best]] = [a[best], a[i]];
    for (let k = i + 1; k < n; k += 1) {
      const factor = a[k][i] / a[i][i];
      if (factor === 0) continue;
      for (let j = i; j <= n; j += 1) a[k][j] -= factor * a[i][j];
    }
  }
  const result = new Float64Array(n);
  for (let i = n - 1; i >= 0; i -= 1) {
    let sum = a[i][n];
    for (let j = i + 1; j < n; j += 1) sum -= a[i][j] * result[j];
    result[i] = sum / a[i][i];
  }
  return result;
}

function dot(w, x) {
  let sum = 0;
  for (let i = 0; i < w.length; i += 1) sum += w[i] * x[i];
  return sum;
}

const ridge = Number(options.ridge);
const folds = 5;
for (let fold = 0; fold < folds; fold += 1) {
  const w = learn(
    samples.filter(({ repository }) => repository % folds !== fold),
    ridge,
  );
  for (const sample of samples) if (sample.repository % folds === fold) sample.held = dot(w, sample.x);
}
const weights = learn(samples, ridge);
for (const sample of samples) sample.seen = dot(weights, sample.x);

const table = [];
for (const t of [-3, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2]) {
  const line = { threshold: t };
  for (const kind of ['held', 'seen']) {
    const hit = samples.filter((sample) => sample[kind] >= t);
    const good = hit.filter(({ y }) => y).length;
    line[`P ${kind}`] = (good / hit.length).toFixed(3);
    line[`R ${kind}`] = (good / samples.filter(({ y }) => y).length).toFixed(3);
  }
  table.push(line);
}
console.table(table);

if (Number(options.errors) > 0) {
  const wrong = samples.filter(({ y, held }) => (y ? held < 0 : held >= 0));
  for (const y of [1, 0]) {
    const list = wrong.filter((sample) => sample.y === y);
    console.log(`${list.length} ${y ? 'missed' : 'wrongly found'}`);
    const size = Math.min(list.length, Number(options.errors));
    for (let i = 0; i < size; i += 1) {
      const { shape, held, kind } = list[Math.floor((i * list.length) / size)];
      const { text, nameStart, start, end } = shape;
      console.log(
        held.toFixed(1),
        kind,
        shape.operator,
        shape.class.rule,
        '|',
        `${text.slice(Math.max(0, nameStart - 20), start)}⟦${text.slice(start, Math.min(end, start + 90))}⟧${text.slice(end, end + 20)}`.replaceAll(
          '\n',
          '⏎',
        ),
      );
    }
  }
}

if (options.write) {
  const list = features.map(({ name }, i) => `    ${weights[i + 1].toFixed(2)}, // ${name}`);
  writeFileSync(
    'packages/masking/src/detectors/secret-judge-weights.ts',
    `// Written by scripts/train-secret-judge.mjs. Do not edit.

/** Weights of \`features\`, in their order, and the log-odds from which a value is masked at each point. */
export const secretJudge: {
  readonly bias: number;
  readonly client: number;
  readonly record: number;
  readonly weights: readonly number[];
} = {
  bias: ${weights[0].toFixed(2)},
  client: 0,
  record: -2,
  weights: [
${list.join('\n')}
  ],
};
`,
  );
}
