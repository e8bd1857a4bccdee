import { containsAny, digits, lowerCase, upperCase } from './char-set.ts';
import { isPlaceholder } from './placeholder.ts';

/** A value in free text and how it stands there. */
export interface ValueShape {
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
  readonly operator: 'equals' | 'colon' | 'tag' | 'flag';
  /** No blanks around the operator. */
  readonly tight: boolean;
  readonly isQuotedName: boolean;
  readonly rule: string;
  readonly name: string;
}

const maxJudged = 256;

/** Words that stand after a key in schemas, code and prose. */
const plainWords: ReadonlySet<string> = new Set(
  (
    'string str text bool boolean int integer number float object array list dict map any bytes buffer uuid date null nil none ' +
    'undefined true false yes no on off required optional default empty void char varchar self this new await return function ' +
    'password passwd pass secret token key value user username name basic bearer digest cookie authorization credentials invalid ' +
    'missing expired hidden unknown redacted masked removed wrong incorrect input type example changeme'
  ).split(' '),
);

/** Decides whether what is assigned to a secret's name in free text is itself secret. Reads at most `maxJudged` characters. */
export function isSecretValue(text: string, shape: ValueShape): boolean {
  if (shape.end - shape.start > maxJudged) return true;
  const value = text.slice(shape.start, shape.end);
  if (isPlaceholder(text, shape.start, shape.end) || isExample(value)) return false;
  if (shape.rule === 'cookie' && shape.operator === 'colon' && value.includes('=')) return true;
  if (isEnvironmentLine(shape)) return !isReference(value);
  if (shape.operator === 'tag') return !value.includes(' ');
  return shape.quoted ? isQuotedSecret(value, shape) : isBareSecret(value, shape);
}

/** `DB_PASSWORD=…`: what follows is the value itself, however plain. */
function isEnvironmentLine({ operator, tight, quoted, name }: ValueShape): boolean {
  return operator === 'equals' && tight && !quoted && /^[A-Z][A-Z0-9_]*$/.test(name);
}

function isQuotedSecret(value: string, shape: ValueShape): boolean {
  if (value.length < 3) return false;
  if (value.includes(' ')) return hasDigit(value) && value.split(' ').length < 4;
  if (shape.isQuotedName) return true;
  return !/^[a-z]+(?:[-_.][a-z]+)+$/.test(value) || value.length > 24;
}

function isBareSecret(value: string, shape: ValueShape): boolean {
  if (value.length < 4 || isReference(value)) return false;
  if (hasDigit(value) || /[!@#%^*+~$]/.test(value)) return true;
  if (/^[A-Za-z][a-z]*$/.test(value)) return shape.operator === 'flag' || (shape.tight && shape.name.includes('_'));
  return (
    value.length >= 16 &&
    containsAny(upperCase, value, 1, value.length) &&
    containsAny(lowerCase, value, 0, value.length)
  );
}

/** What documentation and translations put there: `your-token`, `xxxx-xxxx`, `Bearer ${TOKEN}`, a word of another script. */
function isExample(value: string): boolean {
  if (plainWords.has(value.toLowerCase()) || /\byour|\$\{|\{\{|^[xX*.-]+$/i.test(value)) return true;
  return /[\u0080-\uffff]/.test(value) && !hasDigit(value);
}

function hasDigit(value: string): boolean {
  return containsAny(digits, value, 0, value.length);
}

/** Code that computes the value: a call, an index, a member, a path. */
function isReference(value: string): boolean {
  return (
    /[([{]/.test(value) ||
    value.includes('->') ||
    /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/.test(value) ||
    /^[&*]?[A-Za-z]+[<:]/.test(value)
  );
}
