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
export { compileGlob, compileGlobs, type Glob } from './glob.ts';
export { isPlumbing } from './methods.ts';
