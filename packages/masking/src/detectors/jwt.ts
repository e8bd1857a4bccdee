import { decodeBase64 } from './base64-text.ts';
import { base64Url, hasChar, runEnd } from './char-set.ts';
import type { Detector, Finding, KeywordMatch } from './detector.ts';

const dot = 0x2e;
const minPartLength = 8;

/**
 * A JWS or JWE in compact form: the first part must decode to a JSON header that names an algorithm. Parts are read
 * from a boundary only, at most five per match, so a character is read at most five times.
 */
export const jwtDetector: Detector = {
  id: 'jwt',
  keywords: ['eyj'],
  verify: verifyJwt,
  isPlausible: (text, from, to) =>
    text.startsWith('eyJ', from) && runEnd(base64Url, text, to, to + minPartLength) === to + minPartLength,
};

function verifyJwt({ text, floor, end, from, to }: KeywordMatch): Finding | undefined {
  if (from > floor && hasChar(base64Url, text.charCodeAt(from - 1))) return undefined;
  if (text.slice(from, to) !== 'eyJ') return undefined;
  const headerEnd = runEnd(base64Url, text, to, end);
  if (text.charCodeAt(headerEnd) !== dot || headerEnd + 1 >= end || !isHeader(text, from, headerEnd)) return undefined;
  const payloadEnd = runEnd(base64Url, text, headerEnd + 1, end);
  if (payloadEnd - headerEnd <= minPartLength && !isEncrypted(text, from, headerEnd)) return undefined;
  return { rule: 'jwt', start: from, end: lastPartEnd(text, payloadEnd, end) };
}

/** The remaining parts, as far as they are there: a token cut short is masked too. */
function lastPartEnd(text: string, payloadEnd: number, end: number): number {
  let stop = payloadEnd;
  for (let part = 0; part < 3 && stop < end && text.charCodeAt(stop) === dot; part += 1) {
    const next = runEnd(base64Url, text, stop + 1, end);
    if (next === stop + 1 && text.charCodeAt(next) !== dot) break;
    stop = next;
  }
  return stop;
}

function isHeader(text: string, start: number, end: number): boolean {
  const header = decodeBase64(text, start, end);
  return header.startsWith('{"') && /"(?:alg|enc|typ|kid|zip)"/.test(header);
}

function isEncrypted(text: string, start: number, end: number): boolean {
  return decodeBase64(text, start, end).includes('"enc"');
}
