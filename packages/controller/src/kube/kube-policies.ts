import type { Kube, PolicyObject, WatchHandle, WatchHandler } from '@tachograph/kube';
import { ControllerError } from '../controller-error.ts';
import type { Policies, PolicySource, PolicyStatuses, StoredPolicy } from '../ports.ts';

export interface KubePolicies extends Policies {
  readonly statuses: PolicyStatuses;
  close(): void;
}

type Watches = Readonly<Record<PolicySource['kind'], WatchHandle<PolicyObject>>>;

/** `McpPolicy` objects of all namespaces and `ClusterMcpPolicy` objects, watched. The watch begins with the first question. */
export function createKubePolicies(
  kube: Pick<Kube, 'watchPolicies' | 'watchClusterPolicies' | 'updatePolicyStatus'>,
): KubePolicies {
  const changes = createChanges();
  let watches: Watches | undefined;
  const watching = (): Watches =>
    (watches ??= {
      McpPolicy: kube.watchPolicies(changes.handler),
      ClusterMcpPolicy: kube.watchClusterPolicies(changes.handler),
    });
  return {
    async snapshot(namespace) {
      const stored = list(watching());
      if (stored === undefined) {
        throw new ControllerError('unavailable', 'the policies are not read yet', { retryAfterMs: 1000 });
      }
      const sources = stored.filter((policy) => policy.kind === 'ClusterMcpPolicy' || policy.namespace === namespace);
      return { sources: sources.map(({ kind, name, spec }) => ({ kind, name, spec })), revision: changes.revision() };
    },
    onChange(listener) {
      watching();
      return changes.listen(listener);
    },
    statuses: {
      list: () => list(watching()) ?? [],
      write: async (policy, status) => kube.updatePolicyStatus(policy, { ...status }),
    },
    close() {
      watches?.McpPolicy.stop();
      watches?.ClusterMcpPolicy.stop();
    },
  };
}

interface Changes {
  readonly handler: Required<WatchHandler<PolicyObject>>;
  /** Highest version seen of any policy, deletions included: the API server counts them all on one scale. */
  revision(): number;
  listen(listener: () => void): () => void;
}

function createChanges(): Changes {
  const listeners = new Set<() => void>();
  /** Generation of each policy by UID: a status that we write ourselves changes no bundle. */
  const generations = new Map<string, number>();
  let revision = 0;
  const see = ({ resourceVersion }: PolicyObject): void => {
    revision = Math.max(revision, Number(resourceVersion) || 0);
  };
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    handler: {
      onObject(object) {
        see(object);
        const { uid, generation } = object;
        if (generation > 0 && generations.get(uid) === generation) return;
        generations.set(uid, generation);
        tell();
      },
      onDeleted(object) {
        see(object);
        generations.delete(object.uid);
        tell();
      },
    },
    revision: () => revision,
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** `undefined` until both kinds are read: without those of the cluster a bundle would be looser than they say. */
function list({ McpPolicy, ClusterMcpPolicy }: Watches): readonly StoredPolicy[] | undefined {
  if (!McpPolicy.isSynced() || !ClusterMcpPolicy.isSynced()) return undefined;
  return [
    ...ClusterMcpPolicy.list().map((object) => toStored('ClusterMcpPolicy', object)),
    ...McpPolicy.list().map((object) => toStored('McpPolicy', object)),
  ];
}

function toStored(
  kind: PolicySource['kind'],
  { name, namespace, generation, resourceVersion, spec, status }: PolicyObject,
): StoredPolicy {
  return { kind, name, namespace, generation, resourceVersion, spec, status };
}
