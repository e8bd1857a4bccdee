/** The strict provider's state: gone with the process. */
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

/** One map for every model; nothing expires before the process does. */
export function createMemoryAdapter(): AdapterFactory {
  const entries = new Map<string, AdapterPayload>();
  return (model) => adapterOf(model, entries);
}

function adapterOf(model: string, entries: Map<string, AdapterPayload>): Adapter {
  const found = (test: (payload: AdapterPayload) => boolean): AdapterPayload | undefined =>
    [...entries].find(([key, payload]) => key.startsWith(`${model}:`) && test(payload))?.[1];
  return {
    upsert: async (id, payload) => {
      entries.set(`${model}:${id}`, { ...payload });
    },
    find: async (id) => entries.get(`${model}:${id}`),
    findByUid: async (uid) => found((payload) => payload.uid === uid),
    findByUserCode: async () => undefined,
    destroy: async (id) => {
      entries.delete(`${model}:${id}`);
    },
    revokeByGrantId: async (grantId) => {
      for (const [key, payload] of entries) if (payload.grantId === grantId) entries.delete(key);
    },
    consume: async (id) => {
      const payload = entries.get(`${model}:${id}`);
      if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
    },
  };
}
