/** The states of an approval: pure. Pending → approved, denied, expired or cancelled; approved → consumed, once, or expired or cancelled. */
import type {
  ApiErrorCode,
  ApprovalDecision,
  ApprovalState,
  ConsumeRequest,
  DecisionRequest,
  HeldApproval,
} from '@tachograph/protocol';
import { isApprover, isOwnCall, type Person } from './person.ts';
import { maybeSamePerson } from './same-person.ts';
import { hasSeen } from './seen-reveals.ts';

/** `void`: refused, and the approval must be stored as given, since it can never be used. */
export type Transition =
  | { readonly kind: 'changed'; readonly approval: HeldApproval }
  | { readonly kind: 'same'; readonly approval: HeldApproval }
  | { readonly kind: 'void'; readonly approval: HeldApproval; readonly code: ApiErrorCode; readonly message: string }
  | { readonly kind: 'refused'; readonly code: ApiErrorCode; readonly message: string };

/** Whether it can still change. */
export function isLive({ state }: { readonly state: ApprovalState }): boolean {
  return state === 'pending' || state === 'approved';
}

/** The approval as it is at this time: one whose time is over has expired, whether or not somebody wrote that down. */
export function settle(approval: HeldApproval, nowMs: number): HeldApproval {
  if (!isLive(approval) || Date.parse(approval.expiresAt) > nowMs) return approval;
  return { ...approval, state: 'expired', ended: { reason: 'expired', at: approval.expiresAt } };
}

/** One person decides. The first denial ends it; `count` different people approve it. */
export function decide(
  stored: HeldApproval,
  person: Person,
  { verdict, reason }: DecisionRequest,
  nowMs: number,
): Transition {
  const approval = settle(stored, nowMs);
  const refusal = decisionRefusal(approval, person, verdict);
  if (refusal !== undefined) return refusal;
  const at = new Date(nowMs).toISOString();
  const decision: ApprovalDecision = {
    iss: person.iss,
    subject: person.sub,
    ...(person.names.length === 0 ? {} : { names: [...person.names] }),
    verdict,
    reason,
    at,
  };
  const decisions = [...approval.decisions, decision];
  if (verdict === 'deny') return ended({ ...approval, decisions }, 'denied', 'denied', at);
  const state = decisions.length >= approval.count ? 'approved' : 'pending';
  return { kind: 'changed', approval: { ...approval, decisions, state } };
}

function decisionRefusal(
  approval: HeldApproval,
  person: Person,
  verdict: DecisionRequest['verdict'],
): Transition | undefined {
  if (isOwnCall(person, approval)) return refused('own_call', 'nobody decides on their own call');
  if (!isApprover(person, approval)) return refused('not_an_approver', 'the rule names other approvers');
  if (approval.state !== 'pending') return refusedState(approval);
  const told = ({ iss, subject, names }: ApprovalDecision): boolean =>
    maybeSamePerson(person, { iss, sub: subject, names });
  if (approval.decisions.some(told)) return refused('already_decided', 'the same person has decided before');
  if (verdict === 'deny' || !approval.judgedMasked || hasSeen(person, approval)) return undefined;
  return refused(
    'masked_judged_argument',
    'masking hides a part of an argument that a rule judged: look at it first (tacho approvals reveal)',
  );
}

/** Uses the grant for exactly the call that was approved, under the policies that it was approved under. */
export function consume(stored: HeldApproval, { digest, bundle }: ConsumeRequest, nowMs: number): Transition {
  const approval = settle(stored, nowMs);
  if (approval.state !== 'approved') return refusedState(approval);
  const at = new Date(nowMs).toISOString();
  if (approval.bundle !== bundle) {
    const { approval: voided } = ended(approval, 'cancelled', 'policy_changed', at);
    return { kind: 'void', approval: voided, code: 'approval_mismatch', message: 'the policies have changed since' };
  }
  if (approval.digest !== digest) return refused('approval_mismatch', 'another call was approved');
  return ended(approval, 'consumed', 'consumed', at);
}

/** The client has gone: nothing runs for it any more. */
export function cancel(stored: HeldApproval, nowMs: number): Transition {
  const approval = settle(stored, nowMs);
  if (approval.state === 'cancelled') return { kind: 'same', approval };
  if (!isLive(approval)) return refusedState(approval);
  return ended(approval, 'cancelled', 'client_gone', new Date(nowMs).toISOString());
}

function ended(
  approval: HeldApproval,
  state: ApprovalState,
  reason: NonNullable<HeldApproval['ended']>['reason'],
  at: string,
): Extract<Transition, { kind: 'changed' }> {
  return { kind: 'changed', approval: { ...approval, state, ended: { reason, at } } };
}

/** Nothing changes. */
export function refused(code: ApiErrorCode, message: string): Extract<Transition, { kind: 'refused' }> {
  return { kind: 'refused', code, message };
}

/** It is not in the state for that. */
export function refusedState({ state }: HeldApproval): Extract<Transition, { kind: 'refused' }> {
  if (state === 'pending') return refused('approval_pending', 'the call is not approved yet');
  return refused('approval_ended', `the approval is ${state}`);
}
