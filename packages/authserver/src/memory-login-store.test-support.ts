import type { LoginEntry, LoginStore } from './login-store.ts';

/** A store in memory that counts versions. Give one to several servers and they are replicas. */
export function createMemoryLoginStore(nowMs: () => number): LoginStore & {
  readonly entries: ReadonlyMap<string, LoginEntry>;
} {
  const entries = new Map<string, LoginEntry>();
  let versions = 0;
  return {
    entries,
    async read(key) {
      const entry = entries.get(key);
      return entry === undefined || entry.expiresAtMs <= nowMs() ? undefined : entry;
    },
    async write(key, entry, version) {
      if (version !== undefined && entries.get(key)?.version !== version) return 'conflict';
      versions += 1;
      entries.set(key, { ...entry, version: String(versions) });
      return 'written';
    },
    async remove(key) {
      entries.delete(key);
    },
    async keysOf({ name, value }) {
      return [...entries].filter(([, entry]) => entry[name] === value).map(([key]) => key);
    },
  };
}
