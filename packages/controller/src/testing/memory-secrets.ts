import type { SecretData, Secrets } from '../ports.ts';

/** Secrets in memory, shared by the replicas of a test. */
export function createMemorySecrets(): Secrets {
  const secrets = new Map<string, SecretData>();
  return {
    get: async (name) => secrets.get(name),
    async create(name, data) {
      if (secrets.has(name)) return 'exists';
      secrets.set(name, { data, version: '1' });
      return 'created';
    },
    async update(name, data, version) {
      if (secrets.get(name)?.version !== version) return 'conflict';
      secrets.set(name, { data, version: String(Number(version) + 1) });
      return 'updated';
    },
  };
}
