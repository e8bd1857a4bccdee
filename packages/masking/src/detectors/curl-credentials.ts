import { isMaskToken } from '../mask-token.ts';
import { shannonEntropy } from '../rules/shannon-entropy.ts';
import { work } from '../scan/work.ts';
import { hasChar, toCharSet } from './char-set.ts';
import type { Detector, Finding, KeywordMatch } from './detector.ts';

const id = 'curl-credentials';
const maxBefore = 1024;
const maxOption = 512;
const minUserEntropy = 2;
const minHeaderEntropy = 2.75;
const blanks = toCharSet(' \t\r\n');
const curl = /\bcurl\b/;
/** The name of the option, an operator, the value in quotes or up to a blank. */
const option =
  /^(?:=|[ \t]{0,5})(?:"([^"\n]{3,400})"|'([^'\n]{3,400})'|([\w$@.-]{0,128}:[^\s"'|;&<>()]{2,256}))(?=\s|$|[|;&)\\])/;
const header =
  /^(?:authorization:[ \t]{0,5}(?:(?:basic|bearer|token|api-token)[ \t]{1,5})?|(?:x-(?:[a-z]{1,32}-)?)?(?:api-?)?(?:key|token):[ \t]{0,5})([\w=~@.+/-]{8,400})$/i;
const harmless =
  /^(?:change(?:it|me)|pass(?:word)?|pwd|test|token|\*+|x+|<.*>|\[.*\]|\$(?:\d|\w+|\{.*\})|\$\(.*\)|\$?\{\{.*\}\})$/i;

/** What `-u`, `--user`, `-H` and `--header` of a `curl` command carry: the password or key of a pair, the token of a header. */
export const curlCredentialsDetector: Detector = {
  id,
  keywords: [' -u', ' --user', ' -h', ' --header'],
  verify: verifyOption,
  isPlausible: () => true,
};

function verifyOption({ text, floor, end, from, to }: KeywordMatch): Finding | undefined {
  const name = text.slice(from, to);
  // `-h` asks for help and `-U` is another's.
  if (name === ' -h' || name === ' -U') return undefined;
  const value = readValue(text, to, Math.min(end, to + maxOption));
  if (value === undefined || !curl.test(text.slice(Math.max(floor, from - maxBefore), from))) return undefined;
  const span = /h$|header$/i.test(name) ? headerSpan(value.text) : userSpan(value.text);
  if (span === undefined || isMaskToken(value.text, span.start, span.end)) return undefined;
  return { rule: id, start: value.start + span.start, end: value.start + span.end };
}

function readValue(text: string, from: number, to: number): { text: string; start: number } | undefined {
  work.read += maxBefore / 8;
  const found = option.exec(text.slice(from, to));
  if (found === null) return undefined;
  const [all, inDouble, inSingle, bare] = found;
  const value = inDouble ?? inSingle ?? bare ?? '';
  return { text: value, start: from + all.length - value.length - (bare === undefined ? 1 : 0) };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The password; where there is none, the user is the secret. */
function userSpan(value: string): Span | undefined {
  const colon = value.indexOf(':');
  if (colon < 0) return undefined;
  const span = colon === value.length - 1 ? { start: 0, end: colon } : { start: colon + 1, end: value.length };
  const secret = unquoted(value.slice(span.start, span.end));
  const isShort = secret.length < 3 || shannonEntropy(value, 0, value.length) <= minUserEntropy;
  return isShort || harmless.test(secret) || hasChar(blanks, secret.charCodeAt(0)) ? undefined : span;
}

function unquoted(text: string): string {
  return text.replaceAll(/^["']|["']$/g, '');
}

function headerSpan(value: string): Span | undefined {
  const secret = header.exec(value)?.[1];
  if (secret === undefined || shannonEntropy(secret, 0, secret.length) <= minHeaderEntropy) return undefined;
  return { start: value.length - secret.length, end: value.length };
}
