/** A set of characters: 128 flags for ASCII and one for all others. */
export type PatternChars = Uint8Array;

/** The syntax tree of a rule's pattern; a small part of regular expressions, enough for tokens. */
export type PatternNode =
  | { readonly kind: 'chars'; readonly set: PatternChars }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | {
      readonly kind: 'repeat';
      readonly item: PatternNode;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
      /** What it took it does not give back. */
      readonly possessive?: true;
    }
  | { readonly kind: 'secret'; readonly item: PatternNode }
  | { readonly kind: 'border'; readonly at: BorderKind };

/**
 * `word`: `\b`. `text-start`, `text-end`: `^`, `$`. `open`, `close`: `\<`, `\>`, no character of a token before or behind.
 * `value-end`: `\;`, what ends a value that was assigned.
 */
export type BorderKind = 'word' | 'text-start' | 'text-end' | 'open' | 'close' | 'value-end';

/** Index of the flag of characters that are not ASCII. */
export const otherChars = 128;
/** What `*`, `+` and `{n,}` end at. */
export const maxRepeat = 4096;

/** A pattern that is outside the syntax that is understood. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

interface Flags {
  ignoreCase: boolean;
  dotAll: boolean;
}

const quantifier = /\{(\d{1,4})(,(\d{0,4}))?\}|[*+?]/y;
const groupOpening = /\?(?:(:)|P?<[A-Za-z_]\w*>|(-?)([is])([:)]))/y;

/**
 * Reads a pattern in the syntax that Go and JavaScript share, `(?i)`, `(?i:…)` and possessive `+` included. `operator` is what `\=`
 * stands for where not the usual. Throws `PatternError`.
 */
export function parsePattern(source: string, operator?: PatternNode): PatternNode {
  return new PatternParser(source, operator).parse();
}

class PatternParser {
  readonly #source: string;
  readonly #operator: PatternNode | undefined;
  #at = 0;

  constructor(source: string, operator: PatternNode | undefined) {
    this.#source = source;
    this.#operator = operator;
  }

  parse(): PatternNode {
    const node = this.#choice({ ignoreCase: false, dotAll: false });
    if (this.#at < this.#source.length) throw this.#fault('an unmatched bracket');
    return node;
  }

  #fault(what: string): PatternError {
    return new PatternError(`expected a token pattern, got ${what} at ${this.#at} of ${this.#source.length}`);
  }

  #choice(flags: Flags): PatternNode {
    const options = [this.#sequence(flags)];
    while (this.#take('|')) options.push(this.#sequence(flags));
    return toChoice(options);
  }

  #sequence(flags: Flags): PatternNode {
    const items: PatternNode[] = [];
    while (this.#at < this.#source.length && !'|)'.includes(this.#source.charAt(this.#at))) {
      const item = this.#atom(flags);
      if (item !== undefined) items.push(this.#repeated(item));
    }
    const [only] = items;
    return only !== undefined && items.length === 1 ? only : { kind: 'sequence', items };
  }

  #repeated(item: PatternNode): PatternNode {
    const found = this.#match(quantifier);
    if (found === undefined) return item;
    const lazy = this.#take('?');
    const isPossessive = !lazy && this.#take('+');
    const { min, max } = toBounds(found);
    if (min > maxRepeat || max < min) throw this.#fault('a repetition without sense');
    return { kind: 'repeat', item, min, max, lazy, ...(isPossessive ? { possessive: true } : {}) };
  }

  #atom(flags: Flags): PatternNode | undefined {
    const char = this.#next();
    if (char === '(') return this.#group(flags);
    if (char === '[') return { kind: 'chars', set: this.#class(flags) };
    if (char === '^') return { kind: 'border', at: 'text-start' };
    if (char === '$') return { kind: 'border', at: 'text-end' };
    if (char === '.') return { kind: 'chars', set: flags.dotAll ? negate(emptyChars()) : negate(charsOf('\n')) };
    if (char === '\\') return this.#escape(flags);
    return { kind: 'chars', set: literal(char, flags) };
  }

  #escape(flags: Flags): PatternNode {
    const border = borders.get(this.#source.charAt(this.#at));
    if (this.#take('=')) return this.#operator ?? assignment();
    if (border !== undefined) {
      this.#at += 1;
      return { kind: 'border', at: border };
    }
    return { kind: 'chars', set: this.#escaped(flags) };
  }

  #escaped(flags: Flags): PatternChars {
    const char = this.#next();
    const named = escapes.get(char);
    if (named !== undefined) return named;
    if (char !== 'x') return literal(char, flags);
    const code = Number.parseInt(this.#source.slice(this.#at, this.#at + 2), 16);
    this.#at += 2;
    return literal(String.fromCharCode(code), flags);
  }

  #group(flags: Flags): PatternNode | undefined {
    const found = this.#match(groupOpening);
    if (found === undefined) return this.#closed({ ...flags }, true);
    const [, plain, minus, letter, ending] = found;
    if (letter === undefined) return this.#closed({ ...flags }, plain === undefined);
    const changed = letter === 'i' ? { ignoreCase: minus !== '-' } : { dotAll: minus !== '-' };
    if (ending === ':') return this.#closed({ ...flags, ...changed }, false);
    Object.assign(flags, changed);
    return undefined;
  }

  #closed(flags: Flags, isSecret: boolean): PatternNode {
    const item = this.#choice(flags);
    if (!this.#take(')')) throw this.#fault('a group without an end');
    return isSecret ? { kind: 'secret', item } : item;
  }

  #class(flags: Flags): PatternChars {
    const isNegated = this.#take('^');
    const set = emptyChars();
    let isFirst = true;
    while (isFirst || this.#source.charAt(this.#at) !== ']') {
      if (this.#at >= this.#source.length) throw this.#fault('a class without an end');
      isFirst = false;
      this.#classPart(set, flags);
    }
    this.#at += 1;
    return isNegated ? negate(set) : set;
  }

  #classPart(set: PatternChars, flags: Flags): void {
    const posix = this.#match(/\[:([a-z]+):\]/y)?.[1];
    if (posix !== undefined) {
      addAll(set, posixClasses.get(posix) ?? emptyChars());
      return;
    }
    const first = this.#classChar(flags);
    const range = first.code === undefined ? undefined : this.#rangeEnd(flags);
    if (first.code === undefined || range === undefined) addAll(set, first.set);
    else for (let code = first.code; code <= range; code += 1) addAll(set, literal(String.fromCharCode(code), flags));
  }

