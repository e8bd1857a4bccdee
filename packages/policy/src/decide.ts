import {
  parseWorkloadUri,
  type BundleDefault,
  type BundlePayload,
  type Decision,
  type PolicyCall,
} from '@tachograph/protocol';
import type { CelVariables } from './conditions/cel.ts';
import type { Condition, ConditionOutcome, Conditions, ServerFacts } from './conditions/condition.ts';
import type { Glob } from './glob.ts';
import { compileGuards, type GuardDecisions } from './guard-decision.ts';
import { harder, hardnessOf } from './hardness.ts';
import { isPlumbing, targetOf } from './methods.ts';
import { compileRule, type CompiledRule } from './rule.ts';

/** A bundle ready to be asked. */
export interface CompiledBundle {
  /** The policies of the cluster, then those of the namespace; a level that says nothing is left out. */
  readonly levels: readonly Level[];
  readonly server: ServerFacts;
  readonly conditions: Conditions | undefined;
}

/** The policies of the cluster, or those of the namespace: judged by themselves, so that neither loosens the other. */
export interface Level {
  readonly name: 'cluster' | 'namespace';
  /** The rules that can reach a method, hardest verdict first. */
  readonly rulesFor: (method: string) => readonly ReachingRule[];
  readonly fallback: Decision | undefined;
  readonly guards: GuardDecisions | undefined;
}

export interface ReachingRule {
  readonly rule: CompiledRule;
  readonly isTarget: Glob;
}

const maxRememberedMethods = 256;
/** Longer names of tools, resources and prompts are denied: no server has them, and patterns are read against them. */
const maxTargetLength = 8192;

const allowed: Decision = { verdict: 'allow' };
const targetTooLong: Decision = {
  verdict: 'deny',
  message: `the name of the target is longer than ${maxTargetLength} characters`,
};

/**
 * Compiles a bundle once. The payload is trusted: its schema was checked where it was received. `conditions` are needed
 * where `hasConditions` says so; without them every condition fails.
 */
export function compileBundle(payload: BundlePayload, conditions?: Conditions): CompiledBundle {
  const { defaults } = payload;
  const namespaceDefault = defaults === undefined ? { verdict: payload.default } : defaults.namespace;
  const levels = [
    compileLevel(payload, { isCluster: true, fallback: defaults?.cluster, conditions }),
    compileLevel(payload, { isCluster: false, fallback: namespaceDefault, conditions }),
  ];
  const { cluster = '', namespace = '', workload = '' } = parseWorkloadUri(payload.workload) ?? {};
  return {
    levels: levels.flatMap((level) => level ?? []),
    server: { cluster, namespace, workload },
    conditions,
  };
}

interface LevelOptions {
  readonly isCluster: boolean;
  readonly fallback: Pick<BundleDefault, 'verdict'> | undefined;
  readonly conditions: Conditions | undefined;
}

function compileLevel(payload: BundlePayload, { isCluster, fallback, conditions }: LevelOptions): Level | undefined {
  const own = payload.rules.filter(({ cluster = false }) => cluster === isCluster);
  const guards = compileGuards(payload.guards ?? [], isCluster);
  if (own.length === 0 && fallback === undefined && guards === undefined) return undefined;
  const rules = own
    .map((rule) => compileRule(rule, conditions))
    .toSorted((a, b) => hardnessOf[a.verdict] - hardnessOf[b.verdict]);
  const known = new Map<string, readonly ReachingRule[]>();
  return {
    name: isCluster ? 'cluster' : 'namespace',
    fallback,
    guards,
    rulesFor: (method) => {
      const remembered = known.get(method);
      if (remembered !== undefined) return remembered;
      const reaching = rules.flatMap((rule) => {
        const isTarget = rule.targetsOf(method);
        return isTarget === undefined ? [] : [{ rule, isTarget }];
      });
      if (known.size < maxRememberedMethods) known.set(method, reaching);
      return reaching;
    },
  };
}

/**
 * What the policies say to one call. In each level deny beats approve beats allow, whatever the order of the rules, and
 * where no rule speaks its default does; of the levels the harder verdict stands, the cluster's where both are alike.
 * A condition that fails makes a rule speak that denies or asks, and an allowing one silent. Guards raise objections;
 * they allow nothing. Methods and their targets: see `methods.ts`.
 */
export function decide(bundle: CompiledBundle, call: PolicyCall): Decision {
  const target = targetOf(call);
  if (target.length > maxTargetLength) return targetTooLong;
  const question: Question = { bundle, call, target, variables: undefined };
  let decision: Decision | undefined;
  for (const level of bundle.levels) decision = harder(decision, askLevel(level, question));
  const verdict = decision ?? allowed;
  return call.guards === undefined || call.guards.length === 0 ? verdict : { ...verdict, guard: call.guards };
}

/** One call while it is judged. */
export interface Question {
  readonly bundle: CompiledBundle;
  readonly call: PolicyCall;
  readonly target: string;
  /** Made for the first condition that is asked. */
  variables: CelVariables | undefined;
}

function askLevel(level: Level, question: Question): Decision | undefined {
  const { call } = question;
  const spoken =
    askRules(level.rulesFor(call.method), question) ?? (isPlumbing(call.method) ? undefined : level.fallback);
  if (level.guards === undefined || call.guards === undefined) return spoken;
  return harder(spoken, level.guards(call.guards));
}

function askRules(rules: readonly ReachingRule[], question: Question): Decision | undefined {
  for (const { rule, isTarget } of rules) {
    if (!isTarget(question.target) || !rule.matchesWho(question.call)) continue;
    if (rule.condition === undefined) return rule.decision;
    const outcome = askCondition(rule.condition, question);
    if (outcome === 'true') return rule.decision;
    if (outcome === 'failed' && rule.failedDecision !== undefined) return rule.failedDecision;
  }
  return undefined;
}

/** Asks one condition. */
export function askCondition(condition: Condition, question: Question): ConditionOutcome {
  const { bundle, call } = question;
  question.variables ??= bundle.conditions?.variablesOf(call, bundle.server);
  return question.variables === undefined ? 'failed' : condition(question.variables);
}

/** What the model reads instead of an answer. Names rule, policy and owner, so that its user can ask for them. */
export function describeDenial({ verdict, rule, policy, message, owner, conditionFailed }: Decision): string {
  const what = verdict === 'approve' ? 'Held for approval' : 'Denied';
  const of = policy === undefined ? '' : ` of policy "${policy}"`;
  const by = rule === undefined ? `the default${of === '' ? ' of the policy' : of}` : `rule "${rule}"${of}`;
  const whom = owner === undefined ? '' : ` (owner: ${owner})`;
  const why = conditionFailed === true ? ', because its condition could not be evaluated for this call' : '';
  const head = `${what} by ${by}${whom}${why}`;
  return message === undefined ? `${head}.` : `${head}: ${message}`;
}
