import type { Detector, Finding, KeywordMatch } from '../detectors/detector.ts';
import { work } from '../scan/work.ts';
import { charIn, digitAt, isDigitCode, wordAt } from './candidate.ts';
import { behindMask } from './gap.ts';
import { isIpv4, isIpv6, isLocalAddress, isUnassignedAddress } from './ip-address.ts';

const dot = 0x2e;
const colon = 0x3a;
const maxIpv4 = 15;
const maxIpv6 = 45;
const maxContext = 32;
const decimals = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const hexDigits = [...decimals, 'a', 'b', 'c', 'd', 'e', 'f'];
/** Words that say that four numbers are an address, and not a version or a section. */
const addressWord =
  /(?:\bip|addr|host|server|client|dns|peer|gateway|subnet|inet|remote|\bfrom\b|connect|\bssh\b|\bping\b|:\/\/)[^.]{0,24}$/i;
/** Numbers before and behind: a drawing's path or a table. */
const numberBefore = /\d[ ,-]-?$/;
const numberBehind = /^[ ,-]-?[\d.]/;
const versionWord = /(?:version|\bver|release|build|revision|v|oid|identifier|[=~^<>]=?)[\s"'(:=]{0,4}$/i;

/** A public IP address. Local and documentation addresses, and four small numbers without a word for it, are weak. */
export const ipAddressDetector: Detector = {
  id: 'ip-address',
  keywords: [...decimals.map((digit) => `.${digit}`), ...hexDigits.map((digit) => `:${digit}`), '::'],
  verify: (match) => (match.text.charCodeAt(match.from) === dot ? verifyIpv4(match) : verifyIpv6(match)),
  isPlausible: (text, from, to) =>
    text.charCodeAt(from) === dot ? isIpv4Rest(text, from) : isGroupRest(text, from + 1, to),
};

/** What follows the first dot: digits and a dot, twice. */
function isIpv4Rest(text: string, at: number): boolean {
  const second = digitsEnd(text, at + 1);
  return text.charCodeAt(second) === dot && text.charCodeAt(digitsEnd(text, second + 1)) === dot;
}

function digitsEnd(text: string, from: number): number {
  let i = from;
  while (i < from + 4 && isDigitCode(text.charCodeAt(i))) i += 1;
  return i;
}

function verifyIpv4(match: KeywordMatch): Finding | undefined {
  const { text, end, from } = match;
  if (!isIpv4Rest(text, from)) return undefined;
  const start = numberStart(match);
  if (start < 0) return undefined;
  const window = text.slice(start, Math.min(end, start + maxIpv4 + 1));
  const address = /^\d{1,3}(?:\.\d{1,3}){3}(?!\d)/.exec(window)?.[0];
  if (address === undefined || !isFreeRight(match, start + address.length)) return undefined;
  return isIpv4(address) && !isUnassignedAddress(address) ? toFinding(match, start, address) : undefined;
}

/** Where the number before the dot begins if nothing is joined to it, else -1. */
function numberStart(match: KeywordMatch): number {
  const { from } = match;
  let start = from;
  while (from - start < 4 && digitAt(match, start - 1)) start -= 1;
  return start === from || wordAt(match, start - 1) || charIn(match, start - 1) === '.' ? -1 : start;
}

/** A fifth number, a letter or the suffix of a version follows otherwise. */
function isFreeRight(match: KeywordMatch, at: number): boolean {
  if (wordAt(match, at)) return false;
  return at >= match.end || !'.-+'.includes(match.text.charAt(at)) || !wordAt(match, at + 1);
}

function toFinding({ text, floor, end }: KeywordMatch, start: number, address: string): Finding {
  const found: Finding = { rule: 'ip-address', start, end: start + address.length };
  work.read += maxContext;
  const before = behindMask(text.slice(Math.max(floor, start - maxContext), start));
  const behind = text.slice(start + address.length, Math.min(end, start + address.length + 3));
  const isSoup = numberBefore.test(before) && numberBehind.test(behind);
  const isNamed = addressWord.test(before) && !/[A-Za-z][:/]$/.test(before);
  const isDoubtful = isSoup || versionWord.test(before) || (!isNamed && isVersionLike(address, before));
  return isDoubtful || isLocalAddress(address) ? { ...found, weak: true } : found;
}

/** Versions and object identifiers begin with small numbers; `Name/1.2.3.4` is a version whatever its numbers. */
function isVersionLike(address: string, before: string): boolean {
  const [first = 0, second = 0, third = 0] = address.split('.').map(Number);
  const isSmall = first < 32 && (second < 10 || (second < 32 && third < 32));
  return isSmall || /[A-Za-z)]\/$/.test(before);
}

/** Two more colons, hexadecimal digits between: so an address goes on at its first colon, and a time of day does not. */
function isGroupRest(text: string, from: number, to: number): boolean {
  if (text.charCodeAt(to - 1) === colon) return true;
  const second = hexEnd(text, from);
  return text.charCodeAt(second) === colon && text.charCodeAt(hexEnd(text, second + 1)) === colon;
}

function hexEnd(text: string, from: number): number {
  let i = from;
  while (i < from + 4 && isHexCode(text.charCodeAt(i))) i += 1;
  return i;
}

function verifyIpv6(match: KeywordMatch): Finding | undefined {
  const { text, from, to } = match;
  if (!isGroupRest(text, from + 1, to)) return undefined;
  const { start, stop } = addressAround(match);
  if (wordAt(match, stop) || wordAt(match, start - 1)) return undefined;
  const address = text.slice(start, stop);
  // An IPv4 address in it is whom it leads to (RFC 4291 §2.5.5).
  const leadsTo = address.includes('.') ? address.slice(address.lastIndexOf(':') + 1) : address;
  if (!isIpv6(address) || isUnassignedAddress(leadsTo) || !isWritten(address)) return undefined;
  const found: Finding = { rule: 'ip-address', start, end: stop };
  return isLocalAddress(leadsTo) ? { ...found, weak: true } : found;
}

/** The characters of an address around a colon, without a full stop behind them. */
function addressAround({ text, floor, end, from, to }: KeywordMatch): {
  readonly start: number;
  readonly stop: number;
} {
  const low = Math.max(floor, from - maxIpv6);
  const high = Math.min(end, from + maxIpv6);
  let start = from;
  while (start > low && isAddressChar(text.charCodeAt(start - 1))) start -= 1;
  let stop = to;
  while (stop < high && isAddressChar(text.charCodeAt(stop))) stop += 1;
  work.read += stop - start;
  return { start, stop: text.charCodeAt(stop - 1) === dot ? stop - 1 : stop };
}

/**
 * `Face::Add` and `a::b` are names: a short form needs a digit and three groups, or a long first group with a digit.
 * Eight pairs are a fingerprint.
 */
function isWritten(address: string): boolean {
  if (address.includes('.')) return true;
  if (!address.includes('::')) return /[0-9a-f]{3}/i.test(address);
  const groups = address.split(':').filter((group) => group !== '');
  return groups.length >= 3 ? /\d/.test(address) : /^(?=[a-f]*\d)[0-9a-f]{3,4}::[0-9a-f]{1,4}$/i.test(address);
}

function isAddressChar(code: number): boolean {
  return isHexCode(code) || code === colon || code === dot;
}

function isHexCode(code: number): boolean {
  const lower = code | 0x20;
  return isDigitCode(code) || (lower >= 0x61 && lower <= 0x66);
}
