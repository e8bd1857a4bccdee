/** An inventory in a quarter of the memory of a Map. */
import type { ListedObject } from './archive-source.ts';
import { compareGenerations, type Inventory, type InventoryEntry } from './inventory.ts';
import { type NamedEntry, PackedNames } from './packed-names.ts';

/** Adds what listings give; then `finish`. A store lists in order; what comes otherwise is kept apart, as it is. */
export class PackedInventory implements Inventory {
  /** One for each listing. */
  readonly #runs: PackedNames[] = [];
  /** The newest name: its further versions come next. */
  #pending: NamedEntry | undefined;
  /** The newest name that came in order, of this listing. */
  #before = '';
  /** `at`: how many names of the runs come before it. */
  readonly #others = new Map<string, { readonly at: number; readonly entry: InventoryEntry }>();
  /** Names of the runs that came again, out of order, with all their versions. */
  readonly #again = new Map<string, InventoryEntry>();
  #packed = 0;

  get size(): number {
    return this.#packed + this.#others.size;
  }

  /** The next objects are of another listing. */
  beginRun(): void {
    this.finish();
    this.#runs.push(new PackedNames());
    this.#before = '';
  }

  add({ name, generation, noncurrent = false }: ListedObject): void {
    const known = this.get(name);
    if (known !== undefined) return this.#addVersion(name, known, generation);
    // An array made whole has room for one: an empty one that is pushed to has it for seventeen.
    const entry = { generations: [generation], noncurrent };
    if (name <= this.#before) {
      this.#others.set(name, { at: this.#packed, entry });
      return;
    }
    this.#flush();
    this.#pending = [name, entry];
    this.#before = name;
    this.#packed += 1;
  }

  /** All was listed. */
  finish(): void {
    this.#flush();
    for (const { entry } of this.#others.values()) entry.generations.sort(compareGenerations);
    for (const entry of this.#again.values()) entry.generations.sort(compareGenerations);
  }

  get(name: string): InventoryEntry | undefined {
    if (this.#pending?.[0] === name) return this.#pending[1];
    const kept = this.#others.get(name)?.entry ?? this.#again.get(name);
    if (kept !== undefined) return kept;
    for (const run of this.#runs) {
      const entry = run.find(name);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  *keys(): Generator<string, undefined> {
    for (const [name] of this) yield name;
  }

  /** In the order of listing. */
  *[Symbol.iterator](): Generator<NamedEntry, undefined> {
    const others = [...this.#others];
    let next = 0;
    let at = 0;
    for (const run of this.#runs) {
      for (const row of run) {
        for (let other = others[next]; other !== undefined && other[1].at <= at; other = others[next]) {
          yield [other[0], other[1].entry];
          next += 1;
        }
        yield [row[0], this.#again.get(row[0]) ?? row[1]];
        at += 1;
      }
    }
    for (const [name, { entry }] of others.slice(next)) yield [name, entry];
  }

  /** Of a name that is packed, the entry is one that was read: what is changed of it is kept. */
  #addVersion(name: string, entry: InventoryEntry, generation: string): void {
    entry.generations.push(generation);
    entry.noncurrent = true;
    if (this.#pending?.[0] !== name && !this.#others.has(name)) this.#again.set(name, entry);
  }

  #flush(): void {
    if (this.#pending === undefined) return;
    this.#pending[1].generations.sort(compareGenerations);
    this.#runs.at(-1)?.add(this.#pending);
    this.#pending = undefined;
  }
}
