import { holdsMaskToken, maskTokenEnd } from '../mask-token.ts';
import { hasChar, toCharSet } from './char-set.ts';
import type { Detector, Finding, KeywordMatch } from './detector.ts';
import { isPlaceholder } from './placeholder.ts';
import { isStockPassword } from './stock-password.ts';

const authorityEnd = toCharSet('/?#', ' \t\r\n', '"\'`<>\\|');
const schemeChars = toCharSet('a-z', 'A-Z', '0-9', '+.', '-');
const at = 0x40;
const colon = 0x3a;
const maxAuthority = 512;

/** The password of `scheme://user:password@host`; scheme, user and host stay. */
export const urlPasswordDetector: Detector = {
  id: 'url-password',
  keywords: ['://'],
  verify: verifyUserInfo,
  isPlausible: (text, _from, to) => readAuthority(text, to, Math.min(text.length, to + maxAuthority)).lastAt >= 0,
};

function verifyUserInfo({ text, floor, end, from, to }: KeywordMatch): Finding | undefined {
  if (from === floor || !hasChar(schemeChars, text.charCodeAt(from - 1))) return undefined;
  const { firstColon, lastAt } = readAuthority(text, to, Math.min(end, to + maxAuthority));
  if (firstColon < 0 || lastAt <= firstColon + 1) return undefined;
  const start = firstColon + 1;
  if (holdsMaskToken(text, start, lastAt) || isPlaceholder(text, start, lastAt)) return undefined;
  return { rule: 'url-password', start, end: lastAt, ...(isStockPassword(text, start, lastAt) ? { weak: true } : {}) };
}

function readAuthority(text: string, from: number, end: number): { firstColon: number; lastAt: number } {
  let firstColon = -1;
  let lastAt = -1;
  for (let i = from; i < end; i += 1) {
    const code = text.charCodeAt(i);
    if (hasChar(authorityEnd, code)) break;
    i = Math.max(i, maskTokenEnd(text, i));
    if (code === colon && firstColon < 0) firstColon = i;
    if (code === at) lastAt = i;
  }
  return { firstColon, lastAt };
}
