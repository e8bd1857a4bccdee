const opening = '[REDACTED:';
const maxTokenLength = 80;
const colon = 0x3a;
const closeBracket = 0x5d;

/** What stands where a value was. Only characters that JSON, at any depth of nesting, never escapes. */
export function maskToken(rule: string, ordinal = 1): string {
  return ordinal === 1 ? `${opening}${rule}]` : `${opening}${rule}~${ordinal}]`;
}

/** How many strings of raw JSON begin with a mask. */
export function countMaskedNames(text: string): number {
  return text.split(`"${opening}`).length - 1;
}

/** A mask that keeps the last characters: letters and digits, at most four. */
export function partialToken(rule: string, end: string): string {
  return `${opening}${rule}:${end}]`;
}

/** A mask that names the value, by 16 hex digits. */
export function valueToken(rule: string, name: string): string {
  return `${opening}${rule}:${name}]`;
}

/**
 * True where `text[start, end)` is nothing but mask tokens, one behind the other: masking leaves them alone, so that
 * masking twice changes nothing.
 */
export function isMaskToken(text: string, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const last = maskTokenEnd(text, at);
    if (last < 0) return false;
    at = last + 1;
  }
  return at === end && end > start;
}

function isOneToken(text: string, start: number, end: number): boolean {
  const bodyStart = start + opening.length;
  if (end - start > maxTokenLength || end - 1 <= bodyStart || !text.startsWith(opening, start)) return false;
  if (text.charCodeAt(end - 1) !== closeBracket) return false;
  for (let i = bodyStart; i < end - 1; i += 1) {
    const code = text.charCodeAt(i);
    if (!isTokenChar(code)) return code === colon && i > bodyStart && isSuffix(text, i + 1, end - 1);
  }
  return true;
}

function isTokenChar(code: number): boolean {
  const isLetter = code >= 0x61 && code <= 0x7a;
  const isDigit = code >= 0x30 && code <= 0x39;
  return isLetter || isDigit || code === 0x2d || code === 0x5f || code === 0x7e;
}

/** The last characters of a value, or its name. */
function isSuffix(text: string, start: number, end: number): boolean {
  return /^(?:[A-Za-z0-9]{1,4}|[0-9a-f]{16})$/.test(text.slice(start, end));
}

/** Index of the last character of the mask token that begins at `at`, or -1. */
export function maskTokenEnd(text: string, at: number): number {
  if (!text.startsWith(opening, at)) return -1;
  const close = text.slice(at, at + maxTokenLength).indexOf(']');
  return close >= 0 && isOneToken(text, at, at + close + 1) ? at + close : -1;
}

const maxLooked = 1024;

/** True where a mask token begins in `text[start, end)`: what was found in a value stays found, so that masking twice changes nothing. */
export function holdsMaskToken(text: string, start: number, end: number): boolean {
  return text.slice(start, Math.min(end, start + maxLooked)).includes(opening);
}
