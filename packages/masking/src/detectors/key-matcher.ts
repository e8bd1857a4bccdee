import { harmlessSuffixes, keyRules } from './key-names.ts';

/** What a key's value is: a rule's id, or nothing. `plural` names hold several (`api_keys`) or a count (`max_tokens`). */
export interface KeyClass {
  readonly rule: string;
  readonly plural: boolean;
}

export interface KeyMatcher {
  readonly classify: (key: string) => KeyClass | undefined;
}

/** What a name ends in decides, so the end is enough; the quick look at escaped text relies on it. */
const judgedLength = 64;
const maxCachedLength = 128;
const maxCached = 4096;
/** A masked name is judged by what is left of it. */
const maskTokens = /\[REDACTED:[a-z0-9~-]+(?::[A-Za-z0-9]+)?\]/g;

/** Classifies names of keys; keeps what it has seen, bounded, since names repeat. `customKeys` match as whole names. */
export function createKeyMatcher(off: ReadonlySet<string>, customKeys: readonly string[]): KeyMatcher {
  const rules = keyRules.filter((rule) => !off.has(rule.id));
  const custom = new Set(customKeys.map(collapse));
  const seen = new Map<string, KeyClass | null>();
  const lookUp = (raw: string): KeyClass | null => {
    const key = raw.replaceAll(maskTokens, ' ').slice(-judgedLength);
    const name = collapse(key);
    if (custom.has(name)) return { rule: 'custom-key', plural: false };
    const plural = name.endsWith('s') && !name.endsWith('pass');
    const singular = plural ? name.slice(0, -1) : name;
    if (isHarmlessName(singular)) return null;
    const word = lastWord(key);
    const rule = rules.find(
      ({ suffixes, words }) => suffixes.some((suffix) => singular.endsWith(suffix)) || words.includes(word),
    );
    return rule === undefined ? null : { rule: rule.id, plural };
  };
  return {
    classify: (key) => {
      if (key.length > maxCachedLength) return lookUp(key) ?? undefined;
      const known = seen.get(key);
      if (known !== undefined) return known ?? undefined;
      if (seen.size >= maxCached) seen.clear();
      const found = lookUp(key);
      seen.set(key, found);
      return found ?? undefined;
    },
  };
}

/** Pagination and its kind; `name` as `collapse` gives it. */
export function isHarmlessName(name: string): boolean {
  return harmlessSuffixes.some((suffix) => name.endsWith(suffix));
}

/** Letters and digits in lower case, without a trailing number: `API_KEY_2` is `apikey`. */
export function collapse(key: string): string {
  return key
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '')
    .replace(/\d{1,4}$/, '');
}

/** `dbPwd`, `DB_PWD`, `db-pwd`, `PWD2` all end in the word `pwd`. */
function lastWord(key: string): string {
  const trimmed = key.slice(-64).replace(/[^A-Za-z]+$/, '');
  const word = /[A-Z]?[a-z]+$|[A-Z]+$/.exec(trimmed)?.[0] ?? '';
  return word.toLowerCase();
}
