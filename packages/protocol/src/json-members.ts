/** The members of a JSON object as they stand in its text: for cutting one out without writing the others anew. */

/** `text`: the value, exactly as it stands. */
export interface JsonMember {
  readonly name: string;
  readonly text: string;
}

const structural = /["[\]{},:]/g;

/** In order; `undefined` when the text is no object. The text must have parsed as JSON. */
export function jsonMembers(text: string): readonly JsonMember[] | undefined {
  const first = text.search(/\S/);
  return text[first] === '{' ? new Members(text, first).read() : undefined;
}

/** An object with these members, in this order. */
export function jsonOfMembers(members: readonly JsonMember[]): string {
  return `{${members.map(({ name, text }) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

class Members {
  private readonly text: string;
  private readonly found: JsonMember[] = [];
  private at: number;
  private depth = 0;
  private name: string | undefined;
  private valueStart = 0;

  constructor(text: string, first: number) {
    this.text = text;
    this.at = first;
  }

  read(): readonly JsonMember[] {
    for (;;) {
      structural.lastIndex = this.at;
      const match = structural.exec(this.text);
      if (match === null) return this.found;
      this.at = match.index + 1;
      if (this.take(match[0], match.index)) return this.found;
    }
  }

  /** True at the end of the object. */
  private take(token: string, index: number): boolean {
    if (token === '"') this.string(index);
    else if (token === '{' || token === '[') this.depth += 1;
    else if (token === '}' || token === ']') {
      this.depth -= 1;
      if (this.depth === 0) this.close(index);
      return this.depth === 0;
    } else if (this.depth === 1) {
      if (token === ',') this.close(index);
      else this.valueStart = index + 1;
    }
    return false;
  }

  /** The first string of a member is its name. */
  private string(start: number): void {
    const { text } = this;
    let end = text.indexOf('"', start + 1);
    while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
    this.at = end === -1 ? text.length : end + 1;
    if (this.depth === 1 && this.name === undefined) this.name = String(JSON.parse(text.slice(start, this.at)));
  }

  private close(end: number): void {
    if (this.name === undefined) return;
    this.found.push({ name: this.name, text: this.text.slice(this.valueStart, end).trim() });
    this.name = undefined;
  }
}

/** Whether an odd number of backslashes stands before the quote. */
function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0;
  while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}
