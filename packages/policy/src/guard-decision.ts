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

/** The verdicts of each kind, mildest first. */
export const verdictNames: Readonly<Record<BundleGuard['kind'], readonly GuardVerdictName[]>> = {
  sql: ['read', 'bounded_write', 'opaque', 'unbounded_write', 'ddl', 'privilege', 'host'],
  shell: ['benign', 'opaque', 'destructive'],
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

/** What a guard says where one of its findings comes to this verdict; `undefined`: none of them does. */
export function toGuardDecision(guard: BundleGuard, verdict: 'deny' | 'approve'): Decision | undefined {
  const names = verdictNames[guard.kind];
  const found = names.find((name) => (guard.verdicts?.[name] ?? defaultVerdicts[name]) === verdict);
  return found === undefined ? undefined : objectionOf(guard, { kind: guard.kind, verdict: found, reasons: [] });
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
