import { collapse, isHarmlessName, type KeyMatcher } from './key-matcher.ts';

/**
 * What the name of a value in free text says. `strong`: a secret's name (`DB_PASSWORD`). `loose`: it holds such a name
 * (`PASSWORD_VALUE`, `testPasswordOld`). `slight`: often no secret (`key`, `auth`): only the value can tell.
 */
export interface NameClass {
  readonly rule: string;
  readonly strength: 'strong' | 'loose' | 'slight';
}

/** The rule of values whose names alone say little. */
export const slightRule = 'keyed-value';

/** Lower-case pieces of slight names, besides the keywords of `keyRules`. */
export const slightKeywords: readonly string[] = ['key', 'auth', 'signature', 'verifier', 'seed', 'otp', 'sid'];

const looseWords: ReadonlyMap<string, string> = new Map([
  ['password', 'password'],
  ['passwords', 'password'],
  ['passwd', 'password'],
  ['pass', 'password'],
  ['pwd', 'password'],
  ['pw', 'password'],
  ['passphrase', 'password'],
  ['secret', 'secret'],
  ['secrets', 'secret'],
  ['token', 'token'],
  ['tokens', 'token'],
  ['jwt', 'token'],
  ['credential', 'credential'],
  ['credentials', 'credential'],
  ['apikey', 'api-key'],
]);
const slightWords: ReadonlySet<string> = new Set(
  'key keys auth signature sig verifier seed otp totp sid nkey hmac oauth authorization code'.split(' '),
);
const joined = /password|passwd|passphrase|secret|token|credential|apikey/;
const slightEnd = /(?:key|auth|seed|signature|verifier)$/;
/** What a name ends in where its value only describes a secret. */
const describes =
  /^(?:id|ids|name|names|file|files|path|dir|folder|url|uri|endpoint|host|type|types|length|len|size|count|limit|max|min|field|column|label|title|policy|version|algorithm|alg|expiry|expires|expiration|ttl|timeout|format|prefix|suffix|pattern|regex|class|handler|provider|manager|service|store|factory|builder|callback|error|message|msg|required|enabled|disabled|valid|invalid|index|usage|location|kind|status|state|mode|validity|seconds|minutes|hours|days|ttl|removed|hint|help|text|description)$/;

const describesJoined =
  /(?:name|file|path|dir|url|uri|type|length|size|field|policy|format|hint|label|text|list|provider|manager|service|store|handler|error|message)$/;

export type NameClassifier = (name: string) => NameClass | undefined;

const maxCached = 4096;

/** Classifies names found in free text by their last word, then by any of their words; keeps what it has seen, bounded. */
export function createNameClassifier(keys: KeyMatcher): NameClassifier {
  const seen = new Map<string, NameClass | null>();
  return (name) => {
    const known = seen.get(name);
    if (known !== undefined) return known ?? undefined;
    if (seen.size >= maxCached) seen.clear();
    const found = classifyName(keys, name);
    seen.set(name, found ?? null);
    return found;
  };
}

function classifyName(keys: KeyMatcher, name: string): NameClass | undefined {
  const key = keys.classify(name);
  if (key !== undefined) return { rule: key.rule, strength: 'strong' };
  if (isHarmlessName(collapse(name).replace(/s$/, ''))) return undefined;
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  const loose = describes.test(last) ? undefined : looseRule(words, last);
  if (loose !== undefined) return { rule: loose, strength: 'loose' };
  return slightWords.has(last) || slightEnd.test(last) ? { rule: slightRule, strength: 'slight' } : undefined;
}

function looseRule(words: readonly string[], last: string): string | undefined {
  const rule = words.map((word) => looseWords.get(word)).find((found) => found !== undefined);
  if (rule !== undefined) return rule;
  const part = describesJoined.test(last) ? undefined : joined.exec(words.join(''))?.[0];
  return part === undefined ? undefined : looseWords.get(part);
}

function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replaceAll(/\d+/g, ' ')
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
}
