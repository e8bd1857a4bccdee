/** Held calls of this installation. Every replica answers for all of them; nothing is kept here that a restart may not lose. */
import {
  workloadUri,
  type ApprovalRequest,
  type ConsumeRequest,
  type DecisionRequest,
  type HeldApproval,
} from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import type { Timers } from '../ports.ts';
import type { ApprovalStore } from './approval-store.ts';
import { refuseActing, type CallerAccess } from './caller-access.ts';
import { changeApproval, noSuchApproval, type ApprovalChange } from './change-approval.ts';
import { isApprover, isOwnCall, type Person } from './person.ts';
import { findLive, newApproval, settled } from './request-approval.ts';
import { isRevealAwaited } from './seen-reveals.ts';
import { createSleepers, type Sleepers } from './sleepers.ts';
import { cancel, consume, decide, isLive, settle, type Transition } from './transitions.ts';
import { createTurns } from './turns.ts';

export interface ApprovalsOptions {
  readonly cluster: string;
  readonly store: ApprovalStore;
  readonly access: CallerAccess;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Told of every new one, and of every change of state that this replica makes. Must neither throw nor wait. */
  readonly onState: (approval: HeldApproval) => void;
}

/** The workload that a sidecar's token proves. */
export interface Caller {
  readonly namespace: string;
  readonly workload: string;
}

/** How long somebody waits for a decision, and whether nobody does any more. */
export interface Wait {
  readonly waitMs: number;
  readonly isGone: () => boolean;
}

/** Every method rejects with a `ControllerError`, whose code says why somebody is refused. */
export class Approvals {
  readonly #options: ApprovalsOptions;
  readonly #sleepers: Sleepers;
  readonly #stop: () => void;
  readonly #inTurn = createTurns();

  constructor(options: ApprovalsOptions) {
    this.#options = options;
    this.#sleepers = createSleepers(options.timers);
    this.#stop = options.store.onChange((id) => this.#sleepers.wake(id));
  }

  /** The live approval of exactly this call, or a new one. */
  async request(from: Caller, request: ApprovalRequest): Promise<HeldApproval> {
    const { store, clock, onState } = this.#options;
    const { namespace } = from;
    const workload = { namespace, uri: this.#uriOf(from) };
    // Two replicas may still make two: each needs its own decision, and each runs one call.
    return this.#inTurn(workload.uri, async () => {
      const live = settled(await store.list({ namespace, liveOnly: true }), clock.nowMs());
      const found = findLive(live, workload, request);
      if (found !== undefined) return found;
      const made = newApproval(workload, request, clock.nowMs());
      await store.create(made);
      onState(made);
      return made;
    });
  }

  /** Waits at most so long for a pending one to be decided, to end, or for somebody to ask what masking hid. */
  async ofWorkload(from: Caller, id: string, wait: Wait): Promise<HeldApproval> {
    const uri = this.#uriOf(from);
    return this.#awaited(id, wait, from.namespace, (approval) => {
      if (approval.workload !== uri) throw noSuchApproval();
      return isRevealAwaited(approval, this.#nowMs());
    });
  }

  /** Waits for a decision or an end; for those who may decide, and for the caller. */
  async ofPerson(person: Person, id: string, wait: Wait): Promise<HeldApproval> {
    return this.#awaited(id, wait, undefined, (approval) => {
      refuseStrangers(person, approval);
      return false;
    });
  }

  /** Those that the person may decide, newest first. */
  async list(
    person: Person,
    { state, namespace }: { readonly state?: string; readonly namespace?: string },
  ): Promise<readonly HeldApproval[]> {
    const { store, clock } = this.#options;
    const liveOnly = state === 'pending' || state === 'approved';
    const stored = await store.list({ liveOnly, ...(namespace === undefined ? {} : { namespace }) });
    return settled(stored, clock.nowMs())
      .filter((one) => state === undefined || one.state === state)
      .filter((one) => isApprover(person, one) && !isOwnCall(person, one))
      .toSorted((a, b) => (a.id < b.id ? 1 : -1));
  }

  async decide(person: Person, id: string, request: DecisionRequest): Promise<HeldApproval> {
    const { access } = this.#options;
    const step = (approval: HeldApproval): Transition => decide(approval, person, request, this.#nowMs());
    const approval = await this.#read(id, undefined);
    const next = step(approval);
    // What the approval itself refuses needs no question to the cluster.
    if (next.kind !== 'refused' && request.verdict === 'approve') await refuseActing(access, person, approval);
    return this.#change({ id, namespace: approval.namespace, isVisible: () => true, step });
  }

  /** Once. A caller that gets no answer must not run the call: it may have been used up. */
  async consume(from: Caller, id: string, request: ConsumeRequest): Promise<HeldApproval> {
    return this.#ofSidecar(from, id, (approval) => consume(approval, request, this.#nowMs()));
  }

  /** The client has gone. */
  async cancel(from: Caller, id: string): Promise<HeldApproval> {
    return this.#ofSidecar(from, id, (approval) => cancel(approval, this.#nowMs()));
  }

  /** Writes down what has expired, and removes what ended before `retentionMs`. */
  async sweep(retentionMs: number): Promise<void> {
    const { store, onState } = this.#options;
    const nowMs = this.#nowMs();
    for (const stored of await store.list({})) {
      const approval = settle(stored.approval, nowMs);
      const endedMs = Date.parse(approval.ended?.at ?? '');
      if (endedMs < nowMs - retentionMs) await store.remove(stored);
      else if (isLive(stored.approval) && !isLive(approval)) {
        if ((await store.update({ ...stored, approval })) === 'updated') onState(approval);
      }
    }
  }

  close(): void {
    this.#stop();
    this.#sleepers.wakeAll();
  }

  async #ofSidecar(from: Caller, id: string, step: (approval: HeldApproval) => Transition): Promise<HeldApproval> {
    const uri = this.#uriOf(from);
    return this.#change({ id, namespace: from.namespace, isVisible: ({ workload }) => workload === uri, step });
  }

  async #change(change: ApprovalChange): Promise<HeldApproval> {
    const { store, onState } = this.#options;
    return changeApproval(store, change, onState).finally(() => this.#sleepers.wake(change.id));
  }

  async #awaited(
    id: string,
    { waitMs, isGone }: Wait,
    namespace: string | undefined,
    /** Throws for whom it is not; true: there is something to tell at once. */
    check: (approval: HeldApproval) => boolean,
  ): Promise<HeldApproval> {
    const untilMs = performance.now() + waitMs;
    for (;;) {
      const approval = await this.#read(id, namespace);
      const hasNews = check(approval) || approval.state !== 'pending';
      const leftMs = untilMs - performance.now();
      if (hasNews || leftMs <= 0 || isGone()) return approval;
      await this.#sleepers.sleep(id, Math.min(leftMs, this.#options.store.lookEveryMs));
    }
  }

  async #read(id: string, namespace: string | undefined): Promise<HeldApproval> {
    const stored = await this.#options.store.get(id, namespace);
    if (stored === undefined) throw noSuchApproval();
    return settle(stored.approval, this.#nowMs());
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }

  #uriOf({ namespace, workload }: Caller): string {
    return workloadUri({ cluster: this.#options.cluster, namespace, workload });
  }
}

function refuseStrangers(person: Person, approval: HeldApproval): void {
  if (isApprover(person, approval) || isOwnCall(person, approval)) return;
  throw new ControllerError('not_an_approver', 'the rule names other approvers');
}
