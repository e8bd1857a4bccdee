import { revealWaitMs, type HeldApproval } from '@tachograph/protocol';
import type { Person } from './person.ts';

/** Whether the person has been shown what masking hid in this call. */
export function hasSeen({ iss, sub }: Person, { reveals = [] }: Pick<HeldApproval, 'reveals'>): boolean {
  return reveals.some((one) => one.sealedAt !== undefined && one.iss === iss && one.subject === sub);
}

/** Whether somebody waits to be shown it. */
export function isRevealAwaited({ reveals = [] }: Pick<HeldApproval, 'reveals'>, nowMs: number): boolean {
  return reveals.some(({ at, sealedAt }) => sealedAt === undefined && Date.parse(at) + revealWaitMs > nowMs);
}
