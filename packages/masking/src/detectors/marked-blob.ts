import { hasChar, runEnd, toCharSet } from './char-set.ts';
import type { Detector, Finding, KeywordMatch } from './detector.ts';

const id = 'marked-blob';
const base32 = toCharSet('A-Z', '2-7');
const lowerHex = toCharSet('0-9', 'a-f');
const hexDigits = toCharSet('0-9');
const minDistinct = 8;

/**
 * Values that are known by their whole shape, not by a prefix: seeds of NKEYs (`S` and 57 of base32) and Twilio's ids (two capitals and
 * 32 hex digits).
 */
export const markedBlobDetector: Detector = {
  id,
  keywords: [],
  triggers: ['blob'],
  verify: verifyBlob,
  isPlausible: (text, from, to) => verifyBlob({ text, floor: from, end: to, from, to }) !== undefined,
};

/** The run may begin or end with what joins it to its neighbours: `/`, `=`, `_`, `-`. */
function verifyBlob({ text, from, to }: KeywordMatch): Finding | undefined {
  let start = from;
  for (let i = from; i <= to; i += 1) {
    if (i < to && !isJoint(text.charCodeAt(i))) continue;
    if (isMarked(text, start, i)) return { rule: id, start, end: i };
    start = i + 1;
  }
  return undefined;
}

function isJoint(code: number): boolean {
  return code === 0x2f || code === 0x3d || code === 0x5f || code === 0x2d || code === 0x2b;
}

function isMarked(text: string, start: number, end: number): boolean {
  const length = end - start;
  if (length === 34) return isTwilioId(text, start, end);
  if (length !== 58 || text.charAt(start) !== 'S' || runEnd(base32, text, start, end) !== end) return false;
  return isVaried(text, start, end) && countDigits(text, start, end) >= 4;
}

function isTwilioId(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start);
  const second = text.charCodeAt(start + 1);
  if (first < 0x41 || first > 0x5a || second < 0x41 || second > 0x5a) return false;
  return (
    runEnd(lowerHex, text, start + 2, end) === end && isVaried(text, start, end) && countDigits(text, start, end) >= 8
  );
}

function isVaried(text: string, start: number, end: number): boolean {
  return new Set(text.slice(start, end)).size >= minDistinct;
}

function countDigits(text: string, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i += 1) count += hasChar(hexDigits, text.charCodeAt(i)) ? 1 : 0;
  return count;
}
