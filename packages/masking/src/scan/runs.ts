import { toCharSet } from '../detectors/char-set.ts';
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

/** Digits that a number has at least, groups and all, to be looked at in a string still escaped. */
const minDigitsAround = 9;
const maxAround = 24;
const groupJoints = toCharSet('0-9', ' ()+./', '-');

/** Whether the digits `[from, to)` and the groups beside them, with what joins groups between, are nine at least. */
export function isLongNumber(text: string, { from, to }: Run): boolean {
  let count = to - from;
  for (let i = from - 1; i >= from - maxAround && count < minDigitsAround && isJoint(text, i); i -= 1) {
    if (isDigit(text.charCodeAt(i))) count += 1;
  }
  for (let i = to; i < to + maxAround && count < minDigitsAround && isJoint(text, i); i += 1) {
    if (isDigit(text.charCodeAt(i))) count += 1;
  }
  return count >= minDigitsAround;
}

/** A blank that is no ASCII counts as one. */
function isJoint(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 0x80 ? groupJoints[code] === 1 : code > 0x9f;
}

/** The first blob run from `at` on. */
export function blobRunFrom(text: string, at: number, end: number): Run | undefined {
  const from = nextBlobRun(text, at, end);
  return from < 0 ? undefined : { from, to: blobRunEnd(text, from + minBlobRun, end) };
}