  /** One character of a class, with its code, or an escape that stands for several. */
  #classChar(flags: Flags): { readonly set: PatternChars; readonly code: number | undefined } {
    const char = this.#next();
    if (char !== '\\') return { set: literal(char, flags), code: char.charCodeAt(0) };
    const set = this.#escaped(flags);
    const code = set.indexOf(1);
    return { set, code: set.includes(1, code + 1) ? undefined : code };
  }

  #rangeEnd(flags: Flags): number | undefined {
    if (this.#source.charAt(this.#at) !== '-' || this.#source.charAt(this.#at + 1) === ']') return undefined;
    this.#at += 1;
    return this.#classChar(flags).code;
  }

  #next(): string {
    const char = this.#source.charAt(this.#at);
    if (char === '') throw this.#fault('its end');
    this.#at += 1;
    return char;
  }

  #take(char: string): boolean {
    if (this.#source.charAt(this.#at) !== char) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }
}

function toBounds(found: RegExpExecArray): { min: number; max: number } {
  const [all, low, comma, high] = found;
  if (all === '*') return { min: 0, max: maxRepeat };
  if (all === '+') return { min: 1, max: maxRepeat };
  if (all === '?') return { min: 0, max: 1 };
  const min = Number(low);
  if (comma === undefined) return { min, max: min };
  return { min, max: high === undefined || high === '' ? maxRepeat : Number(high) };
}

function toChoice(options: readonly PatternNode[]): PatternNode {
  const [only] = options;
  if (only !== undefined && options.length === 1) return only;
  const sets = options.flatMap((option) => (option.kind === 'chars' ? [option.set] : []));
  if (sets.length < options.length) return { kind: 'choice', options };
  const set = emptyChars();
  for (const other of sets) addAll(set, other);
  return { kind: 'chars', set };
}

export function emptyChars(): PatternChars {
  return new Uint8Array(otherChars + 1);
}

/** Characters as `literal` of each. */
function charsOf(chars: string): PatternChars {
  const set = emptyChars();
  for (let i = 0; i < chars.length; i += 1) set[Math.min(chars.charCodeAt(i), otherChars)] = 1;
  return set;
}

function literal(char: string, { ignoreCase }: Flags): PatternChars {
  return charsOf(ignoreCase ? char.toLowerCase() + char.toUpperCase() : char);
}

function negate(set: PatternChars): PatternChars {
  return set.map((flag) => 1 - flag);
}

function addAll(set: PatternChars, other: PatternChars): void {
  for (let i = 0; i < set.length; i += 1) if (other[i] === 1) set[i] = 1;
}

const lower = 'abcdefghijklmnopqrstuvwxyz';
const decimal = charsOf('0123456789');
const wordLike = charsOf(`${lower}${lower.toUpperCase()}0123456789_`);
const blank = charsOf(' \t\n\r\f\v');
const borders: ReadonlyMap<string, BorderKind> = new Map([
  ['b', 'word'],
  ['z', 'text-end'],
  ['<', 'open'],
  ['>', 'close'],
  [';', 'value-end'],
]);
const escapes: ReadonlyMap<string, PatternChars> = new Map([
  ['d', decimal],
  ['w', wordLike],
  ['s', blank],
  ['D', negate(decimal)],
  ['W', negate(wordLike)],
  ['S', negate(blank)],
  ['n', charsOf('\n')],
  ['r', charsOf('\r')],
  ['t', charsOf('\t')],
]);
const posixClasses: ReadonlyMap<string, PatternChars> = new Map([
  ['alnum', charsOf(`${lower}${lower.toUpperCase()}0123456789`)],
  ['alpha', charsOf(`${lower}${lower.toUpperCase()}`)],
  ['digit', decimal],
  ['lower', charsOf(lower)],
  ['upper', charsOf(lower.toUpperCase())],
]);

/**
 * `\=` between the name of something and its value: what else the name says, quotes, an operator, quotes. Written out
 * once, since most rules have it. No operator begins with what stands before it, so nothing need be given back.
 */
const assignmentSource = String.raw`[ \t\w.-]{0,20}+[\s'"\\\]]{0,4}+(?:=>|\|\||\?=|:{1,3}=|[=>:,])[\x60'"\s=\\]{0,6}`;
let parsedAssignment: PatternNode | undefined;

function assignment(): PatternNode {
  parsedAssignment ??= parsePattern(assignmentSource);
  return parsedAssignment;
}
