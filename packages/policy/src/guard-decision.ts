import type { BundleGuard, Decision, GuardFinding, GuardVerdictName } from '@tachograph/protocol';
import { harder } from './hardness.ts';
import { toApproval } from './rule.ts';

/** The hardest objection of a level's guards to what was found in a call; `undefined`: none. */
export type GuardDecisions = (findings: readonly GuardFinding[]) => Decision | undefined;

const defaultVerdicts: Readonly<Record<GuardVerdictName, Decision['verdict']>> = {
  read: 'allow',
  benign: 'allow',
  bounded_write: 'allow',
  opaque: 'approve',
  unbounded_write: 'deny',
  ddl: 'deny',
  privilege: 'deny',
  host: 'deny',
  destructive: 'deny',
};

/** `undefined` where the level has no guard. Findings name guards by their index in the bundle. */
export function compileGuards(guards: readonly BundleGuard[], isCluster: boolean): GuardDecisions | undefined {
  const own = new Map([...guards.entries()].filter(([, { cluster = false }]) => cluster === isCluster));
  if (own.size === 0) return undefined;
  return (findings) => {
    let decision: Decision | undefined;
    for (const finding of findings) {
      const guard = finding.guard === undefined ? undefined : own.get(finding.guard);
      if (guard !== undefined) decision = harder(decision, objectionOf(guard, finding));
    }
    return decision;
  };
}

function objectionOf(guard: BundleGuard, { kind, verdict: found, reasons }: GuardFinding): Decision | undefined {
  const verdict = guard.verdicts?.[found] ?? defaultVerdicts[found];
  if (verdict === 'allow') return undefined;
  const what = `the ${kind === 'sql' ? 'SQL' : 'shell'} in it is judged ${found.replaceAll('_', ' ')}`;
  return {
    verdict,
    rule: `guard:${kind}`,
    policy: guard.policy,
    message: guard.message ?? (reasons.length === 0 ? what : `${what}: ${reasons.join('; ')}`),
    ...(guard.owner === undefined ? {} : { owner: guard.owner }),
    ...(verdict === 'approve' ? { approve: toApproval(guard.approve) } : {}),
  };
}
