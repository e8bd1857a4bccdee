const opening = '[REDACTED:';
const maxTokenLength = 80;

/** What stands where a value was. Only characters that JSON, at any depth of nesting, never escapes. */
export function maskToken(rule: string, ordinal = 1): string {
  return ordinal === 1 ? `${opening}${rule}]` : `${opening}${rule}~${ordinal}]`;
}

/** True where `text[start, end)` is exactly one mask token: masking leaves it alone, so that masking twice changes nothing. */
export function isMaskToken(text: string, start: number, end: number): boolean {
  const bodyStart = start + opening.length;
  if (end - start > maxTokenLength || end - 1 <= bodyStart || !text.startsWith(opening, start)) return false;
  if (text.charCodeAt(end - 1) !== 0x5d) return false;
  for (let i = bodyStart; i < end - 1; i += 1) {
    if (!isTokenChar(text.charCodeAt(i))) return false;
  }
  return true;
}

function isTokenChar(code: number): boolean {
  const isLetter = code >= 0x61 && code <= 0x7a;
  const isDigit = code >= 0x30 && code <= 0x39;
  return isLetter || isDigit || code === 0x2d || code === 0x5f || code === 0x7e;
}

/** Index of the last character of the mask token that begins at `at`, or -1. */
export function maskTokenEnd(text: string, at: number): number {
  if (!text.startsWith(opening, at)) return -1;
  const close = text.slice(at, at + maxTokenLength).indexOf(']');
  return close >= 0 && isMaskToken(text, at, at + close + 1) ? at + close : -1;
}
