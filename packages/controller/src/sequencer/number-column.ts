/** A column of whole numbers in few bytes each: LEB128 in one buffer that grows. */

/** Room grows by a quarter: a column that is never full wastes little. */
const growth = 1.25;
const smallest = 64;
const empty = Buffer.alloc(0);

export class NumberColumn {
  #room = empty;
  #used = 0;

  /** Size of its buffer. */
  get bytes(): number {
    return this.#room.length;
  }

  /** Takes a whole number from 0 to 2^53 - 1. */
  push(value: number): void {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#put((rest % 128) + 128);
    this.#put(rest);
  }

  /** The numbers in order. */
  *values(): Generator<number> {
    let value = 0;
    let scale = 1;
    for (const byte of this.#room.subarray(0, this.#used)) {
      value += (byte % 128) * scale;
      scale *= 128;
      if (byte > 127) continue;
      yield value;
      value = 0;
      scale = 1;
    }
  }

  clear(): void {
    this.#room = empty;
    this.#used = 0;
  }

  #put(byte: number): void {
    if (this.#used === this.#room.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(smallest, Math.ceil(this.#room.length * growth)));
      this.#room.copy(grown);
      this.#room = grown;
    }
    this.#room[this.#used] = byte;
    this.#used += 1;
  }
}
