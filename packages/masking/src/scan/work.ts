import { maskLimits } from '../limits.ts';

/**
 * Characters that verifiers have read, all told: `char-set.ts` counts runs, patterns count their windows, eightfold. A
 * scan compares the count before and after, so one counter serves every masker of a thread.
 */
export const work = { read: 0 };

/**
 * The last value that was read to its end, for readers that begin within it: they end where it ends, so that no character
 * is read again. Forgotten with the leaf.
 */
export const lastRun: { text: string; stops: Uint8Array | undefined; from: number; stop: number; end: number } = {
  text: '',
  stops: undefined,
  from: 0,
  stop: 0,
  end: 0,
};

/** A character that a regular expression reads counts as many. */
export const patternWeight = 8;

/** What the verifiers of one leaf may read (`masking.md` §3.3); `length` is the leaf's. */
export function workBudget(length: number): number {
  return maskLimits.workPerLeaf + length * maskLimits.workPerChar;
}
