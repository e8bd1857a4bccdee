/** One linear pass over JSON text for what `JSON.parse` forgives: duplicate keys, depth, lone surrogates. */

/** Why strict JSON refuses a body. `bom`: it starts with a byte order mark, which readers treat differently. */
export type JsonRefusal =
  | 'invalid'
  | 'not_utf8'
  | 'bom'
  | 'duplicate_key'
  | 'too_deep'
  | 'too_many_keys'
  | 'too_many_values'
  | 'lone_surrogate';

/** `maxDepth`: open objects and arrays at once. `maxKeys`, and `maxContainers`, objects and arrays: in the whole text. */
export interface JsonLimits {
  readonly maxDepth: number;
  readonly maxKeys: number;
  readonly maxContainers?: number;
}

const quote = 0x22;
const comma = 0x2c;
const openArray = 0x5b;
const backslash = 0x5c;
const closeArray = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/**
 * The first fault in the text; `undefined` when there is none of those it looks for. Syntax is `JSON.parse`'s to judge:
 * the text may still be invalid JSON.
 */
export function scanJson(text: string, limits: JsonLimits): JsonRefusal | undefined {
  if (text.charCodeAt(0) === 0xfeff) return 'bom';
  return new Scan(text, limits).run();
}

/** Keys seen in one open object. Small objects compare; large ones hash. */
class Keys {
  private names: string[] = [];
  private set: Set<string> | undefined;

  /** False when the name is there already. */
  add(name: string): boolean {
    if (this.set !== undefined) return this.addToSet(this.set, name);
    if (this.names.includes(name)) return false;
    this.names.push(name);
    if (this.names.length > 8) this.set = new Set(this.names);
    return true;
  }

  private addToSet(set: Set<string>, name: string): boolean {
    const before = set.size;
    return set.add(name).size > before;
  }
}

class Scan {
  private readonly text: string;
  private readonly limits: JsonLimits;
  private at = 0;
  /** Open containers; `undefined` stands for an array. */
  private readonly open: (Keys | undefined)[] = [];
  private keyNext = false;
  private keyCount = 0;
  private containerCount = 0;
  /** Next backslash at or after `at`: kept, so that no character is searched twice. */
  private nextBackslash = -1;
  private escaped = false;

  constructor(text: string, limits: JsonLimits) {
    this.text = text;
    this.limits = limits;
  }

  run(): JsonRefusal | undefined {
    const { text } = this;
    const { length } = text;
    while (this.at < length) {
      const refusal = this.step(text.charCodeAt(this.at++));
      if (refusal !== undefined) return refusal;
    }
    return this.open.length === 0 ? undefined : 'invalid';
  }

  private step(code: number): JsonRefusal | undefined {
    switch (code) {
      case quote:
        return this.string();
      case comma:
        this.keyNext = this.open.at(-1) !== undefined;
        return undefined;
      case openObject:
        return this.push(new Keys());
      case openArray:
        return this.push(undefined);
      case closeObject:
      case closeArray:
        return this.pop();
      default:
        return undefined;
    }
  }

  private push(keys: Keys | undefined): JsonRefusal | undefined {
    this.open.push(keys);
    this.keyNext = keys !== undefined;
    this.containerCount += 1;
    if (this.containerCount > (this.limits.maxContainers ?? Number.POSITIVE_INFINITY)) return 'too_many_values';
    return this.open.length > this.limits.maxDepth ? 'too_deep' : undefined;
  }

  private pop(): JsonRefusal | undefined {
    if (this.open.length === 0) return 'invalid';
    this.open.pop();
    this.keyNext = false;
    return undefined;
  }

  private string(): JsonRefusal | undefined {
    const start = this.at;
    const refusal = this.skipString();
    if (refusal !== undefined || !this.keyNext) return refusal;
    this.keyNext = false;
    this.keyCount += 1;
    if (this.keyCount > this.limits.maxKeys) return 'too_many_keys';
    const name = this.name(this.text.slice(start, this.at - 1));
    if (name === undefined) return 'invalid';
    return this.open.at(-1)?.add(name) === false ? 'duplicate_key' : undefined;
  }

  /** Keys that are equal once unescaped are duplicates. */
  private name(raw: string): string | undefined {
    if (!this.escaped) return raw;
    try {
      return String(JSON.parse(`"${raw}"`));
    } catch {
      return undefined;
    }
  }

  /** Moves past the closing quote. */
  private skipString(): JsonRefusal | undefined {
    const { text } = this;
    this.escaped = false;
    let end = text.indexOf('"', this.at);
    while (end !== -1) {
      if (this.nextBackslash < this.at) this.nextBackslash = this.backslashFrom(this.at);
      if (end < this.nextBackslash) {
        this.at = end + 1;
        return undefined;
      }
      this.escaped = true;
      const next = this.skipEscape(this.nextBackslash);
      if (next === undefined) return 'lone_surrogate';
      this.at = next;
      if (end < next) end = text.indexOf('"', next);
    }
    return 'invalid';
  }

  private backslashFrom(from: number): number {
    const found = this.text.indexOf('\\', from);
    return found === -1 ? Number.POSITIVE_INFINITY : found;
  }

  /** Position after the escape at `at`; `undefined` for half a surrogate pair. */
  private skipEscape(at: number): number | undefined {
    const unit = this.surrogateAt(at);
    if (unit === undefined) return at + 2;
    if (unit >= 0xdc00) return undefined;
    const low = this.text.charCodeAt(at + 6) === backslash ? this.surrogateAt(at + 6) : undefined;
    return low !== undefined && low >= 0xdc00 ? at + 12 : undefined;
  }

  /** The surrogate that a `\u` escape at `at` stands for; `undefined` when it stands for anything else. */
  private surrogateAt(at: number): number | undefined {
    const { text } = this;
    const isUnicode = text.charCodeAt(at + 1) === 0x75 && (text.charCodeAt(at + 2) | 0x20) === 0x64;
    if (!isUnicode) return undefined;
    const unit = Number.parseInt(text.slice(at + 2, at + 6), 16);
    return unit >= 0xd800 && unit <= 0xdfff ? unit : undefined;
  }
}

/** Start and end of each element of a top-level array, in text that parsed as JSON; `undefined` when it is no array. */
export function elementSpans(text: string): readonly (readonly [start: number, end: number])[] | undefined {
  const first = text.search(/[^\s]/);
  if (text.charCodeAt(first) !== openArray) return undefined;
  const cuts = [first, ...topLevelCommas(text, first), text.lastIndexOf(']')];
  const spans = cuts.slice(1).map((end, index): readonly [number, number] => [(cuts[index] ?? 0) + 1, end]);
  return spans.length === 1 && text.slice(...spans[0]!).trim() === '' ? [] : spans;
}

function topLevelCommas(text: string, from: number): number[] {
  const commas: number[] = [];
  const pattern = /"(?:[^"\\]|\\.)*"|[[\]{},]/g;
  pattern.lastIndex = from;
  let depth = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [token] = match;
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    else if (token === ',' && depth === 1) commas.push(match.index);
  }
  return commas;
}
