import type { PolicyCall } from '@tachograph/protocol';
import type { CompiledBundle, Level } from './decide.ts';
import { isPlumbing, targetOf } from './methods.ts';

/**
 * Whether some call of this caller to this target may pass, at once or after approval: what lists show. Arguments are not
 * known yet, so a rule with a condition may speak or not: where it would allow or ask it counts, where it would deny it
 * does not. Guards judge arguments, hence nothing here.
 */
export function mayAllow(bundle: CompiledBundle, call: PolicyCall): boolean {
  const target = targetOf(call);
  return bundle.levels.every((level) => levelMayAllow(level, call, target));
}

function levelMayAllow(level: Level, call: PolicyCall, target: string): boolean {
  for (const { rule, isTarget } of level.rulesFor(call.method)) {
    if (!isTarget(target) || !rule.matchesWho(call)) continue;
    if (rule.verdict !== 'deny') return true;
    if (rule.condition === undefined) return false;
  }
  return isPlumbing(call.method) || level.fallback?.verdict !== 'deny';
}
