import { toCharSet } from '../detectors/char-set.ts';

/** Characters in a row that are worth a look. */
export const minBlobRun = 20;

const blobChars = new Uint8Array(0x10000);
blobChars.set(toCharSet('a-z', 'A-Z', '0-9', '+/_=', '-'));

/**
 * Start of the first maximal blob run of `text[at, end)` from `at` on, or -1. A run of twenty holds every twentieth
 * character, so most characters are never read.
 */
export function nextBlobRun(text: string, at: number, end: number): number {
  let start = at;
  let probe = at + minBlobRun - 1;
  while (probe < end) {
    let i = probe;
    while (i >= start && blobChars[text.charCodeAt(i)] === 1) i -= 1;
    if (i < start) return start;
    start = i + 1;
    probe = i + minBlobRun;
  }
  return -1;
}

/** End of the blob run that holds `at`. */
export function blobRunEnd(text: string, at: number, end: number): number {
  let i = at;
  while (i < end && blobChars[text.charCodeAt(i)] === 1) i += 1;
  return i;
}
