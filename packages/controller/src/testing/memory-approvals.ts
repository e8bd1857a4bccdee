import { isLive } from '../approvals/transitions.ts';
import type { ApprovalStore, StoredApproval } from '../approvals/approval-store.ts';

/** Approvals in memory, shared by the replicas of a test. `beforeUpdate` runs between a reader's read and its write. */
export function createMemoryApprovals(beforeUpdate: () => Promise<void> = async () => undefined): ApprovalStore {
  const stored = new Map<string, StoredApproval>();
  const listeners = new Set<(id: string) => void>();
  const put = (one: StoredApproval): void => {
    stored.set(one.approval.id, one);
    for (const listener of listeners) listener(one.approval.id);
  };
  return {
    lookEveryMs: 60_000,
    create: async (approval) => put({ approval, version: '1' }),
    get: async (id, namespace) => {
      const found = stored.get(id);
      return namespace === undefined || found?.approval.namespace === namespace ? found : undefined;
    },
    list: async ({ namespace, liveOnly }) =>
      [...stored.values()]
        .filter(({ approval }) => namespace === undefined || approval.namespace === namespace)
        .filter(({ approval }) => liveOnly !== true || isLive(approval)),
    async update({ approval, version }) {
      await beforeUpdate();
      if (stored.get(approval.id)?.version !== version) return 'conflict';
      put({ approval, version: String(Number(version) + 1) });
      return 'updated';
    },
    remove: async ({ approval }) => void stored.delete(approval.id),
    onChange(handle) {
      listeners.add(handle);
      return () => void listeners.delete(handle);
    },
  };
}
