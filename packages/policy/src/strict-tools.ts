import type { ClusterPolicySpec } from '@tachograph/protocol';
import type { Fault } from './check-policy.ts';
import { compileGlob, compileGlobs } from './glob.ts';

/** The tools that one recorded workload is known to have. */
export interface KnownServer {
  readonly namespace: string;
  readonly workload: string;
  readonly tools: readonly string[];
}

/**
 * What `strict` refuses: patterns for tools that match none of those the policy's servers are known to have. `servers`
 * may hold others too. Without any tool known, `spec.strict` itself is the fault: nothing could be told from a slip.
 */
export function findUnknownTools(spec: ClusterPolicySpec, servers: readonly KnownServer[]): readonly Fault[] {
  if (spec.strict !== true) return [];
  const isNamespace = spec.namespaces === undefined ? () => true : compileGlobs(spec.namespaces);
  const isWorkload = spec.workloads === undefined ? () => true : compileGlobs(spec.workloads);
  const tools = servers
    .filter(({ namespace, workload }) => isNamespace(namespace) && isWorkload(workload))
    .flatMap((server) => server.tools);
  if (tools.length === 0) {
    return [{ path: 'spec.strict', message: 'no tools are known yet of any server that the policy is for' }];
  }
  return toolPatterns(spec).flatMap(({ path, pattern }) =>
    tools.some(compileGlob(pattern)) ? [] : [{ path, message: `no server of the policy has a tool ${pattern}` }],
  );
}

function toolPatterns({ rules = [], limits = [], guards = [] }: ClusterPolicySpec) {
  const lists = [
    ...rules.map(({ what }, index) => ({ path: `spec.rules[${index}].what.tools`, tools: what?.tools })),
    ...guards.map(({ tools }, index) => ({ path: `spec.guards[${index}].tools`, tools })),
    ...limits.map(({ what }, index) => ({ path: `spec.limits[${index}].what.tools`, tools: what?.tools })),
  ];
  return lists.flatMap(({ path, tools = [] }) =>
    tools.map((pattern, index) => ({ path: `${path}[${index}]`, pattern })),
  );
}
