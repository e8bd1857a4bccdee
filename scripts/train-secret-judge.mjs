/**
 * Learns the weights of packages/masking/src/detectors/secret-judge-weights.ts from labelled snippets:
 *   node --conditions=source scripts/train-secret-judge.mjs [--half tune|all] [--write]
 * Logistic regression with L2, deterministic. Prints precision and recall of the judge on repositories that it did not
 * learn from (five folds of whole repositories). Needs TACHO_DATA with secrets-dev.jsonl.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readSecrets, toSnippets } from '../test/masking/secrets-data.mjs';
import { features } from '../packages/masking/src/detectors/secret-features.ts';
import { dot, folds, learn, ridge, toSamples } from './secret-judge/learning.mjs';

const { values: options } = parseArgs({
  options: {
    half: { type: 'string', default: 'all' },
    write: { type: 'boolean', default: false },
    ridge: { type: 'string', default: String(ridge) },
    errors: { type: 'string', default: '0' },
  },
});
const rows = readSecrets();
if (rows === undefined) {
  console.log('no secrets-dev.jsonl in TACHO_DATA: nothing learnt');
  process.exit(0);
}

const snippets = toSnippets(rows).filter(({ half }) => options.half === 'all' || half === options.half);
const samples = toSamples(snippets);
console.log(`${samples.length} candidates, ${samples.filter(({ y }) => y).length} true, ${features.length} features`);

const penalty = Number(options.ridge);
for (let fold = 0; fold < folds; fold += 1) {
  const w = learn(
    samples.filter(({ repository }) => repository % folds !== fold),
    penalty,
  );
  for (const sample of samples) if (sample.repository % folds === fold) sample.held = dot(w, sample.x);
}
const weights = learn(samples, penalty);
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
  client: 0.5,
  record: -1.5,
  weights: [
${list.join('\n')}
  ],
};
`,
  );
}
