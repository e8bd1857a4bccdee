/** One change of one approval: read, step, write what was read only; again when somebody else was first. */
import type { HeldApproval } from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';
import type { ApprovalStore } from './approval-store.ts';
import type { Transition } from './transitions.ts';

export interface ApprovalChange {
  readonly id: string;
  readonly namespace?: string | undefined;
  /** False: for the one who asks there is no such approval. */
  readonly isVisible: (approval: HeldApproval) => boolean;
  /** Called again with what is stored then. */
  readonly step: (approval: HeldApproval) => Transition;
}

const mostAttempts = 12;

/** The approval as stored afterwards. Rejects with the step's refusal, `not_found`, or `unavailable` when it stays contended. */
export async function changeApproval(
  store: ApprovalStore,
  change: ApprovalChange,
  onState: (approval: HeldApproval) => void,
): Promise<HeldApproval> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const stored = await store.get(change.id, change.namespace);
    if (stored === undefined || !change.isVisible(stored.approval)) throw noSuchApproval();
    const next = change.step(stored.approval);
    if (next.kind === 'refused') throw new ControllerError(next.code, next.message);
    if (next.kind === 'same') return next.approval;
    if ((await store.update({ ...stored, approval: next.approval })) === 'conflict') continue;
    if (next.approval.state !== stored.approval.state) onState(next.approval);
    if (next.kind === 'void') throw new ControllerError(next.code, next.message);
    return next.approval;
  }
  throw new ControllerError('unavailable', 'the approval is contended', { retryAfterMs: 500 });
}

export function noSuchApproval(): ControllerError {
  return new ControllerError('not_found', 'no such approval');
}
