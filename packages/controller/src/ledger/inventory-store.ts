/** Where inventories are kept: `McpServer` objects of a cluster, or files of a state directory. Every change is conditional. */
import type { ServerInventory } from '@tachograph/protocol';
import type { PodIdentity } from '../ports.ts';

/** The inventory of one workload as it was read. */
export interface StoredInventory {
  readonly namespace: string;
  readonly workload: string;
  readonly inventory: ServerInventory;
  /** What an update replaces. */
  readonly version: string;
  /** Rises with every change, on one scale with the revision of policies. */
  readonly revision: number;
}

/** `version` absent: there was none. */
export type InventoryDraft = Pick<StoredInventory, 'namespace' | 'workload' | 'inventory'> & {
  readonly version?: string;
};

/** Rejects with `unavailable` when the store cannot be reached. */
export interface InventoryStore {
  get(namespace: string, workload: string): Promise<StoredInventory | undefined>;
  /** Of one namespace, or of all. */
  list(namespace?: string): Promise<readonly StoredInventory[]>;
  /** `conflict`: it has changed since that version was read. */
  put(draft: InventoryDraft): Promise<'written' | 'conflict'>;
  /** What this replica has seen last, without asking anybody; for bundles, which are asked for all the time. */
  peek(namespace: string, workload: string): Promise<StoredInventory | undefined>;
  /** Calls back after changes. The answer stops it. */
  onChange(handle: () => void): () => void;
}

/** What a person wants of a namespace's inventories. */
export type ServerAction = 'read' | 'pin';

/** Asks the cluster's authoriser. Rejects when nobody knows. */
export interface ServerAccess {
  may(
    person: { readonly iss: string; readonly sub: string; readonly type: string; readonly groups: readonly string[] },
    action: ServerAction,
    namespace: string,
  ): Promise<boolean>;
}

/** Without a cluster people may, and machines may not. */
export const humanServerAccess: ServerAccess = { may: async ({ type }) => type === 'human' };

/** Something that whoever looks at the pod should see. Never rejects. */
export interface PodEvents {
  warn(pod: PodIdentity, reason: string, message: string): Promise<void>;
}
