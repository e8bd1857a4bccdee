import { clusterPolicySpec, policySpec, type ClusterPolicySpec, type UpstreamSpec } from '@tachograph/protocol';
import type { PolicyObject } from './check-policy.ts';
import { compileGlobs } from './glob.ts';

/**
 * The credential that the policies of a workload ask for, for who only needs to know its Secret: of several the cluster's
 * first, then by name. More lenient than `compilePolicies`, which refuses what is faulty elsewhere or names two.
 */
export function upstreamOf(
  objects: readonly PolicyObject[],
  target: { readonly namespace: string; readonly workload: string },
): UpstreamSpec | undefined {
  const naming = objects.flatMap((object) => {
    const isCluster = object.kind === 'ClusterMcpPolicy';
    if (!isCluster && object.namespace !== target.namespace) return [];
    const parsed = (isCluster ? clusterPolicySpec : policySpec).safeParse(object.spec);
    if (!parsed.success || parsed.data.upstream === undefined || !isFor(parsed.data, target)) return [];
    return [{ order: `${isCluster ? 0 : 1}/${object.name}`, upstream: parsed.data.upstream }];
  });
  return naming.toSorted((a, b) => (a.order < b.order ? -1 : 1))[0]?.upstream;
}

function isFor(
  { namespaces, workloads }: ClusterPolicySpec,
  target: { readonly namespace: string; readonly workload: string },
): boolean {
  return (
    (namespaces === undefined || compileGlobs(namespaces)(target.namespace)) &&
    (workloads === undefined || compileGlobs(workloads)(target.workload))
  );
}
