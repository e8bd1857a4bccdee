import type { Pods } from '../ports.ts';

/** Without a cluster an enrolled sidecar is its own pod: nobody reports its starts, and there is nothing to reconcile. */
export function createStatePods(): Pods {
  return {
    sidecarStart: async ({ workload }) => (workload === undefined ? { kind: 'absent' } : { kind: 'started', workload }),
    watch: async () => () => undefined,
    list: async () => undefined,
  };
}
