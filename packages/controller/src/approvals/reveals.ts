/** People who may decide look at what masking hid: they ask with a reason, the sidecar records it and seals the values for them. */
import { randomUUIDv7 } from 'node:crypto';
import {
  maxReveals,
  revealWaitMs,
  workloadUri,
  type ApprovalReveal,
  type HeldApproval,
  type RevealAnswer,
  type RevealRequest,
  type SealedReveal,
} from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import type { ApprovalStore } from './approval-store.ts';
import type { Caller } from './approvals.ts';
import { refuseActing, type CallerAccess } from './caller-access.ts';
import { changeApproval, noSuchApproval } from './change-approval.ts';
import { isApprover, isOwnCall, type Person } from './person.ts';
import type { RevealRelay } from './reveal-relay.ts';
import { refused, refusedState, settle, type Transition } from './transitions.ts';

export interface RevealsOptions {
  readonly cluster: string;
  readonly store: ApprovalStore;
  readonly access: CallerAccess;
  readonly clock: Clock;
  readonly relay: RevealRelay;
}

/** Methods reject with a `ControllerError`. The values pass through here sealed, and are kept nowhere. */
export interface Reveals {
  /** Resolves with what the sidecar has sealed; `unavailable` when none that holds the call answers in time. */
  ask(person: Person, id: string, request: RevealRequest): Promise<RevealAnswer>;
  /** From the sidecar, which has recorded it. `reveal_elsewhere`: the person waits at another replica. */
  seal(from: Caller, id: string, reveal: string, sealed: SealedReveal): Promise<void>;
}

export function createReveals({ cluster, store, access, clock, relay }: RevealsOptions): Reveals {
  return {
    async ask(person, id, request) {
      const stored = await store.get(id);
      if (stored === undefined) throw noSuchApproval();
      const { namespace } = stored.approval;
      const refusal = askRefusal(settle(stored.approval, clock.nowMs()), person);
      if (refusal !== undefined) throw new ControllerError(refusal.code, refusal.message);
      await refuseActing(access, person, stored.approval);
      const reveal = toReveal(person, request, { relay: relay.id, nowMs: clock.nowMs() });
      // Before anybody can hear of it.
      const waiting = relay.wait(reveal.id, revealWaitMs);
      const step = (approval: HeldApproval): Transition => ask(settle(approval, clock.nowMs()), person, reveal);
      const asked = changeApproval(store, { id, namespace, isVisible: () => true, step }, noState);
      const approval = await asked.catch((error: unknown) => {
        relay.forget(reveal.id);
        throw error;
      });
      const box = await waiting;
      if (box === undefined) throw nobodyHolds();
      const { workload, digest } = approval;
      return { reveal: { ...reveal, sealedAt: toTime(clock) }, approval: id, workload, digest, box };
    },
    async seal(from, id, reveal, { digest, box }) {
      const uri = workloadUri({ cluster, ...from });
      const isVisible = ({ workload }: HeldApproval): boolean => workload === uri;
      const at = toTime(clock);
      const step = (approval: HeldApproval): Transition =>
        seal(settle(approval, clock.nowMs()), { id: reveal, digest, at, isHere: relay.id, isAwaited: relay.isAwaited });
      await changeApproval(store, { id, namespace: from.namespace, isVisible, step }, noState);
      // Only what the approval says has been seen is handed over.
      relay.deliver(reveal, box);
    },
  };
}

/** Looking changes no state. */
const noState = (): void => undefined;

function toTime(clock: Clock): string {
  return new Date(clock.nowMs()).toISOString();
}

function toReveal(
  { iss, sub }: Person,
  { reason, key }: RevealRequest,
  { relay, nowMs }: { readonly relay: string; readonly nowMs: number },
): ApprovalReveal {
  return { id: randomUUIDv7(), iss, subject: sub, reason, key, at: new Date(nowMs).toISOString(), relay };
}

function askRefusal(approval: HeldApproval, person: Person): Extract<Transition, { kind: 'refused' }> | undefined {
  const { approvers, maskedValues, reveals = [], state } = approval;
  if (isOwnCall(person, approval)) return refused('own_call', 'nobody decides on their own call');
  if (!isApprover(person, approval)) return refused('not_an_approver', 'the rule names other approvers');
  // "Any human but the caller" may decide; that is no leave to read other people's secrets.
  if (approvers.subjects.length === 0 && approvers.groups.length === 0)
    return refused('not_an_approver', 'only people whom the rule names see what masking hid, and it names nobody');
  if (state !== 'pending') return refusedState(approval);
  if (maskedValues === 0) return refused('bad_request', 'masking hid nothing in this call');
  if (reveals.length >= maxReveals)
    return refused('too_many_held', `it has been asked for ${maxReveals} times already`);
  return undefined;
}

function ask(approval: HeldApproval, person: Person, reveal: ApprovalReveal): Transition {
  const refusal = askRefusal(approval, person);
  if (refusal !== undefined) return refusal;
  return { kind: 'changed', approval: { ...approval, reveals: [...(approval.reveals ?? []), reveal] } };
}

interface Sealing {
  readonly id: string;
  readonly digest: string;
  readonly at: string;
  /** This replica. */
  readonly isHere: string;
  readonly isAwaited: (reveal: string) => boolean;
}

function seal(approval: HeldApproval, { id, digest, at, isHere, isAwaited }: Sealing): Transition {
  const found = approval.reveals?.find((one) => one.id === id);
  if (found === undefined) return refused('not_found', 'no such reveal');
  if (approval.state !== 'pending') return refusedState(approval);
  if (approval.digest !== digest) return refused('approval_mismatch', 'another call is asked about');
  if (found.relay !== isHere) return refused('reveal_elsewhere', 'the person waits at another replica');
  if (found.sealedAt !== undefined || !isAwaited(id)) return refused('approval_ended', 'nobody waits for it any more');
  const reveals = approval.reveals?.map((one) => (one.id === id ? { ...one, sealedAt: at } : one)) ?? [];
  return { kind: 'changed', approval: { ...approval, reveals } };
}

function nobodyHolds(): ControllerError {
  return new ControllerError(
    'unavailable',
    'no sidecar holds the call now: hidden values can be shown only while its client waits',
  );
}
