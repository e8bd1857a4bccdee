import type { Clock, Logger } from '@tachograph/service';
import type { ApprovalStore } from './approvals/approval-store.ts';
import type { CallerAccess } from './approvals/caller-access.ts';
import type { LoginKeeper } from './auth/login-keeper.ts';
import type { InventoryStore, PodEvents, ServerAccess } from './ledger/inventory-store.ts';
import type {
  CallerReviews,
  Identity,
  Issuers,
  Lease,
  Pods,
  Policies,
  PolicyStatuses,
  Secrets,
  Timers,
} from './ports.ts';

/** Everything around the two programs: a cluster or a state directory. */
export interface World {
  readonly identity: Identity;
  readonly pods: Pods;
  readonly policies: Policies;
  /** Absent where there is nowhere to write it. */
  readonly policyStatuses?: PolicyStatuses;
  readonly secrets: Secrets;
  readonly issuers: Issuers;
  /** Absent: there is no API server. */
  readonly callerReviews?: CallerReviews;
  readonly approvals: ApprovalStore;
  /** What the auth server keeps of logins. */
  readonly logins: LoginKeeper;
  /** Who could act as a caller. */
  readonly access: CallerAccess;
  readonly inventories: InventoryStore;
  /** Who may look at inventories and pin. */
  readonly serverAccess: ServerAccess;
  readonly podEvents: PodEvents;
  /** This process's token for the sequencer. */
  componentToken(): Promise<string>;
  /** A candidate for leading; `address` is where others reach this process. */
  lease(address: () => string): Lease;
  /** Makes known what people need to use the installation. */
  publish(facts: PublishedFacts): Promise<void>;
  close(): Promise<void>;
}

export interface PublishedFacts {
  /** `https://…` of the controller. */
  readonly controller?: string;
  /** C2SP vkey of the log. */
  readonly vkey?: string;
  /** `sha256:<hex>` of the trust root. */
  readonly fingerprint?: string;
}

/** What both worlds are made of. */
export interface WorldOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}
