import type { ValueShape } from './assigned-value.ts';
import { isPlaceholder } from './placeholder.ts';
import { isPlainSecret } from './plain-secret.ts';
import { features } from './secret-features.ts';
import { secretJudge } from './secret-judge-weights.ts';
import { toFacts, type ValueFacts } from './value-facts.ts';

/** `secret`: masked at both points. `suspect`: masked for the record only. */
export type Verdict = 'secret' | 'suspect' | 'harmless';

const maxLength = 4096;

/** Whether a value that stands with a secret's name in free text is itself a secret. Reads at most 256 characters of it. */
export function judgeValue(shape: ValueShape): Verdict {
  if (shape.end - shape.start > maxLength) return 'suspect';
  if (isHarmless(shape)) return 'harmless';
  const facts = toFacts(shape);
  return isPlainSecret(facts) ? 'secret' : toVerdict(score(facts));
}

/** `"LABEL_PASSWORD": "Kennwort eingeben"`: what a program says about secrets, in any language. */
function isMessage({ text, start, end, name, isQuotedName, quoted }: ValueShape): boolean {
  if (!isQuotedName || !quoted || !/^[A-Z][A-Z0-9_]*$/.test(name)) return false;
  const value = text.slice(start, Math.min(end, start + 64));
  return !/\d/.test(value) && /[\s\u00c0-\uffff]/.test(value);
}

/** True where no weighing is needed. */
export function isHarmless(shape: ValueShape): boolean {
  return isPlaceholder(shape.text, shape.start, shape.end) || isMessage(shape);
}

/** The log-odds of a logistic regression over `features`, learnt by `scripts/train-secret-judge.mjs`. */
export function score(facts: ValueFacts): number {
  let sum = secretJudge.bias;
  features.forEach((feature, index) => {
    const weight = secretJudge.weights[index] ?? 0;
    if (weight !== 0) sum += weight * Number(feature.of(facts));
  });
  return sum;
}

function toVerdict(logOdds: number): Verdict {
  if (logOdds >= secretJudge.client) return 'secret';
  return logOdds >= secretJudge.record ? 'suspect' : 'harmless';
}
