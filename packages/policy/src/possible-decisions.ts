import type { BundleGuard, Decision, PolicyCall } from '@tachograph/protocol';
import type { CompiledBundle, Level } from './decide.ts';
import { compileGlobs } from './glob.ts';
import { toGuardDecision } from './guard-decision.ts';
import { harder, hardnessOf } from './hardness.ts';
import { isPlumbing, targetOf } from './methods.ts';

/** One thing that may be said to a call whose arguments are not known. */
export interface PossibleDecision extends Decision {
  /** It depends on the arguments, the caller's or the server's facts, or the time. */
  readonly conditional: boolean;
}

/**
 * What may be said to a call of this caller to this target, whatever its arguments: every rule with a condition may speak
 * or not, and every guard may find anything. The hardest first, each verdict once with the first that says it.
 */
export function possibleDecisions(
  bundle: CompiledBundle,
  guards: readonly BundleGuard[],
  call: PolicyCall,
): readonly PossibleDecision[] {
  const target = targetOf(call);
  const levels = bundle.levels.map((level) => ofLevel(level, call, target));
  const ruled = levels.reduce<readonly PossibleDecision[]>(combine, [{ verdict: 'allow', conditional: false }]);
  const all = [...ruled, ...ofGuards(guards, call, ruled)];
  const verdicts = Map.groupBy(all, ({ verdict }) => verdict);
  const isOpen = verdicts.size > 1;
  return [...verdicts.values()]
    .flatMap(([first]) => (first === undefined ? [] : [isOpen ? { ...first, conditional: true } : first]))
    .toSorted((a, b) => hardnessOf[a.verdict] - hardnessOf[b.verdict]);
}

function ofLevel(level: Level, call: PolicyCall, target: string): readonly PossibleDecision[] {
  const possible: PossibleDecision[] = [];
  for (const { rule, isTarget } of level.rulesFor(call.method)) {
    if (!isTarget(target) || !rule.matchesWho(call)) continue;
    possible.push({ ...rule.decision, conditional: rule.condition !== undefined });
    if (rule.condition === undefined) return possible;
  }
  const fallback = isPlumbing(call.method) ? undefined : level.fallback;
  return [...possible, { ...(fallback ?? { verdict: 'allow' }), conditional: false }];
}

function combine(first: readonly PossibleDecision[], second: readonly PossibleDecision[]): readonly PossibleDecision[] {
  return first.flatMap((one) =>
    second.map((other) => {
      const decision = harder(one, other) ?? one;
      return { ...decision, conditional: one.conditional || other.conditional };
    }),
  );
}

/** Guards object; they loosen nothing. Only what is softer than their objection can come of it. */
function ofGuards(
  guards: readonly BundleGuard[],
  call: PolicyCall,
  ruled: readonly PossibleDecision[],
): readonly PossibleDecision[] {
  if (call.method !== 'tools/call') return [];
  return guards
    .filter(({ tools }) => tools === undefined || compileGlobs(tools)(call.tool ?? ''))
    .flatMap((guard) =>
      (['deny', 'approve'] as const).flatMap((verdict) => {
        const decision = toGuardDecision(guard, verdict);
        const isFelt = ruled.some((one) => hardnessOf[one.verdict] > hardnessOf[verdict]);
        return decision !== undefined && isFelt ? [{ ...decision, conditional: true }] : [];
      }),
    );
}
