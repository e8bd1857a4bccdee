/** One line of the input, without its line feed. `number` counts from 1. */
export type InputLine =
  | {
      readonly kind: 'line';
      readonly number: number;
      readonly bytes: Buffer;
      /** False only for a last line without a line feed. */
      readonly ended: boolean;
    }
  /** Longer than the limit; nothing of it is kept. */
  | { readonly kind: 'too_long'; readonly number: number };

const lineFeed = 0x0a;

/** Cuts bytes into lines, however they arrive. Holds at most one line of `maxBytes`. */
export class LineSplitter {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #length = 0;
  #number = 1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in this chunk. */
  *push(chunk: Uint8Array): Generator<InputLine> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, at)) {
      this.#keep(bytes.subarray(at, end));
      at = end + 1;
      yield this.#take(true);
    }
    this.#keep(bytes.subarray(at));
  }

  /** The last line, where it has no line feed. */
  *end(): Generator<InputLine> {
    if (this.#length > 0) yield this.#take(false);
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > this.#maxBytes) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  #take(ended: boolean): InputLine {
    const number = this.#number;
    const isTooLong = this.#length > this.#maxBytes;
    const [only, second] = this.#parts;
    const bytes = only !== undefined && second === undefined ? only : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    this.#number += 1;
    return isTooLong ? { kind: 'too_long', number } : { kind: 'line', number, bytes, ended };
  }
}
