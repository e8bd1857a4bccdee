import { compilePolicies, type Conditions, type PolicyObject } from '@tachograph/policy';
import type { Durability } from '@tachograph/protocol';
import { ControllerError } from './controller-error.ts';
import type { PolicySource } from './ports.ts';
import type { CompiledPolicies } from './serve/bundles.ts';

const strength: Readonly<Record<Durability, number>> = { process: 0, node: 1, archive: 2 };

/** Compiles a workload's policies. A faulty one refuses all: leaving it out might leave out a denial. */
export function compileBundle(
  installationFloor: Durability,
  conditions: Conditions,
): (
  target: { readonly namespace: string; readonly workload: string },
  sources: readonly PolicySource[],
) => CompiledPolicies {
  return (target, sources) => {
    const compiled = compilePolicies(toObjects(sources, target.namespace), target, conditions);
    if (compiled.kind === 'compiled') {
      const { durabilityFloor = installationFloor, ...parts } = compiled.parts;
      return { ...parts, durabilityFloor: stronger(durabilityFloor, installationFloor) };
    }
    const [first] = compiled.errors;
    const where = first === undefined ? '' : ` ${first.policy} at ${first.path}: ${first.message}`;
    throw new ControllerError('unavailable', `a policy is not valid:${where}`, { retryAfterMs: 5000 });
  };
}

function toObjects(sources: readonly PolicySource[], namespace: string): readonly PolicyObject[] {
  return sources.map((source) => ({ ...source, namespace: source.kind === 'ClusterMcpPolicy' ? '' : namespace }));
}

function stronger(a: Durability, b: Durability): Durability {
  return strength[a] >= strength[b] ? a : b;
}
