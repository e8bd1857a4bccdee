import type { ArchiveSource } from './archive-source.ts';

/** All versions of one name; generations oldest first. */
export interface InventoryEntry {
  readonly generations: string[];
  /** Some version of it was hidden or deleted. */
  noncurrent: boolean;
}

/** What the archive holds, by name. */
export interface Inventory extends Iterable<readonly [string, InventoryEntry]> {
  readonly size: number;
  get(name: string): InventoryEntry | undefined;
  has(name: string): boolean;
  /** In the order of listing. */
  keys(): Iterable<string>;
}

/** Generations are decimal numbers that outgrow doubles. */
export function compareGenerations(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

/** The first version ever created under the name: with create-only writers, the only legitimate one. */
export async function readFirst(
  source: ArchiveSource,
  inventory: Inventory,
  name: string,
): Promise<Uint8Array | undefined> {
  return await source.get(name, inventory.get(name)?.generations[0]);
}

/** Names under a prefix, in order. */
export function namesUnder(inventory: Inventory, prefix: string): string[] {
  const names: string[] = [];
  for (const name of inventory.keys()) if (name.startsWith(prefix)) names.push(name);
  return names.toSorted();
}
