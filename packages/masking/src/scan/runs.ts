import { blobRunEnd, minBlobRun, nextBlobRun } from './blob-runs.ts';
import { minDigitRun } from './keyword-automaton.ts';

/** `text[from, to)`. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** The digits of which `text[to - 1]` is the fourth. */
export function digitRunAt(text: string, to: number, end: number): Run {
  let i = to;
  while (i < end && isDigit(text.charCodeAt(i))) i += 1;
  return { from: to - minDigitRun, to: i };
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The first blob run from `at` on. */
export function blobRunFrom(text: string, at: number, end: number): Run | undefined {
  const from = nextBlobRun(text, at, end);
  return from < 0 ? undefined : { from, to: blobRunEnd(text, from + minBlobRun, end) };
}
