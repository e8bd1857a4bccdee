import { PackedReader, PackedWriter } from './packed-bytes.ts';

/** How a row is written and read, beside the row before it. */
export interface RowCodec<Row> {
  readonly write: (out: PackedWriter, row: Row, before: Row | undefined) => void;
  readonly read: (from: PackedReader, before: Row | undefined) => Row;
}

/** A list as plain data, for another thread. */
export interface PackedData<Row> {
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly last: Row | undefined;
}

/** Rows in few bytes, to be read from the first on; each is made anew whenever it is read. */
export class PackedList<Row> implements Iterable<Row> {
  readonly #codec: RowCodec<Row>;
  readonly #out: PackedWriter;
  #length: number;
  #last: Row | undefined;

  constructor(codec: RowCodec<Row>, from?: PackedData<Row>) {
    this.#codec = codec;
    this.#out = new PackedWriter(from?.bytes, from?.bytes.length);
    this.#length = from?.count ?? 0;
    this.#last = from?.last;
  }

  get length(): number {
    return this.#length;
  }

  push(row: Row): void {
    this.#codec.write(this.#out, row, this.#last);
    this.#last = row;
    this.#length += 1;
  }

  *[Symbol.iterator](): Generator<Row, undefined> {
    const reader = new PackedReader(this.#out.bytes);
    let before: Row | undefined;
    for (let left = this.#length; left > 0; left -= 1) {
      before = this.#codec.read(reader, before);
      yield before;
    }
  }

  data(): PackedData<Row> {
    return { count: this.#length, bytes: this.#out.bytes.slice(0, this.#out.length), last: this.#last };
  }
}
