/** Policies, for what pods must have before the policies can be obeyed in them. */
import type { Kube, PolicyObject as StoredPolicy } from '@tachograph/kube';
import type { PolicyObject } from '@tachograph/policy';

export interface WatchedPolicies {
  /** `undefined` until all are listed. */
  list(): readonly PolicyObject[] | undefined;
  stop(): void;
}

/** Watches `McpPolicy` and `ClusterMcpPolicy` objects; the caller checks them. */
export function watchPolicies(kube: Pick<Kube, 'watchPolicies' | 'watchClusterPolicies'>): WatchedPolicies {
  const handler = { onObject: (): void => undefined };
  const own = kube.watchPolicies(handler);
  const cluster = kube.watchClusterPolicies(handler);
  return {
    list() {
      if (!own.isSynced() || !cluster.isSynced()) return undefined;
      return [...cluster.list().map(toObject('ClusterMcpPolicy')), ...own.list().map(toObject('McpPolicy'))];
    },
    stop() {
      own.stop();
      cluster.stop();
    },
  };
}

function toObject(kind: NonNullable<PolicyObject['kind']>): (policy: StoredPolicy) => PolicyObject {
  return ({ name, namespace, spec }) => ({ kind, name, namespace, spec });
}
