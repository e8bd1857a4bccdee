import type { Detector } from '../detectors/detector.ts';
import { blobRunFrom, digitRunAt, isLongNumber, type Run } from './runs.ts';
import type { TriggerIndex } from './trigger-index.ts';

/** The look at a JSON string while it is still escaped. */
export interface Plausibility {
  /** Whether what ends at `text[to - 1]` in this state is worth decoding the string for (`Detector.isPlausible`). */
  readonly isPlausible: (state: number, text: string, to: number) => boolean;
  /** The same for blob runs, at which the automaton does not stop; `isLookedAt` is asked of each run besides. */
  readonly hasPlausibleBlob: (text: string, start: number, end: number, isLookedAt: RunLook) => boolean;
}

export type RunLook = (text: string, from: number, to: number) => boolean;

const backslash = 0x5c;

export function createPlausibility({ automaton, byKeyword, forDigits, forBlobs }: TriggerIndex): Plausibility {
  const { endingAt, isDigitRun } = automaton;
  return {
    isPlausible: (state, text, to) => {
      for (const index of endingAt(state)) {
        const entry = byKeyword[index];
        if (entry?.detector.isPlausible(text, to - entry.length, to) === true) return true;
      }
      if (!isDigitRun(state)) return false;
      const run = digitRunAt(text, to, text.length);
      return isLongNumber(text, run) && isPlausibleRun(forDigits, text, run);
    },
    hasPlausibleBlob: (text, start, end, isLookedAt) => {
      for (let run = blobRunFrom(text, start, end); run !== undefined; run = blobRunFrom(text, run.to, end)) {
        if (isLookedAt(text, run.from, run.to) || isPlausibleRun(forBlobs, text, run)) return true;
        if (isPlausibleRun(forBlobs, text, behindEscape(text, start, run))) return true;
      }
      return false;
    },
  };
}

/** A run behind a backslash may begin with the end of an escape. */
function behindEscape(text: string, start: number, { from, to }: Run): Run | undefined {
  return from > start && text.charCodeAt(from - 1) === backslash ? { from: from + 1, to } : undefined;
}

function isPlausibleRun(detectors: readonly Detector[], text: string, run: Run | undefined): boolean {
  if (run === undefined) return false;
  for (const detector of detectors) {
    if (detector.isPlausible(text, run.from, run.to)) return true;
  }
  return false;
}
