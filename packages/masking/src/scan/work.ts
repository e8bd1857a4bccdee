import { maskLimits } from '../limits.ts';

/**
 * Characters that verifiers have read, all told: `char-set.ts` counts runs, patterns count their windows, eightfold. A
 * scan compares the count before and after, so one counter serves every masker of a thread.
 */
export const work = { read: 0 };

/** A character that a regular expression reads counts as many. */
export const patternWeight = 8;

/** What the verifiers of one leaf may read (`masking.md` §3.3); `length` is the leaf's. */
export function workBudget(length: number): number {
  return maskLimits.workPerLeaf + length * maskLimits.workPerChar;
}
