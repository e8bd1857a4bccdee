import type { PolicyCall } from '@tachograph/protocol';
import { askCondition, type CompiledBundle, type Question, type ReachingRule } from './decide.ts';
import { targetOf } from './methods.ts';

/** Why a rule that can reach the call's method speaks or does not. */
export interface RuleTrace {
  readonly level: 'cluster' | 'namespace';
  readonly policy: string;
  readonly rule: string;
  readonly verdict: 'allow' | 'deny' | 'approve';
  /** `failed`: the condition could not be evaluated; then it speaks unless it allows. */
  readonly outcome: 'matches' | 'another_target' | 'another_caller' | 'condition_false' | 'condition_failed';
}

/** Every rule that can reach the method, in the order in which they are asked, whether or not one before it has decided. */
export function explain(bundle: CompiledBundle, call: PolicyCall): readonly RuleTrace[] {
  const question: Question = { bundle, call, target: targetOf(call), variables: undefined };
  return bundle.levels.flatMap(({ name, rulesFor }) =>
    rulesFor(call.method).map((reaching) => ({
      level: name,
      policy: reaching.rule.decision.policy ?? '',
      rule: reaching.rule.decision.rule ?? '',
      verdict: reaching.rule.verdict,
      outcome: outcomeOf(reaching, question),
    })),
  );
}

function outcomeOf({ rule, isTarget }: ReachingRule, question: Question): RuleTrace['outcome'] {
  if (!isTarget(question.target)) return 'another_target';
  if (!rule.matchesWho(question.call)) return 'another_caller';
  const outcome = rule.condition === undefined ? 'true' : askCondition(rule.condition, question);
  return outcome === 'true' ? 'matches' : outcome === 'false' ? 'condition_false' : 'condition_failed';
}
