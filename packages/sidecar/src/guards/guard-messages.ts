/** What the call's thread and the guards' thread say to each other. */
import type { GuardJob, Judgement } from '@tachograph/policy';
import type { ThreadStarted } from '../thread/killable-thread.ts';

export interface ToGuardWorker {
  readonly id: number;
  readonly job: GuardJob;
}

/** `started`: the parsers are loaded. */
export type FromGuardWorker = ThreadStarted | GuardReply;

export type GuardReply =
  | { readonly kind: 'done'; readonly id: number; readonly judgement: Judgement }
  | { readonly kind: 'failed'; readonly id: number };
