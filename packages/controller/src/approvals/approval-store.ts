/** Where approvals are kept: objects of a cluster, or files of a state directory. Every change is conditional. */
import type { HeldApproval } from '@tachograph/protocol';

/** `version`: what an update replaces. */
export interface StoredApproval {
  readonly approval: HeldApproval;
  readonly version: string;
}

/** Which approvals: of a namespace or all; `liveOnly`: those that were pending or approved when last written. */
export interface ApprovalSelection {
  readonly namespace?: string;
  readonly liveOnly?: boolean;
}

/** Rejects with `unavailable` when the store cannot be reached: then nobody knows whether a write took place. */
export interface ApprovalStore {
  create(approval: HeldApproval): Promise<void>;
  /** Without a namespace it is looked for in all. */
  get(id: string, namespace?: string): Promise<StoredApproval | undefined>;
  list(selection: ApprovalSelection): Promise<readonly StoredApproval[]>;
  /** `conflict`: it has changed since that version was read, or is gone. */
  update(stored: StoredApproval): Promise<'updated' | 'conflict'>;
  remove(stored: StoredApproval): Promise<void>;
  /** Calls back after changes, by whatever replica, as far as the store hears of them. The answer stops it. */
  onChange(handle: (id: string) => void): () => void;
  /** How often whoever waits looks by himself, in milliseconds: a store hears of changes late, or not of all. */
  readonly lookEveryMs: number;
}
