export {
  checkPolicy,
  compilePolicies,
  type BundleParts,
  type CheckedPolicy,
  type CompiledPolicies,
  type PolicyFault,
  type PolicyObject,
} from './compile-policies.ts';
export { compileBundle, decide, describeDenial, type CompiledBundle } from './decide.ts';
export {
  hasConditions,
  loadConditions,
  type CompiledCondition,
  type Condition,
  type Conditions,
  type ServerFacts,
} from './conditions/condition.ts';
export { compileGlob, compileGlobs, type Glob } from './glob.ts';
export { hardnessOf } from './hardness.ts';
export { isPlumbing, targetOf } from './methods.ts';
