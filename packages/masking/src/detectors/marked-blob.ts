import { digits, hasChar, runEnd, toCharSet, upperCase } from './char-set.ts';
import type { Detector, Finding, KeywordMatch } from './detector.ts';

const id = 'marked-blob';
const lowerHex = toCharSet('0-9', 'a-f');
const idLength = 34;
const minDistinct = 8;
const minDigits = 8;

/** Ids of accounts and their resources that are known by their whole shape: two capitals and 32 hex digits. */
export const markedBlobDetector: Detector = {
  id,
  keywords: [],
  triggers: ['blob'],
  verify: verifyBlob,
  isPlausible: (_text, from, to) => to - from >= idLength,
};

/** The run may join several with `/`, `=`, `_`, `-`: from the first to the last they go as one. */
function verifyBlob({ text, from, to }: KeywordMatch): Finding | undefined {
  if (to - from < idLength) return undefined;
  let found: Finding | undefined;
  let start = from;
  for (let i = from; i <= to; i += 1) {
    if (i < to && !isJoint(text.charCodeAt(i))) continue;
    if (isMarked(text, start, i)) found = { rule: id, start: found?.start ?? start, end: i };
    start = i + 1;
  }
  return found;
}

function isJoint(code: number): boolean {
  return code === 0x2f || code === 0x3d || code === 0x5f || code === 0x2d || code === 0x2b;
}

function isMarked(text: string, start: number, end: number): boolean {
  if (end - start !== idLength || runEnd(upperCase, text, start, start + 2) < start + 2) return false;
  if (runEnd(lowerHex, text, start + 2, end) !== end) return false;
  return new Set(text.slice(start, end)).size >= minDistinct && countDigits(text, start, end) >= minDigits;
}

function countDigits(text: string, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i += 1) count += hasChar(digits, text.charCodeAt(i)) ? 1 : 0;
  return count;
}
