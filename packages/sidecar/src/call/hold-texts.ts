/** What clients and their models read about a held call. */
import { describeDenial } from '@tachograph/policy';
import type { ApprovalView, Decision } from '@tachograph/protocol';

/** Before it is known which approval it is. */
export function unheldText(decision: Decision, why: string): string {
  const asked = decision.message === undefined ? '' : `${decision.message}; `;
  return describeDenial({ ...decision, verdict: 'deny', message: `${asked}this call needs approval, and ${why}` });
}

/** The universal fallback: works with every client. */
export function pendingText(decision: Decision, approval: ApprovalView): string {
  return `approval ${approval.id} pending; call again with identical arguments. ${waitingText(decision, approval)}`;
}

/** Shown while the call waits. */
export function waitingText(decision: Decision, { id, url, count, approvers }: ApprovalView): string {
  const named = [...approvers.subjects, ...approvers.groups.map((group) => `group ${group}`)];
  const who = named.length === 0 ? 'anybody but the caller' : named.join(', ');
  const many = count === 1 ? '' : ` (${count} of them)`;
  return `${describeDenial(decision)} Who can approve: ${who}${many}, at ${url} or by tacho approvals approve ${id}.`;
}

/** `tail`: what a person said or did, or why it cannot run although one agreed. */
export function endedText(decision: Decision, { id }: ApprovalView, tail: string): string {
  return describeDenial({ ...decision, verdict: 'deny', message: `approval ${id}: ${tail}` });
}

/** How the approval ended, for one that did not end well. */
export function stateText({ state, decisions }: ApprovalView, mask: (text: string) => string): string {
  const denial = decisions.find(({ verdict }) => verdict === 'deny');
  if (state === 'denied' && denial !== undefined) return `${mask(denial.subject)} denied it: ${mask(denial.reason)}`;
  if (state === 'expired') return 'nobody decided in time; the call was not run';
  if (state === 'consumed') return 'it has been used by another identical call; call again to ask anew';
  return `it is ${state}; the call was not run`;
}

export const resendText = 'the recorder is restarting and has not run this call: call again with identical arguments';
