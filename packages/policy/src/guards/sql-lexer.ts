/** Words, strings and signs of a SQL text, without its comments, as one dialect reads them. */
import type { LexicalTraits } from './sql-dialect.ts';

export type SqlTokenKind = 'word' | 'quoted' | 'string' | 'number' | 'variable' | 'sign';

export interface SqlToken {
  readonly kind: SqlTokenKind;
  /** Words in upper case; quoted names and strings without their quotes; signs as they stand. */
  readonly text: string;
  /** Parentheses around it. */
  readonly depth: number;
}

export interface SqlTokens {
  readonly tokens: readonly SqlToken[];
  /** False: a string or comment does not end, so this dialect refuses the rest of the text. */
  readonly isWhole: boolean;
  /** A sign that no SQL has, or a space that is none. */
  readonly isStrange: boolean;
}

const spaces = /\s+/y;
const word = /[A-Za-z_#$\u0080-\uffff][\w#$\u0080-\uffff]*/y;
const plainWord = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const number = /0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const variable = /@@?[\w$.#]+|[:$](?=\w)\w+|\?\d*|%\(?\w*\)?s\b/y;
const sign = /<=>|<=|>=|<>|!=|==|\|\||&&|::|:=|->>|->|[-+*/%=<>!~^&|(),.;:[\]{}@]/y;
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;

/** Reads a text; linear in its length. */
export function lexSql(text: string, traits: LexicalTraits): SqlTokens {
  return new Lexer(traits.executableComments ? expandExecutableComments(text, traits) : text, traits).read();
}

class Lexer {
  readonly #text: string;
  readonly #traits: LexicalTraits;
  readonly #tokens: SqlToken[] = [];
  #at = 0;
  #depth = 0;
  #isWhole = true;
  #isStrange = false;

  constructor(text: string, traits: LexicalTraits) {
    this.#text = text;
    this.#traits = traits;
  }

  read(): SqlTokens {
    while (this.#at < this.#text.length && this.#isWhole) {
      if (this.#skip(spaces) || this.#skipComment() || this.#readQuoted() || this.#readPlain()) continue;
      this.#isStrange = true;
      this.#at += 1;
    }
    return { tokens: this.#tokens, isWhole: this.#isWhole, isStrange: this.#isStrange };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }

  #skip(pattern: RegExp): boolean {
    const found = this.#match(pattern);
    if (found === undefined) return false;
    this.#at += found.length;
    return true;
  }

  #skipComment(): boolean {
    const text = this.#text;
    if (text.startsWith('/*', this.#at)) {
      const end = endOfComment(text, this.#at, this.#traits.nestedComments);
      this.#isWhole &&= end !== undefined;
      this.#at = end ?? text.length;
      return true;
    }
    if (!this.#isLineComment(this.#at)) return false;
    const end = text.indexOf('\n', this.#at);
    this.#at = end === -1 ? text.length : end + 1;
    return true;
  }

  #isLineComment(at: number): boolean {
    const { hashComments, slashComments } = this.#traits;
    if (this.#text.startsWith('--', at)) return this.#isDashComment(at);
    return (hashComments && this.#text[at] === '#') || (slashComments && this.#text.startsWith('//', at));
  }

  #isDashComment(at: number): boolean {
    const after = this.#text[at + 2];
    return !this.#traits.spacedDashes || after === undefined || after <= ' ';
  }

  #readQuoted(): boolean {
    const { backticks, brackets, dollarQuotes } = this.#traits;
    const first = this.#text[this.#at];
    if (first === "'" || first === '"') return this.#takeString(first);
    if (first === '`' && backticks) return this.#take('`', '`', 'quoted');
    if (first === '[' && brackets) return this.#take('[', ']', 'quoted');
    const tag = first === '$' && dollarQuotes ? this.#match(dollarTag) : undefined;
    return tag === undefined ? false : this.#take(tag, tag, 'string');
  }

  #takeString(quote: string): boolean {
    const triple = quote.repeat(3);
    const isTriple = this.#traits.tripleQuotes && this.#text.startsWith(triple, this.#at);
    if (isTriple) return this.#take(triple, triple, 'string');
    return this.#take(quote, quote, quote === "'" || this.#traits.doubleQuotedStrings ? 'string' : 'quoted');
  }

  /** A doubled closing quote stands for itself. */
  #take(open: string, close: string, kind: SqlTokenKind): boolean {
    const text = this.#text;
    const hasEscapes = this.#traits.backslashEscapes && (close[0] === "'" || close[0] === '"');
    let at = this.#at + open.length;
    const start = at;
    for (; at < text.length; at += 1) {
      if (hasEscapes && text[at] === '\\') at += 1;
      else if (text.startsWith(close, at)) {
        if (close.length > 1 || text[at + 1] !== close) break;
        at += 1;
      }
    }
    this.#isWhole &&= at < text.length;
    this.#push(kind, text.slice(start, at));
    this.#at = at + close.length;
    return true;
  }

  #readPlain(): boolean {
    return (
      this.#readAs('number', number) ||
      this.#readAs('variable', variable) ||
      this.#readAs('word', this.#traits.brackets ? word : plainWord) ||
      this.#readAs('sign', sign)
    );
  }

  #readAs(kind: SqlTokenKind, pattern: RegExp): boolean {
    const found = this.#match(pattern);
    if (found === undefined || found === '') return false;
    if (found === ')') this.#depth -= 1;
    if (found === '||' && this.#traits.pipesMeanOr) this.#push('word', 'OR');
    else this.#push(kind, kind === 'word' ? found.toUpperCase() : found);
    if (found === '(') this.#depth += 1;
    this.#at += found.length;
    return true;
  }

  #push(kind: SqlTokenKind, text: string): void {
    this.#tokens.push({ kind, text, depth: this.#depth });
  }
}

function endOfComment(text: string, start: number, isNested: boolean): number | undefined {
  if (!isNested) {
    const end = text.indexOf('*/', start + 2);
    return end === -1 ? undefined : end + 2;
  }
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let found = edge.exec(text); found !== null; found = edge.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return undefined;
}

/**
 * MySQL and MariaDB run what stands in `/*! … *\/`, `/*!50000 … *\/` and `/*M! … *\/`. The marks become spaces, so that what
 * they hold is read; a stray `*\/` is left as a mark of that.
 */
function expandExecutableComments(text: string, traits: LexicalTraits): string {
  if (!/\/\*M?!/.test(text)) return text;
  let out = '';
  let open = 0;
  for (let at = 0; at < text.length;) {
    const start = at;
    at = endOfPiece(text, at, traits);
    const piece = text.slice(start, at);
    if (/^\/\*M?!/.test(piece)) open += 1;
    if (piece === '*/' && open > 0) open -= 1;
    else out += /^\/\*M?!/.test(piece) ? ' ' : piece;
    if (piece === '*/') out += ' ';
  }
  return out;
}

const executableMark = /\/\*M?!\d{0,6}/y;

/** The end of the string, comment, mark or single character at a place. */
function endOfPiece(text: string, at: number, traits: LexicalTraits): number {
  executableMark.lastIndex = at;
  const mark = executableMark.exec(text)?.[0];
  if (mark !== undefined) return at + mark.length;
  const first = text[at] ?? '';
  if (`'"\``.includes(first)) return endOfString(text, at, traits.backslashEscapes && first !== '`');
  if (text.startsWith('/*', at)) return endOfComment(text, at, false) ?? text.length;
  return endOfLineOrSign(text, at);
}

function endOfLineOrSign(text: string, at: number): number {
  if (text.startsWith('*/', at)) return at + 2;
  return text[at] === '#' || /^--(\s|$)/.test(text.slice(at, at + 3)) ? endOfLine(text, at) : at + 1;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

function endOfString(text: string, start: number, hasEscapes: boolean): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (hasEscapes && text[at] === '\\') at += 1;
    else if (text[at] === text[start]) return at + 1;
  }
  return text.length;
}
