import type { Clock } from '@tachograph/service';
import { secretNames } from '../keys/secret-names.ts';
import type { Secrets } from '../ports.ts';

export interface KnownWorkloads {
  /** Whether a sidecar of this workload was ever given a bundle, of whichever replica. Rejects when nobody knows yet. */
  has(workload: { readonly namespace: string; readonly workload: string }): Promise<boolean>;
}

/** A new workload waits so long; a flood of invented names costs one read in that time. */
const rememberMs = 5000;

/**
 * Where nobody has proved a workload, as behind an ingress, a name must at least be one: invented ones would each have
 * clients and limits of their own.
 */
export function createKnownWorkloads(secrets: Secrets, clock: Clock): KnownWorkloads {
  let names: ReadonlySet<string> | undefined;
  let readMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  const read = async (): Promise<void> => {
    const stored = await secrets.get(secretNames.bundleVersions);
    names = new Set(Object.keys(stored?.data ?? {}));
    readMs = clock.nowMs();
  };
  return {
    async has({ namespace, workload }) {
      const name = `${namespace}.${workload}`;
      if (names?.has(name) === true) return true;
      if (clock.nowMs() - readMs >= rememberMs) {
        reading ??= read().finally(() => (reading = undefined));
        await reading;
      }
      return names?.has(name) === true;
    },
  };
}
