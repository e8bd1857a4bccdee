/** Learning of the weights that judge values in free text; shared by the training script and by the score of what was not learnt from. */
import { judgeFinding } from '../../test/masking/secrets-data.mjs';
import { readCandidates } from '../../packages/masking/src/detectors/candidates.test-support.ts';
import { features } from '../../packages/masking/src/detectors/secret-features.ts';
import { isHarmless } from '../../packages/masking/src/detectors/harmless-value.ts';
import { toFacts } from '../../packages/masking/src/detectors/value-facts.ts';

export const ridge = 0.25;
/** Repository n is in fold n mod `folds`, whole. */
export const folds = 5;

/** One sample for each value that the judge is asked about; near copies of a line count less. */
export function toSamples(snippets) {
  const samples = [];
  for (const snippet of snippets) {
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
  return samples;
}

/** Logistic regression by Newton's method on the penalised likelihood; the bias, first, is not penalised. */
export function learn(chosen, penalty = ridge) {
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
      gradient[i] -= penalty * w[i];
      hessian[i][i] += penalty;
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

export function dot(w, x) {
  let sum = 0;
  for (let i = 0; i < w.length; i += 1) sum += w[i] * x[i];
  return sum;
}
