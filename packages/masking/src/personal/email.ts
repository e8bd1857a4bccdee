import type { Detector, Finding, KeywordMatch } from '../detectors/detector.ts';
import { work } from '../scan/work.ts';
import { isDigitCode, isLetterCode } from './candidate.ts';
import { isTopLevelDomain } from './top-level-domains.ts';

/** RFC 5321 §4.5.3.1. */
const maxLocal = 64;
const maxDomain = 255;
/** Of RFC 5321's those that people use; `=`, `/`, `&` and the like belong to the text around an address. */
const localMarks: ReadonlySet<string> = new Set("._%+-'");
const leadingMarks: ReadonlySet<string> = new Set(".%+-'");
const label = '[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,61}[\\p{L}\\p{N}])?';
const domain = new RegExp(`^(?:${label}\\.)+(?:xn--[a-z0-9-]{2,59}|\\p{L}{2,24})(?![\\p{L}\\p{N}_$=~^])`, 'iu');
/** RFC 2606, RFC 6761, RFC 6762, RFC 8375 and what resolvers keep to themselves: nobody's address. */
const reservedEnds =
  /(?:^|\.)(?:example\.(?:com|org|net)|example|invalid|test|localhost|local|localdomain|internal|lan|home\.arpa|noreply\.github\.com)$|^(?:foo|bar|baz|test|domain|mydomain|yourdomain|company|mycompany|yourcompany|mysite|contoso|openssh|libssh)\.(?:com|org|net)$/i;
/** A role or a stand-in, not a person. */
const impersonal =
  /^(?:no-?reply|do-?not-?reply|test(?:er|ing|user)?\d*|user(?:name)?\d*|foo|bar|baz|example|email|your[._-]?(?:name|email)?|someone|somebody|me|you|name|a|b|x|xx|xxx|abc|postmaster|hostmaster|mailer-daemon|root|git|hg|svn)$/i;

/** An e-mail address (RFC 5321 mailbox; RFC 6531 letters), bare or in text. Reserved domains and roles are weak. */
export const emailDetector: Detector = {
  id: 'email',
  keywords: ['@'],
  verify: verifyEmail,
  isPlausible: (text, _from, to) => isDomainStart(text.charCodeAt(to)),
};

/** RFC 5321 `local-part@domain` without quotes and address literals: as people write addresses. */
export function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  const found = at < 0 ? undefined : verifyEmail({ text, floor: 0, end: text.length, from: at, to: at + 1 });
  return found !== undefined && found.start === 0 && found.end === text.length;
}

function verifyEmail({ text, floor, end, from, to }: KeywordMatch): Finding | undefined {
  if (to >= end || !isDomainStart(text.charCodeAt(to))) return undefined;
  const start = localStart(text, Math.max(floor, from - maxLocal), from);
  const local = text.slice(start, from);
  if (!isLocal(local)) return undefined;
  const host = readDomain(text, to, Math.min(end, to + maxDomain));
  if (host === undefined || isUrlUser(text, floor, start)) return undefined;
  const found: Finding = { rule: 'email', start, end: to + host.length };
  return reservedEnds.test(host) || impersonal.test(local) ? { ...found, weak: true } : found;
}

/** Dots stand between characters; `git@host` names a program. */
function isLocal(local: string): boolean {
  return local !== '' && !/^\.|\.\.|\.$|^(?:git|hg|svn)$/i.test(local);
}

function isDomainStart(code: number): boolean {
  return isDigitCode(code) || isLetterCode(code) || code === 0x5c || code > 0x7f;
}

function localStart(text: string, lowest: number, from: number): number {
  let start = from;
  while (start > lowest && isLocalChar(text, start - 1)) start -= 1;
  work.read += from - start;
  while (start < from && leadingMarks.has(text.charAt(start))) start += 1;
  return start;
}

function isLocalChar(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (isDigitCode(code) || isLetterCode(code)) return true;
  return code > 0x7f ? /[\p{L}\p{N}\p{M}\uD800-\uDFFF]/u.test(text.charAt(at)) : localMarks.has(text.charAt(at));
}

function readDomain(text: string, from: number, to: number): string | undefined {
  let stop = from;
  while (stop < to && isDomainChar(text, stop)) stop += 1;
  work.read += (stop - from) * 2;
  const host = domain.exec(text.slice(from, stop))?.[0];
  if (host === undefined) return undefined;
  return isTopLevelDomain(host.slice(host.lastIndexOf('.') + 1)) ? host : undefined;
}

function isDomainChar(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (isDigitCode(code) || isLetterCode(code) || code === 0x2d || code === 0x2e || code === 0x5f) return true;
  return code > 0x7f && /[\p{L}\p{N}]/u.test(text.charAt(at));
}

/** `https://user:word@host`: a URL's user, which is another rule's. */
function isUrlUser(text: string, floor: number, start: number): boolean {
  work.read += maxLocal;
  return /:\/\/[^\s/]{0,64}$/.test(text.slice(Math.max(floor, start - maxLocal - 3), start));
}
