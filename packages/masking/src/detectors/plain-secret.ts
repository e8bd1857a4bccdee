import type { ValueFacts } from './value-facts.ts';

/**
 * Values that need no weighing: what stands in plain configuration under a secret's name, however much it looks like a
 * word. Learnt weights cannot tell, since labelled data has random letters where people had words.
 */
export function isPlainSecret(facts: ValueFacts): boolean {
  const { shape, value } = facts;
  if (shape.class.rule === 'custom-key') return !isReference(value);
  if (shape.class.strength !== 'slight' && (isLongRandom(facts) || holdsRandomRun(facts))) return true;
  if (shape.class.strength !== 'strong' || isReference(value) || isStock(facts)) return false;
  return isHeader(facts) || isConfiguration(facts);
}

function isConfiguration(facts: ValueFacts): boolean {
  return isEnvironmentLine(facts) || isInConnectionString(facts) || isConfigured(facts) || isComplex(facts);
}

/** `Cookie: a=b; c=d` and `Authorization: …` as lines of their own. */
function isHeader({ shape, value }: ValueFacts): boolean {
  if (shape.quoted || shape.operator !== 'colon' || shape.isQuotedName) return false;
  if (shape.class.rule === 'cookie') return value.includes('=');
  return shape.class.rule === 'authorization' && /^[A-Za-z][\w-]* [\w.~+/=-]{8,}$/.test(value);
}

/** `DB_PASSWORD=…`: what follows is the value itself. */
function isEnvironmentLine({ shape }: ValueFacts): boolean {
  const { operator, tight, quoted, name } = shape;
  return operator === 'equals' && tight && !quoted && /^[A-Z][A-Z0-9_]*$/.test(name);
}

/** `Server=…;Password=…;`: what stands between semicolons is configuration, not code. */
function isInConnectionString({ shape }: ValueFacts): boolean {
  const { operator, tight, quoted, text, nameStart } = shape;
  return operator === 'equals' && tight && !quoted && /;\s?$/.test(text.slice(Math.max(0, nameStart - 2), nameStart));
}

/** `password: hunter2`, `--password hunter2`, `?token=a1b2c3`: letters and digits that are no name of anything. */
function isConfigured({ shape, value, digits, uppers, lowers }: ValueFacts): boolean {
  if (digits === 0 || uppers + lowers === 0 || value.length < 6 || !/^[\w!@#%^*+~.-]+$/.test(value)) return false;
  if (shape.quoted) return shape.isQuotedName && shape.operator === 'colon';
  return shape.operator !== 'equals' || shape.tight;
}

/** Words that stand for a secret in examples, and what programs call theirs. */
const stock =
  /pass|pwd|secret|token|key|user|admin|test|example|sample|dummy|fake|mock|demo|foo|bar|your|my|random|redact|remov|hidden|mask|letmein|qwerty|auth|login|name|value|string|none|null|true|false|default|change|sha|md5|rsa|aes|utf|bcrypt|argon|hmac|oauth|http|x{3}|v\d|\d{4}-\d\d/i;

function isStock({ value, shape, digits, distinct }: ValueFacts): boolean {
  if (stock.test(value) || distinct <= 2) return true;
  return digits === value.length || value.length < 4 || shape.wrapped;
}

/** Code that computes the value: a call, an index, a member, a path, another variable. */
function isReference(value: string): boolean {
  return (
    /[([{<$%`\\#]/.test(value) ||
    value.includes('->') ||
    value.includes('/') ||
    /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/.test(value) ||
    /^[&*]?[A-Za-z]+[<:]/.test(value) ||
    /^[A-Z]+(?:_[A-Z0-9]+)+$/.test(value)
  );
}

/** What password rules ask for: both cases, a digit and a special character. */
function isComplex({ shape, value, digits, uppers, lowers, specials }: ValueFacts): boolean {
  if (shape.class.rule !== 'password' || value.length < 8 || value.length > 40 || /[\s/=,;:"'<>.]/.test(value))
    return false;
  return digits > 0 && uppers > 0 && lowers > 0 && specials > 0 && !/[_-]/.test(value);
}

/** A value of several parts, one of which is random: JSON in a string, `s%3A…`, `id:…`. */
function holdsRandomRun({ value, words, shape }: ValueFacts): boolean {
  const run = /[A-Za-z0-9]{20,}/.exec(value)?.[0];
  if (run === undefined || words.bits > -8 || value.startsWith('/') || /^[a-z]+:\/\//i.test(value)) return false;
  return shape.quoted && new Set(run).size >= 8 && run.replaceAll(/\D/g, '').length >= 4;
}

/** Sixteen characters or more that nobody would have named anything. */
function isLongRandom({ value, digits, uppers, lowers, words }: ValueFacts): boolean {
  if (value.length < 16 || digits < 3 || uppers + lowers === 0 || !/^[\w+=.~-][\w+/=.~-]+$/.test(value)) return false;
  return words.bits < -2 && /^[0-9a-f]+$|[g-z]/i.test(value);
}
