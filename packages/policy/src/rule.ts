import type { Approval, ApproveSpec, BundleRule, Decision, PolicyCall, PolicyRule } from '@tachograph/protocol';
import type { Condition, Conditions } from './conditions/condition.ts';
import { compileGlobs, type Glob } from './glob.ts';
import { isPlumbing, targetKindOf, type TargetKind } from './methods.ts';

const everyone = (): boolean => true;

const alwaysFails: Condition = () => 'failed';

/** A rule ready to be asked. */
export interface CompiledRule {
  readonly verdict: PolicyRule['verdict'];
  readonly decision: Decision;
  readonly matchesWho: (call: PolicyCall) => boolean;
  /** Whether the rule can reach this method at all, and then which targets of it. */
  readonly targetsOf: (method: string) => Glob | undefined;
  /** Asked last; absent: the rule speaks without. */
  readonly condition?: Condition;
  /** What the rule says where its condition fails; absent: nothing, because it would allow. */
  readonly failedDecision?: Decision;
}

/** Without `conditions`, or where one does not compile, the condition fails in every call. */
export function compileRule(rule: BundleRule, conditions: Conditions | undefined): CompiledRule {
  const { policy, name, verdict, message, owner, when } = rule;
  const decision: Decision = {
    verdict,
    rule: name,
    policy,
    ...(message === undefined ? {} : { message }),
    ...(owner === undefined ? {} : { owner }),
    ...(verdict === 'approve' ? { approve: toApproval(rule.approve) } : {}),
  };
  return {
    verdict,
    decision,
    matchesWho: compileWho(rule.who, verdict !== 'allow'),
    targetsOf: compileWhat(rule.what),
    ...(when === undefined ? {} : { condition: compileCondition(when, conditions) }),
    ...(verdict === 'allow' ? {} : { failedDecision: { ...decision, conditionFailed: true } }),
  };
}

function compileCondition(when: string, conditions: Conditions | undefined): Condition {
  const compiled = conditions?.compile(when);
  return compiled?.kind === 'compiled' ? compiled.condition : alwaysFails;
}

const defaultWithinSeconds = 3600;

/** Fills in what a policy left out. */
export function toApproval(spec: ApproveSpec = {}): Approval {
  const { subjects = [], groups = [], count = 1, withinSeconds = defaultWithinSeconds } = spec;
  return { subjects, groups, count, withinSeconds };
}

/** Subjects, groups and service accounts are alternatives; client ids narrow. `ifUnknown`: where the groups are not known. */
export function compileWho(who: PolicyRule['who'], ifUnknown: boolean): CompiledRule['matchesWho'] {
  if (who === undefined) return everyone;
  const principals = [
    ...(who.subjects === undefined ? [] : [bySubject(who.subjects)]),
    ...(who.groups === undefined ? [] : [byGroup(who.groups, ifUnknown)]),
    ...(who.serviceAccounts === undefined ? [] : [byServiceAccount(who.serviceAccounts)]),
  ];
  const isPrincipal = principals.length === 0 ? everyone : anyOf(principals);
  if (who.clientIds === undefined) return isPrincipal;
  const isClient = compileGlobs(who.clientIds);
  return (call) => call.clientId !== undefined && isClient(call.clientId) && isPrincipal(call);
}

function anyOf(tests: readonly ((call: PolicyCall) => boolean)[]): (call: PolicyCall) => boolean {
  const [only] = tests;
  return tests.length === 1 && only !== undefined ? only : (call) => tests.some((test) => test(call));
}

function bySubject(patterns: readonly string[]): (call: PolicyCall) => boolean {
  const glob = compileGlobs(patterns);
  return ({ subject }) => glob(subject);
}

function byGroup(patterns: readonly string[], ifUnknown: boolean): (call: PolicyCall) => boolean {
  const glob = compileGlobs(patterns);
  return ({ groups, groupsUnknown }) => (groupsUnknown === true ? ifUnknown : groups.some(glob));
}

const serviceAccountPrefix = 'system:serviceaccount:';

/** `namespace/name`. Only of workloads: another issuer may put the same text into `sub`. */
function byServiceAccount(patterns: readonly string[]): (call: PolicyCall) => boolean {
  const glob = compileGlobs(patterns);
  return ({ subject, subjectType }) => {
    if (subjectType !== 'workload' || !subject.startsWith(serviceAccountPrefix)) return false;
    return glob(subject.slice(serviceAccountPrefix.length).replace(':', '/'));
  };
}

export function compileWhat(what: PolicyRule['what']): CompiledRule['targetsOf'] {
  const named = what?.methods?.filter((pattern) => !/^\*+$/.test(pattern)) ?? [];
  const isNamed = compileGlobs(named);
  const isMethod = what?.methods === undefined ? everyone : compileGlobs(what.methods);
  const targets = compileTargets(what);
  return (method) => {
    if (isPlumbing(method) ? !isNamed(method) : !isMethod(method)) return undefined;
    if (targets.size === 0) return everyone;
    const kind = targetKindOf(method);
    return kind === undefined ? undefined : targets.get(kind);
  };
}

function compileTargets(what: PolicyRule['what']): ReadonlyMap<TargetKind, Glob> {
  const kinds: readonly TargetKind[] = ['tools', 'resources', 'prompts'];
  return new Map(
    kinds.flatMap((kind) => {
      const patterns = what?.[kind];
      return patterns === undefined ? [] : [[kind, compileGlobs(patterns)] as const];
    }),
  );
}
