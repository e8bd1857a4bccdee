/**
 * Numbers and texts in few bytes. A text is written by what it shares with one near it (the same field of the row
 * before), and its runs of hex, which most texts of a log are made of, at two digits a byte.
 */

const kinds = { ascii: 0, hex: 1, units: 2 } as const;
type Kind = (typeof kinds)[keyof typeof kinds];
const kindCount = 3;

/** Shorter runs of hex are written as they are: their own header would cost as much. */
const hexAtLeast = 6;
/** `String.fromCharCode` takes no more arguments than the stack has room for. */
const charsAtOnce = 8192;

/** Writes; `bytes` holds `length` bytes, and room for more. */
export class PackedWriter {
  bytes: Uint8Array;
  length: number;

  constructor(bytes: Uint8Array = new Uint8Array(64), length = 0) {
    this.bytes = bytes;
    this.length = length;
  }

  /** Any safe integer. */
  number(value: number): void {
    this.#reserve(10);
    const size = Math.abs(value);
    let rest = Math.floor(size / 64);
    this.#put((value < 0 ? 1 : 0) + (size % 64) * 2 + (rest > 0 ? 128 : 0));
    while (rest > 0) {
      const low = rest % 128;
      rest = Math.floor(rest / 128);
      this.#put(low + (rest > 0 ? 128 : 0));
    }
  }

  /** Any text, well-formed or not. The reader must give the same `near`. */
  text(value: string, near: string): void {
    const shared = sharedLength(value, near);
    this.number(shared);
    this.number(value.length - shared);
    for (let at = shared; at < value.length;) at = this.#run(value, at);
  }

  #run(value: string, from: number): number {
    const kind = kindAt(value, from);
    const to = runEnd(value, from, kind);
    this.number((to - from) * kindCount + kind);
    this.#reserve((to - from) * 2);
    for (let at = from; at < to; at += 1) {
      const code = value.charCodeAt(at);
      if (kind === kinds.hex) {
        at += 1;
        this.#put(digitOf(code) * 16 + digitOf(value.charCodeAt(at)));
      } else {
        this.#put(code % 256);
        if (kind === kinds.units) this.#put(Math.floor(code / 256));
      }
    }
    return to;
  }

  #put(byte: number): void {
    this.bytes[this.length] = byte;
    this.length += 1;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(Math.ceil(this.bytes.length * 1.5), this.length + count));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

/** Reads what a writer wrote, in the same order. */
export class PackedReader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  number(): number {
    const first = this.#take();
    let size = Math.floor((first % 128) / 2);
    let byte = first;
    for (let unit = 64; byte >= 128; unit *= 128) {
      byte = this.#take();
      size += (byte % 128) * unit;
    }
    return first % 2 === 1 ? -size : size;
  }

  text(near: string): string {
    const shared = this.number();
    const codes: number[] = [];
    for (let left = this.number(); left > 0;) {
      const header = this.number();
      const length = Math.floor(header / kindCount);
      this.#run(codes, length, header % kindCount);
      left -= length;
    }
    const tail = textOf(codes);
    return shared === 0 ? tail : near.slice(0, shared) + tail;
  }

  #run(codes: number[], length: number, kind: number): void {
    for (let i = 0; i < length; i += 1) {
      const byte = this.#take();
      if (kind === kinds.ascii) codes.push(byte);
      else if (kind === kinds.units) codes.push(byte + 256 * this.#take());
      else {
        i += 1;
        codes.push(digitCode(Math.floor(byte / 16)), digitCode(byte % 16));
      }
    }
  }

  #take(): number {
    const byte = this.#bytes[this.at] ?? 0;
    this.at += 1;
    return byte;
  }
}

function sharedLength(value: string, near: string): number {
  const limit = Math.min(value.length, near.length);
  let at = 0;
  while (at < limit && value.charCodeAt(at) === near.charCodeAt(at)) at += 1;
  return at;
}

function kindAt(value: string, at: number): Kind {
  if (value.charCodeAt(at) > 0x7f) return kinds.units;
  return hexEnd(value, at) - at >= hexAtLeast ? kinds.hex : kinds.ascii;
}

function runEnd(value: string, from: number, kind: Kind): number {
  if (kind === kinds.hex) {
    const end = hexEnd(value, from);
    return end - ((end - from) % 2);
  }
  let at = from + 1;
  while (at < value.length && kindAt(value, at) === kind) at += kind === kinds.ascii ? hexEnd(value, at) - at || 1 : 1;
  return at;
}

function hexEnd(value: string, from: number): number {
  let at = from;
  while (at < value.length && digitOf(value.charCodeAt(at)) >= 0) at += 1;
  return at;
}

function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}

function digitCode(digit: number): number {
  return digit < 10 ? digit + 0x30 : digit + 0x57;
}

function textOf(codes: readonly number[]): string {
  if (codes.length <= charsAtOnce) return String.fromCharCode(...codes);
  let text = '';
  for (let at = 0; at < codes.length; at += charsAtOnce) {
    text += String.fromCharCode(...codes.slice(at, at + charsAtOnce));
  }
  return text;
}
