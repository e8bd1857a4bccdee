/** Tells people what became of their policies: in each policy's `status`, by every replica alike, first come. */
import { checkMaskingSpec } from '@tachograph/masking/check';
import {
  checkPolicy,
  compilePolicies,
  policyName,
  type Conditions,
  type PolicyFault,
  type PolicyObject,
} from '@tachograph/policy';
import { canonicalJson } from '@tachograph/protocol';
import { sha256Hex } from '../keys/node-crypto.ts';
import type { Pods, PolicyStatus, PolicyStatuses, StoredPolicy } from '../ports.ts';

const maxWorkloads = 100;
const maxErrors = 20;

export interface PolicyStatusOptions {
  readonly statuses: PolicyStatuses;
  readonly pods: Pick<Pods, 'list'>;
  readonly conditions: Conditions;
}

interface Workload {
  readonly namespace: string;
  readonly workload: string;
}

/** Writes the status of every policy whose status is another. One that changed meanwhile has its turn the next time. */
export async function writePolicyStatuses({ statuses, pods, conditions }: PolicyStatusOptions): Promise<void> {
  const stored = statuses.list();
  if (stored.length === 0) return;
  const workloads = workloadsOf((await pods.list()) ?? []);
  const clashes = clashesOf(stored, workloads, conditions);
  for (const policy of stored) {
    const status = statusOf(policy, { workloads, clashes, conditions });
    if (!isSame(policy.status, status)) await statuses.write(policy, status);
  }
}

function workloadsOf(pods: NonNullable<Awaited<ReturnType<Pods['list']>>>): readonly Workload[] {
  const known = new Map<string, Workload>();
  for (const { namespace, workload, injected } of pods) {
    if (injected && workload !== undefined) known.set(`${namespace}/${workload}`, { namespace, workload });
  }
  return [...known.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, workload]) => workload);
}

/** What only shows where policies meet: two that cannot be merged. By policy. */
function clashesOf(
  stored: readonly StoredPolicy[],
  workloads: readonly Workload[],
  conditions: Conditions,
): ReadonlyMap<string, readonly PolicyFault[]> {
  const sound = stored.filter((policy) => checkPolicy(policy, conditions).kind === 'checked');
  const faults = workloads.flatMap((workload) => {
    const compiled = compilePolicies(sound, workload, conditions);
    return compiled.kind === 'refused' ? compiled.errors : [];
  });
  return Map.groupBy(faults, ({ policy }) => policy);
}

interface Findings {
  readonly workloads: readonly Workload[];
  readonly clashes: ReadonlyMap<string, readonly PolicyFault[]>;
  readonly conditions: Conditions;
}

function statusOf(policy: StoredPolicy, { workloads, clashes, conditions }: Findings): PolicyStatus {
  const checked = checkPolicy(policy, conditions);
  const errors =
    checked.kind === 'refused'
      ? checked.errors
      : [...maskingFaults(checked.spec), ...(clashes.get(policyName(policy)) ?? [])];
  const own = checked.kind === 'refused' ? [] : workloads.filter((workload) => isFor(policy, workload, conditions));
  return {
    observedGeneration: policy.generation,
    state: errors.length === 0 ? 'compiled' : 'refused',
    hash: checked.kind === 'refused' ? '' : sha256Hex(canonicalJson(JSON.stringify(checked.spec)) ?? ''),
    workloads: own.slice(0, maxWorkloads).map(({ namespace, workload }) => `${namespace}/${workload}`),
    workloadCount: own.length,
    errors: unique(errors).slice(0, maxErrors),
  };
}

function maskingFaults({ masking, floors }: Extract<ReturnType<typeof checkPolicy>, { kind: 'checked' }>['spec']) {
  const at = (path: string, spec: typeof masking) =>
    checkMaskingSpec(spec ?? {}).map((fault) => ({ ...fault, path: `${path}${fault.path.replaceAll('/', '.')}` }));
  return [...at('spec.masking', masking), ...at('spec.floors.masking', floors?.masking)];
}

function isFor(policy: PolicyObject, workload: Workload, conditions: Conditions): boolean {
  const compiled = compilePolicies([policy], workload, conditions);
  return compiled.kind === 'compiled' && compiled.policies.length > 0;
}

function unique(errors: PolicyStatus['errors']): PolicyStatus['errors'] {
  return [...new Map(errors.map(({ path, message }) => [`${path} ${message}`, { path, message }])).values()];
}

function isSame(before: Readonly<Record<string, unknown>>, status: PolicyStatus): boolean {
  return Object.entries(status).every(([name, value]) => JSON.stringify(before[name]) === JSON.stringify(value));
}
