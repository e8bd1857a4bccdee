import type { ValueShape } from './assigned-value.ts';
import { isHarmless } from './harmless-value.ts';
import { isOfLittleWorth } from './little-worth.ts';
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
  return atMost(shape, isPlainSecret(facts) ? 'secret' : toVerdict(score(facts)));
}

/** What is hardly a secret, whatever it looks like: for the record only. */
function atMost(shape: ValueShape, verdict: Verdict): Verdict {
  return verdict === 'secret' && isOfLittleWorth(shape) ? 'suspect' : verdict;
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
