import { compilePolicies } from '@tachograph/policy';
import type { Durability } from '@tachograph/protocol';
import { ControllerError } from './controller-error.ts';
import type { PolicySource } from './ports.ts';
import type { CompiledPolicies } from './serve/bundles.ts';

/** Compiles a workload's policies. A faulty one refuses all: leaving it out might leave out a denial. */
export function compileBundle(
  durabilityFloor: Durability,
): (
  target: { readonly namespace: string; readonly workload: string },
  sources: readonly PolicySource[],
) => CompiledPolicies {
  return (target, sources) => {
    const objects = sources.map(({ name, spec }) => ({ name, spec, namespace: target.namespace }));
    const compiled = compilePolicies(objects, target);
    if (compiled.kind === 'compiled') return { ...compiled.parts, durabilityFloor };
    const [first] = compiled.errors;
    const where = first === undefined ? '' : ` ${first.policy} at ${first.path}: ${first.message}`;
    throw new ControllerError('unavailable', `a policy is not valid:${where}`, { retryAfterMs: 5000 });
  };
}
