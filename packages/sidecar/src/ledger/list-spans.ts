/** Where the parts of a list stand in the text of its message. Every occurrence counts: of two equal keys, readers differ in which they take. */
import { listKinds } from './list-kinds.ts';

/** Start and end in UTF-16 units. */
export type Span = readonly [start: number, end: number];

/** An array of entries, brackets included. */
export interface ArraySpan {
  readonly member: string;
  readonly span: Span;
  /** White space around an element is not in its span. */
  readonly elements: readonly Span[];
}

export interface ListSpans {
  /** Values of the message's `id`. */
  readonly ids: readonly Span[];
  /** Each `result` object: behind its opening brace, and whether nothing stands in it. */
  readonly results: readonly { readonly start: number; readonly isEmpty: boolean }[];
  readonly arrays: readonly ArraySpan[];
  readonly cacheScopes: readonly Span[];
  readonly cursors: readonly Span[];
  readonly instructions: readonly Span[];
}

const members: ReadonlySet<string> = new Set(listKinds.map(({ member }) => member));

/** Reads text that has parsed as a JSON object. One pass, without recursion into what it skips. */
export function listSpans(text: string): ListSpans {
  return new Reader(text).read();
}

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] extends readonly (infer E)[] ? E[] : T[Field] };

class Reader {
  private readonly text: string;
  private readonly found: Mutable<ListSpans> = {
    ids: [],
    results: [],
    arrays: [],
    cacheScopes: [],
    cursors: [],
    instructions: [],
  };

  constructor(text: string) {
    this.text = text;
  }

  read(): ListSpans {
    this.object(this.skipSpace(0), (key, at) => {
      if (key === 'result' && this.text[at] === '{') return this.result(at);
      return key === 'id' ? this.keep(this.found.ids, at) : this.skipValue(at);
    });
    return this.found;
  }

  private result(at: number): number {
    const end = this.object(at, (key, valueAt) => this.resultMember(key, valueAt));
    this.found.results.push({ start: at + 1, isEmpty: this.text[this.skipSpace(at + 1)] === '}' });
    return end;
  }

  private resultMember(key: string, at: number): number {
    if (members.has(key) && this.text[at] === '[') return this.array(key, at);
    if (key === 'cacheScope') return this.keep(this.found.cacheScopes, at);
    if (key === 'nextCursor') return this.keep(this.found.cursors, at);
    return key === 'instructions' ? this.keep(this.found.instructions, at) : this.skipValue(at);
  }

  private keep(spans: Span[], at: number): number {
    const end = this.skipValue(at);
    spans.push([at, end]);
    return end;
  }

  private array(member: string, start: number): number {
    const elements: Span[] = [];
    let at = this.skipSpace(start + 1);
    while (at < this.text.length && this.text[at] !== ']') {
      const end = this.skipSpace(this.keep(elements, at));
      // Only text that is no JSON stands still.
      if (end === at) break;
      at = this.text[end] === ',' ? this.skipSpace(end + 1) : end;
    }
    this.found.arrays.push({ member, span: [start, at + 1], elements });
    return at + 1;
  }

  /** Calls back with each key and where its value begins; the answer is where that ends. */
  private object(start: number, onMember: (key: string, at: number) => number): number {
    let at = this.skipSpace(start + 1);
    while (at < this.text.length && this.text[at] !== '}') {
      const keyEnd = this.skipString(at);
      const key = decoded(this.text.slice(at + 1, keyEnd - 1));
      at = this.skipSpace(this.skipSpace(keyEnd) + 1);
      at = this.skipSpace(onMember(key, at));
      if (this.text[at] === ',') at = this.skipSpace(at + 1);
    }
    return at + 1;
  }

  private skipSpace(from: number): number {
    let at = from;
    for (let code = this.text.charCodeAt(at); isSpace(code); code = this.text.charCodeAt(at)) at += 1;
    return at;
  }

  private skipString(at: number): number {
    let end = this.text.indexOf('"', at + 1);
    while (end !== -1 && this.isEscaped(end)) end = this.text.indexOf('"', end + 1);
    return end === -1 ? this.text.length : end + 1;
  }

  private isEscaped(quote: number): boolean {
    let before = quote - 1;
    while (this.text.charCodeAt(before) === 0x5c) before -= 1;
    return (quote - before) % 2 === 0;
  }

  private skipValue(start: number): number {
    const first = this.text[start];
    if (first === '"') return this.skipString(start);
    return first === '{' || first === '[' ? this.skipContainer(start) : this.skipScalar(start);
  }

  private skipScalar(start: number): number {
    let at = start;
    while (at < this.text.length && !endsScalar(this.text.charCodeAt(at))) at += 1;
    return at;
  }

  private skipContainer(start: number): number {
    const { text } = this;
    let depth = 0;
    for (let at = start; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 0x22) at = this.skipString(at) - 1;
      else if (code === 0x7b || code === 0x5b) depth += 1;
      else if ((code === 0x7d || code === 0x5d) && --depth === 0) return at + 1;
    }
    return text.length;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function endsScalar(code: number): boolean {
  return code === 0x2c || code === 0x7d || code === 0x5d || isSpace(code);
}

/** Keys that are equal once unescaped are the same key. */
function decoded(raw: string): string {
  if (!raw.includes('\\')) return raw;
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return raw;
  }
}
