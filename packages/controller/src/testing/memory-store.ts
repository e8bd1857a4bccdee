import type { ObjectEntry, ObjectStore } from '@tachograph/store';

/** Create-only objects in memory. */
export function createMemoryStore(): ObjectStore {
  const objects = new Map<string, Uint8Array>();
  return {
    async create(name, bytes) {
      const there = objects.get(name);
      if (there === undefined) {
        objects.set(name, bytes);
        return { kind: 'created', generation: '1' };
      }
      return { kind: Buffer.from(there).equals(bytes) ? 'exists-equal' : 'conflict', generation: '1' };
    },
    get: async (name) => objects.get(name),
    async *list(prefix) {
      for (const name of [...objects.keys()].filter((one) => one.startsWith(prefix)).toSorted()) {
        const size = objects.get(name)?.length ?? 0;
        yield { name, size, generation: '1', timeCreated: '2026-11-21T10:00:00Z' } satisfies ObjectEntry;
      }
    },
    async put(name, bytes) {
      objects.set(name, bytes);
    },
  };
}
