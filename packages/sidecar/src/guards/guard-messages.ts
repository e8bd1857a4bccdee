/** What the call's thread and the guards' thread say to each other. */
import type { GuardJob, Judgement } from '@tachograph/policy';

export interface ToGuardWorker {
  readonly id: number;
  readonly job: GuardJob;
}

/**
 * `started`: the parsers are loaded, from here the job's time counts. `failed`: the judge threw; what it threw may quote
 * the text, so it stays there. `rssBytes` is the whole process's.
 */
export type FromGuardWorker =
  | { readonly kind: 'started'; readonly id: number }
  | { readonly kind: 'done'; readonly id: number; readonly judgement: Judgement }
  | { readonly kind: 'failed'; readonly id: number };
