import type { Kube, PolicyObject, WatchHandle } from '@tachograph/kube';
import { ControllerError } from '../controller-error.ts';
import type { Policies } from '../ports.ts';

/** `McpPolicy` objects of all namespaces, watched. The watch begins with the first question. */
export function createKubePolicies(kube: Pick<Kube, 'watchPolicies'>): Policies & { close(): void } {
  const listeners = new Set<() => void>();
  /** Highest version seen of any policy, deletions included: the API server counts them all on one scale. */
  let revision = 0;
  let handle: WatchHandle<PolicyObject> | undefined;
  const changed = (object: PolicyObject): void => {
    revision = Math.max(revision, Number(object.resourceVersion) || 0);
    for (const listener of listeners) listener();
  };
  const watching = (): WatchHandle<PolicyObject> =>
    (handle ??= kube.watchPolicies({ onObject: changed, onDeleted: changed }));
  return {
    async snapshot(namespace) {
      const watch = watching();
      if (!watch.isSynced()) {
        throw new ControllerError('unavailable', 'the policies are not read yet', { retryAfterMs: 1000 });
      }
      const own = watch.list().filter((policy) => policy.namespace === namespace);
      return { sources: own.map(({ name, spec }) => ({ name, spec })), revision };
    },
    onChange(listener) {
      watching();
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => handle?.stop(),
  };
}
