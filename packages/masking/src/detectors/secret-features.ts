import type { ValueFacts } from './value-facts.ts';

/** One thing that a judge weighs: a number of about -1 to 3; true is 1. Deterministic, and true of any language or project. */
export interface Feature {
  readonly name: string;
  readonly of: (facts: ValueFacts) => number | boolean;
}

/** What people write where no secret is. */
const stockWords =
  /pass|pwd|secret|token|api|key|user|admin|test|example|sample|dummy|fake|mock|demo|foo|bar|baz|your|my|some|any|new|old|wrong|bad|invalid|valid|default|change|insert|enter|here|value|string|null|none|true|false|redact|remov|hidden|mask|random|letmein|qwerty|abc|auth|login|private|public|client|server|name|code|cred|hash/;
const placeholder =
  /\byour|\$\{|\{\{|<[^>]*>|^[xX*.#?-]+$|\.{3}|…|xxx|\*{3}|changeme|replace|^\[.*\]$|%[sdv@]|^%.*%$|__+/i;
const describesName =
  /label|title|tooltip|hint|message|error|placeholder|invalid|forgot|mandatory|wrong|repeat|confirm|help|text|desc/i;
/** Keys that lead to something instead of locking it. */
const otherKeys =
  /(?:public|pub|encrypted|wrapped|primary|foreign|partition|sort|cache|object|map|row|dict|json|hash|range|route|routing|lookup|group|index|unique|column|hot|short|arrow|modifier|function|sub|parent|store|storage|header|param|query|config|env|i18n|lang|locale|data|item|event|message|state|x|new|kdf|any|ca|cert|host)[-_.]?keys?\d*$/i;
const testName = /test|mock|fake|dummy|example|expected|sample/i;

const length = ({ value }: ValueFacts): number => value.length;
const isIn =
  (low: number, high: number) =>
  (facts: ValueFacts): boolean =>
    length(facts) >= low && length(facts) <= high;
const matches =
  (pattern: RegExp) =>
  ({ value }: ValueFacts): boolean =>
    pattern.test(value);
const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));
const isStrong = ({ shape }: ValueFacts): boolean => shape.class.strength === 'strong';
const isPassword = ({ shape }: ValueFacts): boolean =>
  shape.class.rule === 'password' || shape.class.rule === 'url-password';

const nameFeatures: readonly Feature[] = [
  { name: 'name loose', of: ({ shape }) => shape.class.strength === 'loose' },
  { name: 'name slight', of: ({ shape }) => shape.class.strength === 'slight' },
  ...['password', 'secret', 'token', 'api-key', 'private-key', 'authorization', 'credential', 'url-password'].map(
    (rule): Feature => ({ name: `rule ${rule}`, of: ({ shape }) => shape.class.rule === rule }),
  ),
  { name: 'name ends in key', of: ({ shape }) => shape.class.strength === 'slight' && /keys?\d*$/i.test(shape.name) },
  {
    name: 'name ends in auth',
    of: ({ shape }) => shape.class.strength === 'slight' && /auth(?:orization)?\d*$/i.test(shape.name),
  },
  { name: 'name of a proof', of: ({ shape }) => /(?:signature|sig|verifier|digest|hmac)\d*$/i.test(shape.name) },
  { name: 'name of another key', of: ({ shape }) => otherKeys.test(shape.name) },
  { name: 'name is plural', of: ({ shape }) => /[^s]s$/i.test(shape.name) },
  { name: 'name of a hash', of: ({ shape }) => /hash|digest|encrypted|cipher/i.test(shape.name) },
  { name: 'name in capitals', of: ({ shape }) => /^[A-Z][A-Z0-9_]*$/.test(shape.name) },
  { name: 'name describes', of: ({ shape }) => describesName.test(shape.name) },
  { name: 'name of a test', of: ({ shape }) => testName.test(shape.name) },
  { name: 'name quoted', of: ({ shape }) => shape.isQuotedName },
];

const placeFeatures: readonly Feature[] = [
  ...(
    ['equals', 'compare', 'tag', 'flag', 'call', 'comma', 'default', 'sibling', 'prose', 'url', 'command'] as const
  ).map((operator): Feature => ({ name: `operator ${operator}`, of: ({ shape }) => shape.operator === operator })),
  { name: 'tight', of: ({ shape }) => shape.tight },
  { name: 'quoted', of: ({ shape }) => shape.quoted },
  { name: 'wrapped', of: ({ shape }) => shape.wrapped },
  { name: 'bare equals with blanks', of: ({ shape }) => !shape.quoted && shape.operator === 'equals' && !shape.tight },
  { name: 'bare colon', of: ({ shape }) => !shape.quoted && shape.operator === 'colon' },
  {
    name: 'environment line',
    of: ({ shape }) =>
      !shape.quoted && shape.operator === 'equals' && shape.tight && /^[A-Z][A-Z0-9_]*$/.test(shape.name),
  },
  { name: 'followed by call', of: ({ after, shape }) => !shape.quoted && /^\s{0,2}[(.]/.test(after) },
  { name: 'followed by more', of: ({ after, shape }) => !shape.quoted && /^[ \t]+\S/.test(after) },
  { name: 'followed by concatenation', of: ({ after }) => /^["'`]\s*(?:\+|%|\.\s*format|\.\s*[a-z]+\()/.test(after) },
];

const shapeFeatures: readonly Feature[] = [
  { name: 'length to 3', of: isIn(0, 3) },
  { name: 'length 4 to 5', of: isIn(4, 5) },
  { name: 'length 6 to 7', of: isIn(6, 7) },
  { name: 'length 8 to 11', of: isIn(8, 11) },
  { name: 'length 16 to 23', of: isIn(16, 23) },
  { name: 'length 24 to 39', of: isIn(24, 39) },
  { name: 'length 40 to 79', of: isIn(40, 79) },
  { name: 'length from 80', of: isIn(80, 1e6) },
  { name: 'digits share', of: (facts) => facts.digits / (length(facts) || 1) },
  { name: 'has digits', of: ({ digits }) => digits > 0 },
  { name: 'many digits', of: ({ digits }) => digits >= 4 },
  { name: 'many digits only', of: matches(/^\d{10,}$/) },
  { name: 'only digits', of: matches(/^[\d.,_-]+$/) },
  { name: 'digits at the end only', of: matches(/^\D+\d{1,4}$/) },
  { name: 'upper and lower', of: ({ uppers, lowers }) => uppers > 0 && lowers > 0 },
  { name: 'upper, lower, digit', of: ({ uppers, lowers, digits }) => uppers > 0 && lowers > 0 && digits > 0 },
  { name: 'only upper', of: matches(/^[A-Z]+$/) },
  { name: 'only lower', of: matches(/^[a-z]+$/) },
  { name: 'specials share', of: (facts) => facts.specials / (length(facts) || 1) },
  { name: 'password specials', of: matches(/[!@#$%^&*~?+](?![{(])/) },
  { name: 'distinct share', of: (facts) => facts.distinct / (Math.min(length(facts), 24) || 1) },
  { name: 'few distinct', of: (facts) => facts.distinct <= 3 },
  { name: 'hex of 16 or more', of: matches(/^(?=.*\d)(?=.*[a-f])[0-9a-f]{16,}$/i) },
  { name: 'base64 of 16 or more', of: matches(/^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+/_-]{16,}={0,2}$/) },
  { name: 'uuid', of: matches(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i) },
];

const wordFeatures: readonly Feature[] = [
  { name: 'word bits', of: ({ words }) => clamp(words.bits / 16, -3, 3) },
  {
    name: 'word bits per letter',
    of: ({ words }) => (words.letters < 3 ? 0 : clamp(words.bits / words.letters, -3, 2.5)),
  },
  { name: 'unlike words', of: ({ words }) => words.bits < -6 },
  { name: 'much unlike words', of: ({ words }) => words.bits < -15 },
  { name: 'like words', of: ({ words }) => words.bits > 4 },
  { name: 'worst word', of: ({ words }) => clamp(words.worst / 10, -3, 0) },
  { name: 'best word', of: ({ words }) => clamp(words.best / 10, 0, 3) },
  { name: 'hardly a letter', of: ({ words }) => words.letters < 3 },
  { name: 'stock word', of: ({ lower }) => stockWords.test(lower) },
  { name: 'placeholder', of: matches(placeholder) },
  {
    name: 'says its name',
    of: ({ lower, shape }) =>
      lower.length > 2 && (shape.name.toLowerCase().includes(lower) || lower.includes(shape.name.toLowerCase())),
  },
  { name: 'sequence', of: matches(/(?:012|123|234|345|456|567|678|789|abc|bcd|cde|def|987|876|765|654|qwe)/i) },
  { name: 'repeats', of: matches(/(.)\1{3}|^(.{1,3})\2{2,}$/) },
];

const codeFeatures: readonly Feature[] = [
  { name: 'dotted name', of: matches(/^[A-Za-z_$][\w$]*(?:(?:\?|!!)?\.[A-Za-z_$][\w$]*)+$/) },
  { name: 'brackets', of: matches(/[([{]/) },
  { name: 'arrow or scope', of: matches(/->|::|^[&*]?[A-Za-z]+[<:]/) },
  { name: 'snake case', of: matches(/^[a-z]+(?:_[a-z]+)+$/) },
  { name: 'kebab case', of: matches(/^[a-z]+(?:-[a-z]+)+$/) },
  { name: 'capitals with underscores', of: matches(/^[A-Z]+(?:_[A-Z0-9]+)+$/) },
  { name: 'camel case', of: matches(/^[a-z]+(?:[A-Z][a-z]+)+$/) },
  { name: 'pascal case', of: matches(/^(?:[A-Z][a-z]+){1,}$/) },
  { name: 'path', of: matches(/^(?:~|\.{0,2})\/|\w\/\w+\/|^[A-Z]:\\|\\\w+\\/) },
  {
    name: 'file',
    of: matches(
      /\.(?:pem|key|crt|cert|json|ya?ml|txt|xml|py|sh|rb|go|js|ts|html?|conf|cfg|ini|env|properties|sql|creds|p12|jks)$/i,
    ),
  },
  { name: 'address', of: matches(/^[a-z][a-z0-9+.-]*:\/\//i) },
  { name: 'dollar', of: matches(/^\$[A-Za-z_({]|^%[A-Z_]+%?$/) },
  { name: 'dash first', of: matches(/^-/) },
  { name: 'one blank', of: matches(/^\S+ \S+$/) },
  { name: 'blanks', of: matches(/\s\S+\s/) },
  { name: 'not ascii', of: matches(/[\u0080-\uffff]/) },
  { name: 'not ascii, no digits', of: ({ value, digits }) => digits === 0 && /[\u0080-\uffff]/.test(value) },
  {
    name: 'message',
    of: ({ shape, value }) =>
      shape.isQuotedName &&
      /^[A-Z][A-Z0-9_]*$/.test(shape.name) &&
      (/\s/.test(value) || /^[A-Z\u00c0-\u024f][a-z\u00c0-\u024f]+$/.test(value)),
  },
  { name: 'escape', of: matches(/\\[nrtux0]/) },
  { name: 'hash scheme', of: matches(/^\$\w+\$|^\{[A-Z0-9]+\}/) },
];

const crossFeatures: readonly Feature[] = [
  { name: 'strong and unlike words', of: (facts) => isStrong(facts) && facts.words.bits < -6 },
  { name: 'slight and unlike words', of: (facts) => facts.shape.class.strength === 'slight' && facts.words.bits < -15 },
  {
    name: 'slight and long random',
    of: (facts) =>
      facts.shape.class.strength === 'slight' && facts.digits >= 3 && length(facts) >= 16 && facts.words.bits < 0,
  },
  { name: 'password with digits', of: (facts) => isPassword(facts) && facts.digits > 0 },
  { name: 'password with specials', of: (facts) => isPassword(facts) && /[!@#$%^&*~?+]/.test(facts.value) },
  { name: 'bare and like words', of: (facts) => !facts.shape.quoted && facts.words.bits > 4 },
  { name: 'bare and unlike words', of: (facts) => !facts.shape.quoted && facts.words.bits < -6 },
  { name: 'quoted and like words', of: (facts) => facts.shape.quoted && facts.words.bits > 4 },
  { name: 'slight flag', of: ({ shape }) => shape.class.strength === 'slight' && shape.operator === 'flag' },
  {
    name: 'hex and not slight',
    of: ({ shape, value }) => shape.class.strength !== 'slight' && /^(?=.*\d)(?=.*[a-f])[0-9a-f]{12,}$/i.test(value),
  },
  { name: 'short and hardly random', of: (facts) => length(facts) < 6 && facts.words.bits > -6 },
];

/** In the order of the weights. */
export const features: readonly Feature[] = [
  ...nameFeatures,
  ...placeFeatures,
  ...shapeFeatures,
  ...wordFeatures,
  ...codeFeatures,
  ...crossFeatures,
];
