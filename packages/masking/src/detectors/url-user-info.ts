import { isMaskToken, maskTokenEnd } from '../mask-token.ts';
import { hasChar, toCharSet } from './char-set.ts';
import type { Detector, Finding, KeywordMatch } from './detector.ts';
import { isPlaceholder } from './placeholder.ts';

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
  if (isMaskToken(text, start, lastAt) || isPlaceholder(text, start, lastAt)) return undefined;
  return { rule: 'url-password', start, end: lastAt, ...(isStock(text, start, lastAt) ? { weak: true } : {}) };
}

/** What examples call a password: `user:pass@host`. */
const stock =
  /^:{0,3}(?:(?:my|your|the|some|test|wrong|bad|new|old|user|db|secret|a|an)?[-_]?(?:pass|passwd|password|passwort|pwd|pw|secret|token|key|letmein|changeme|foo|bar|baz|user|admin|guest|test|example|xxx+|\*+|\.+)(?:[-_]?(?:word|here|value))?(?:%20|[-_])?\d{0,4}|[a-z])$/i;

function isStock(text: string, start: number, end: number): boolean {
  return end - start <= 32 && stock.test(text.slice(start, end));
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
