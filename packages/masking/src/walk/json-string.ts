import { minBlobRun } from '../scan/blob-runs.ts';
import { firstEncoded } from '../views/character-view.ts';
import { mayHoldBlobIn } from '../views/text-blobs.ts';
import type { TextScanner } from '../scan/text-scanner.ts';

export const stringClean = 0;
/** A keyword or a run that is looked at, or what may hide one: an escape, an encoded character, an encoded text. */
export const stringLook = 1;
export const stringInvalid = 2;
export type StringView = typeof stringClean | typeof stringLook | typeof stringInvalid;

/** Reads string tokens. `last` tells of the one read last, so that a clean string costs no allocation. */
export interface StringReader {
  /** `at` is behind the opening quote. Names are judged as a whole: for them every keyword counts. */
  readonly read: (text: string, at: number, isName: boolean) => StringView;
  /** `end` is the closing quote; `escaped` is told of strings to look at only. */
  readonly last: { end: number; escaped: boolean };
}

const quote = 0x22;
const backslash = 0x5c;
const slash = 0x2f;
const letterU = 0x75;
const letterX = 0x78;
const plainEscapes = new Uint8Array(128);
for (const char of '"\\bfnrt') plainEscapes[char.charCodeAt(0)] = 1;

/**
 * One pass for both questions: where does the string end, and does it hold a keyword? Most escapes stand for characters
 * that no keyword or run holds, so they only interrupt one. `\uXXXX` and `\/` may hide one, as may `\\` before `u`, `x`
 * or `/` (JSON and sources in a string): these send the string to the slow path.
 */
export function createStringReader({ automaton, isPlausible, hasPlausibleBlob }: TextScanner): StringReader {
  const { next, classOf, stopFrom, quoteState, escapeState, controlState, markState, endingAt } = automaton;
  const last = { end: 0, escaped: false };

  const mustLook = (state: number, text: string, at: number, isName: boolean): boolean =>
    state === markState
      ? firstEncoded(text, at, at + 1) >= 0
      : state === escapeState || (isName && endingAt(state).length > 0) || isPlausible(state, text, at + 1);

  /** `at` is no escaped character. */
  const settle = (text: string, start: number, at: number): StringView => {
    last.end = closingQuote(text, at);
    last.escaped = containsBackslash(text, start, last.end);
    return last.end < 0 ? stringInvalid : stringLook;
  };

  const close = (text: string, start: number, end: number): StringView => {
    last.end = end;
    return end - start >= minBlobRun && hasPlausibleBlob(text, start, end, mayHoldBlobIn)
      ? settle(text, start, end)
      : stringClean;
  };

  const read = (text: string, at: number, isName: boolean): StringView => {
    const { length } = text;
    let state = 0;
    for (let i = at; i < length; i += 1) {
      state = next[state + (classOf[text.charCodeAt(i)] ?? 0)] ?? 0;
      if (state < stopFrom) continue;
      if (state === quoteState) return close(text, at, i);
      if (state === escapeState && isPlainEscape(text, i)) {
        i += 1;
        state = 0;
      } else if (state === controlState) {
        return stringInvalid;
      } else if (mustLook(state, text, i, isName)) {
        return settle(text, at, i);
      }
    }
    return stringInvalid;
  };
  return { read, last };
}

/** End of the string in which `at` stands, or -1. */
function closingQuote(text: string, at: number): number {
  for (let i = at; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === quote) return i;
    if (code < 0x20) return -1;
    if (code === backslash) i += 1;
  }
  return -1;
}

function containsBackslash(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) {
    if (text.charCodeAt(i) === backslash) return true;
  }
  return false;
}

function isPlainEscape(text: string, at: number): boolean {
  const code = text.charCodeAt(at + 1);
  if (!(code < 128) || plainEscapes[code] !== 1) return false;
  if (code !== backslash) return true;
  const following = text.charCodeAt(at + 2);
  return following !== letterU && following !== letterX && following !== slash;
}
