import { containsAny, runEnd, toCharSet, upperCase } from './char-set.ts';
import type { Detector, Finding, KeywordMatch } from './detector.ts';

const labelChars = toCharSet('A-Z', '0-9', ' ');
/** Base64, line ends (also as `\n` in source text), header lines such as `Proc-Type: 4,ENCRYPTED`, quotes and `+` of source text. */
const bodyChars = toCharSet('a-z', 'A-Z', '0-9', '+/=', ' \t\r\n\\', ':,', '"\'');
const minBodyLength = 32;
const maxLabelLength = 48;
const dashes = '-----';

/** A private key in PEM. Cut short, it is masked as far as it goes. */
export const pemDetector: Detector = {
  id: 'private-key',
  keywords: ['-----begin'],
  verify: verifyPem,
  isPlausible: (text, _from, to) => isPrivate(text.slice(to, runEnd(labelChars, text, to, to + maxLabelLength))),
};

function verifyPem({ text, end, from, to }: KeywordMatch): Finding | undefined {
  const labelEnd = runEnd(labelChars, text, to, Math.min(end, to + maxLabelLength));
  if (!text.startsWith(dashes, labelEnd) || !isPrivate(text.slice(to, labelEnd))) return undefined;
  const bodyStart = labelEnd + dashes.length;
  const bodyEnd = pemBodyEnd(text, bodyStart, end);
  if (bodyEnd - bodyStart < minBodyLength || !containsAny(upperCase, text, bodyStart, bodyEnd)) return undefined;
  return { rule: 'private-key', start: from, end: footerEnd(text, bodyEnd, end) };
}

function isPrivate(label: string): boolean {
  return label.endsWith('PRIVATE KEY') || label.endsWith('PRIVATE KEY BLOCK') || label.endsWith('SECRET KEY');
}

/** A body may hold single dashes (`Proc-Type`), never the five that begin another block. */
function pemBodyEnd(text: string, from: number, end: number): number {
  let i = runEnd(bodyChars, text, from, end);
  while (i < end && text.charAt(i) === '-' && !text.startsWith('--', i)) i = runEnd(bodyChars, text, i + 1, end);
  return i;
}

function footerEnd(text: string, from: number, end: number): number {
  if (!text.startsWith('-----END', from)) return from;
  const labelEnd = runEnd(labelChars, text, from + 8, Math.min(end, from + 8 + maxLabelLength));
  return text.startsWith(dashes, labelEnd) ? Math.min(end, labelEnd + dashes.length) : labelEnd;
}
