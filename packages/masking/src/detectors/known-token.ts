import { containsAny, digits, hasChar, runEnd, wordChars } from './char-set.ts';
import type { Detector, Finding, KeywordMatch } from './detector.ts';
import type { KnownToken } from './known-tokens.ts';

/** A detector for one marked token. A run is read from its prefix only, so no character is read twice per prefix. */
export function createKnownTokenDetector(token: KnownToken): Detector {
  return {
    id: token.id,
    keywords: token.prefixes.map((prefix) => prefix.toLowerCase()),
    verify: (match) => verifyKnownToken(token, match),
    isPlausible: (text, from, to) =>
      token.prefixes.includes(text.slice(from, to)) &&
      runEnd(token.charset, text, to, to + token.min) === to + token.min,
  };
}

function verifyKnownToken(token: KnownToken, { text, floor, end, from, to }: KeywordMatch): Finding | undefined {
  if (from > floor && hasChar(wordChars, text.charCodeAt(from - 1))) return undefined;
  if (!token.prefixes.includes(text.slice(from, to))) return undefined;
  const stop = runEnd(token.charset, text, to, Math.min(end, to + token.max + 1));
  const length = stop - to;
  if (length < token.min || length > token.max) return undefined;
  const isTooUniform = !containsAny(digits, text, to, stop) && length < 40;
  return isTooUniform ? undefined : { rule: token.id, start: from, end: stop };
}
