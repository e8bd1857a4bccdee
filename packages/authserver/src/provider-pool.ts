import { LRUCache } from 'lru-cache';
import type { Provider } from 'oidc-provider';
import type { AuthKeys } from './auth-keys.ts';
import type { ProviderParts, WorkloadSite } from './provider-parts.ts';
import { createWorkloadProvider } from './workload-provider.ts';

/** About 45 kB of heap and 3 ms to make each; those beyond are made again when asked for, which loses nothing. */
const maxProviders = 500;

/** Providers by workload and origins. */
export interface ProviderPool {
  get(site: WorkloadSite): Provider;
}

/** A pool of at most so many providers. New signing or cookie keys make new ones. */
export function createProviderPool(options: {
  readonly keys: () => AuthKeys;
  readonly partsOf: (site: WorkloadSite) => ProviderParts;
  readonly max?: number;
}): ProviderPool {
  const { keys, partsOf, max = maxProviders } = options;
  const providers = new LRUCache<string, Provider>({ max });
  return {
    get(site) {
      const current = keys();
      const kids = current.signing.map(({ jwk }) => jwk.kid);
      const { cluster, namespace, workload } = site.workload;
      const name = JSON.stringify([cluster, namespace, workload, site.origin, site.pageOrigin, kids, current.cookies]);
      const found = providers.get(name);
      if (found !== undefined) return found;
      const created = createWorkloadProvider(partsOf(site), current);
      providers.set(name, created);
      return created;
    },
  };
}
