import type { Finding } from '../detectors/detector.ts';
import { compactOf } from './candidate.ts';
import { isEmail } from './email.ts';
import { isIpv4, isIpv6, isUnassignedAddress } from './ip-address.ts';
import { numberRules } from './number-rules.ts';
import { personalKeyRule } from './personal-keys.ts';
import { isPhoneShaped } from './phone-number.ts';
import { maxPhone, writtenPhone } from './phone-text.ts';

const maxValue = 64;
const maxEmail = 320;

/** What a value is beside. */
export interface ValueContext {
  /** Name of the field that holds the value. */
  readonly key?: string;
}

/**
 * A JSON number as written, of 7 to 19 digits without sign, fraction or exponent, whose key names it: the number's
 * validator still decides, as one integer in ten has a right check digit (`masking.md` §4.4).
 */
export function findInNumber(lexeme: string, { key }: ValueContext): Finding | undefined {
  if (key === undefined || !/^[1-9][0-9]{6,18}$/.test(lexeme)) return undefined;
  const found = findUnderKey(lexeme, { key }) ?? findUnderKey(lexeme.padStart(9, '0'), { key });
  return found === undefined ? undefined : { rule: found.rule, start: 0, end: lexeme.length, isNumber: true };
}

/** The whole of a string value whose key names it and whose shape or check digit agrees: `{"phone": "699 956 915"}`. */
export function findUnderKey(text: string, { key }: ValueContext): Finding | undefined {
  const rule = key === undefined || text.length > maxEmail ? undefined : personalKeyRule(key);
  if (rule === undefined || !agrees(rule, text.trim())) return undefined;
  return { rule, start: 0, end: text.length };
}

function agrees(rule: string, value: string): boolean {
  if (rule === 'email') return isEmail(value);
  if (value.length > maxValue) return false;
  if (rule === 'ip-address') return (isIpv4(value) || isIpv6(value)) && !isUnassignedAddress(value);
  if (rule === 'phone') return isWrittenPhone(value);
  return isWritten(rule, value);
}

function isWrittenPhone(value: string): boolean {
  writtenPhone.lastIndex = 0;
  return value.length <= maxPhone && writtenPhone.exec(value)?.[0] === value && isPhoneShaped(value);
}

function isWritten(rule: string, value: string): boolean {
  const numberRule = numberRules.get(rule);
  const written = value.match(numberRule?.written ?? /$^/g)?.[0];
  return written === value && numberRule?.isValid(compactOf(value)) === true;
}
