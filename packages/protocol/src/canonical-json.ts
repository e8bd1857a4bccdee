/** One text for JSON that means the same: what digests of calls are made of. */
import { defaultJsonLimits } from './json.ts';
import { scanJson, type JsonLimits } from './json-scan.ts';

/**
 * Sorted keys (by UTF-16 code units), no white space, strings as `JSON.stringify` writes them: RFC 8785, but numbers keep
 * their lexemes, since `1` and `1.0` may be two things to a server and large integers are no doubles. `undefined` for what
 * strict JSON refuses, such as a duplicate key. Never throws.
 */
export function canonicalJson(text: string, limits: JsonLimits = defaultJsonLimits): string | undefined {
  if (scanJson(text, limits) !== undefined) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  return new CanonicalWriter(text).value();
}

/** Reads text that has parsed, so that every token is where it must be; the depth is bounded by the limits. */
class CanonicalWriter {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  value(): string {
    const first = this.next();
    if (first === '{') return this.object();
    if (first === '[') return this.array();
    return first === '"' ? canonicalString(this.rawString()) : this.lexeme();
  }

  /** The next character that is no white space; `at` stands on it. */
  private next(): string {
    while (' \t\n\r'.includes(this.text.charAt(this.at)) && this.at < this.text.length) this.at += 1;
    return this.text.charAt(this.at);
  }

  private object(): string {
    const members: (readonly [key: string, text: string])[] = [];
    this.at += 1;
    while (this.next() !== '}') {
      if (this.next() === ',') this.at += 1;
      this.next();
      const key = parsedString(this.rawString());
      this.next();
      this.at += 1;
      members.push([key, this.value()]);
    }
    this.at += 1;
    const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${sorted.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
  }

  private array(): string {
    const elements: string[] = [];
    this.at += 1;
    while (this.next() !== ']') {
      if (this.next() === ',') this.at += 1;
      elements.push(this.value());
    }
    this.at += 1;
    return `[${elements.join(',')}]`;
  }

  /** With its quotes. */
  private rawString(): string {
    const start = this.at;
    let end = this.text.indexOf('"', start + 1);
    while (isEscaped(this.text, end)) end = this.text.indexOf('"', end + 1);
    this.at = end + 1;
    return this.text.slice(start, this.at);
  }

  private lexeme(): string {
    const start = this.at;
    while (this.at < this.text.length && !',]} \t\n\r'.includes(this.text.charAt(this.at))) this.at += 1;
    return this.text.slice(start, this.at);
  }
}

/** Whether an odd number of backslashes stands before the quote. */
function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0;
  while (text.charAt(quote - 1 - backslashes) === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

function parsedString(raw: string): string {
  return String(JSON.parse(raw));
}

function canonicalString(raw: string): string {
  return raw.includes('\\') ? JSON.stringify(parsedString(raw)) : raw;
}
