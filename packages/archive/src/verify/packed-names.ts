/** Names in order, with what was listed of each, in some fifty bytes. */
import type { InventoryEntry } from './inventory.ts';
import { PackedReader, PackedWriter } from './packed-bytes.ts';

/** A name with its versions. */
export type NamedEntry = readonly [string, InventoryEntry];

/** A name is found by reading from the last one that is written whole. */
const rowsOfBlock = 16;

/** To be filled in rising order of names, in code units. */
export class PackedNames implements Iterable<NamedEntry> {
  readonly #out = new PackedWriter();
  /** Where each block begins. */
  #blocks = new Float64Array(16);
  #size = 0;
  #first = '';
  #last: NamedEntry | undefined;

  get size(): number {
    return this.#size;
  }

  add(row: NamedEntry): void {
    const isWhole = this.#size % rowsOfBlock === 0;
    if (isWhole) this.#addBlock();
    if (this.#size === 0) [this.#first] = row;
    write(this.#out, row, isWhole ? undefined : this.#last);
    this.#last = row;
    this.#size += 1;
  }

  find(name: string): InventoryEntry | undefined {
    if (this.#last === undefined || name < this.#first || name > this.#last[0]) return undefined;
    for (const [found, entry] of this.#read(this.#blockOf(name), rowsOfBlock)) if (found === name) return entry;
    return undefined;
  }

  *[Symbol.iterator](): Generator<NamedEntry, undefined> {
    yield* this.#read(0, this.#size);
  }

  #addBlock(): void {
    const block = this.#size / rowsOfBlock;
    if (block === this.#blocks.length) {
      const larger = new Float64Array(block * 2);
      larger.set(this.#blocks);
      this.#blocks = larger;
    }
    this.#blocks[block] = this.#out.length;
  }

  /** The last block that does not begin after the name. */
  #blockOf(name: string): number {
    let [low, high] = [0, Math.ceil(this.#size / rowsOfBlock)];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      const [row] = this.#read(middle, 1);
      if (row !== undefined && row[0] <= name) low = middle;
      else high = middle;
    }
    return low;
  }

  *#read(block: number, count: number): Generator<NamedEntry, undefined> {
    const end = Math.min(this.#size, block * rowsOfBlock + count);
    const reader = new PackedReader(this.#out.bytes, this.#blocks[block]);
    let before: NamedEntry | undefined;
    for (let at = block * rowsOfBlock; at < end; at += 1) {
      before = read(reader, at % rowsOfBlock === 0 ? undefined : before);
      yield before;
    }
  }
}

function write(out: PackedWriter, [name, { generations, noncurrent }]: NamedEntry, before?: NamedEntry): void {
  out.text(name, before?.[0] ?? '');
  out.number(generations.length * 2 + (noncurrent ? 1 : 0));
  let near = before?.[1].generations[0] ?? '';
  for (const generation of generations) {
    out.text(generation, near);
    near = generation;
  }
}

function read(from: PackedReader, before: NamedEntry | undefined): NamedEntry {
  const name = from.text(before?.[0] ?? '');
  const versions = from.number();
  let near = before?.[1].generations[0] ?? '';
  const generations = Array.from({ length: Math.floor(versions / 2) }, () => {
    near = from.text(near);
    return near;
  });
  return [name, { generations, noncurrent: versions % 2 === 1 }];
}
