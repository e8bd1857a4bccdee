import { decodeBase64 } from './base64-text.ts';
import {
  base64,
  containsAny,
  digits,
  hasChar,
  lowerCase,
  runEnd,
  toCharSet,
  upperCase,
  wordChars,
} from './char-set.ts';
import type { Detector, Finding, KeywordMatch } from './detector.ts';

const token68 = toCharSet('a-z', 'A-Z', '0-9', '._~+/=', '-');
const space = toCharSet(' ');
const maxSpaces = 4;
const maxParameter = 64;
const minBearer = 12;
const minBasic = 8;

/** `Bearer <token>`, `NTLM <message>`: the token goes, the scheme stays. */
export const bearerDetector: Detector = {
  id: 'bearer-token',
  keywords: ['bearer ', 'ntlm ', 'negotiate '],
  verify: (match) => {
    const span = credentialSpan(match, token68);
    if (span === undefined || span.end - span.start < minBearer) return undefined;
    return isRandomLooking(match.text, span.start, span.end) ? { rule: 'bearer-token', ...span } : undefined;
  },
  isPlausible: (text, _from, to) => hasRun(text, to, token68, minBearer),
};

/** `Basic <base64 of user:password>`: must decode to something with a colon. */
export const basicDetector: Detector = {
  id: 'basic-credentials',
  keywords: ['basic '],
  verify: (match) => {
    const span = credentialSpan(match, base64);
    if (span === undefined || span.end - span.start < minBasic) return undefined;
    return isUserAndPassword(decodeBase64(match.text, span.start, span.end))
      ? { rule: 'basic-credentials', ...span }
      : undefined;
  },
  isPlausible: (text, _from, to) => hasRun(text, to, base64, minBasic),
};

function hasRun(text: string, from: number, charset: Uint8Array, length: number): boolean {
  const start = runEnd(space, text, from, from + maxSpaces);
  return runEnd(charset, text, start, start + length) === start + length;
}

function credentialSpan(match: KeywordMatch, charset: Uint8Array): Omit<Finding, 'rule'> | undefined {
  const { text, floor, end, from, to } = match;
  if (from > floor && hasChar(wordChars, text.charCodeAt(from - 1))) return undefined;
  const start = runEnd(space, text, to, Math.min(end, to + maxSpaces));
  const stop = runEnd(charset, text, start, end);
  return stop === start ? undefined : { start, end: stop };
}

function isRandomLooking(text: string, start: number, end: number): boolean {
  if (hasParameter(text, start, end)) return false;
  if (containsAny(digits, text, start, end)) return true;
  const isMixed = containsAny(upperCase, text, start, end) && containsAny(lowerCase, text, start + 1, end);
  return isMixed && end - start >= 20;
}

/** `Bearer realm=…`, also where the value is masked already: padding ends a token. */
function hasParameter(text: string, start: number, end: number): boolean {
  const isNamed = /=[^=]/.test(text.slice(start, Math.min(end, start + maxParameter)));
  return isNamed || (text.charAt(end - 1) === '=' && text.startsWith('[REDACTED:', end));
}

function isUserAndPassword(decoded: string): boolean {
  return decoded.includes(':') && /^[\x20-\x7e]*$/.test(decoded);
}
