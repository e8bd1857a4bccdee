export { checkPolicy, policyName, type CheckedPolicy, type PolicyFault, type PolicyObject } from './check-policy.ts';
export { compilePolicies, type BundleParts, type CompiledPolicies } from './compile-policies.ts';
export { compileBundle, decide, describeDenial, type CompiledBundle } from './decide.ts';
export {
  hasConditions,
  loadConditions,
  type CompiledCondition,
  type Condition,
  type Conditions,
  type ServerFacts,
} from './conditions/condition.ts';
export { explain, type RuleTrace } from './explain.ts';
export { possibleDecisions, type PossibleDecision } from './possible-decisions.ts';
export { compileGlob, compileGlobs, type Glob } from './glob.ts';
export { compileGuardQuestions, toGuardFindings, type GuardQuestion, type GuardQuestions } from './guard-questions.ts';
export { hardnessOf } from './hardness.ts';
export { mayAllow } from './may-allow.ts';
export { isPlumbing, targetOf } from './methods.ts';
export { compileScope, type Scope } from './scope.ts';
export { upstreamOf } from './upstream-of.ts';
export { findUnknownTools, type KnownServer } from './strict-tools.ts';
export { createGuards, type GuardJob, type Guards } from './guards/create-guards.ts';
export {
  guardTargets,
  raiseByHint,
  type GuardMapping,
  type GuardSpec,
  type GuardTarget,
  type JudgedTarget,
} from './guards/guard-targets.ts';
export {
  opaqueJudgement,
  shellVerdicts,
  sqlVerdicts,
  type GuardKind,
  type GuardVerdict,
  type Judgement,
  type ShellVerdict,
  type SqlVerdict,
} from './guards/guard-verdict.ts';
