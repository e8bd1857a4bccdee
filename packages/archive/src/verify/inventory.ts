import type { ArchiveSource, ListedObject } from './archive-source.ts';

/** All versions of one name; generations oldest first. */
export interface InventoryEntry {
  readonly generations: string[];
  /** Some version of it was hidden or deleted. */
  noncurrent: boolean;
}

/** What the archive holds, by name. */
export type Inventory = Map<string, InventoryEntry>;

/** The log comes last: what a running installation adds meanwhile is then logged rather than unexplained. */
export const inventoryPrefixes = ['v1/records/', 'v1/blobs/', 'v1/sessions/', 'v1/keys/', 'v1/log/'] as const;

/** Lists the archive once. Holds names only. */
export async function listArchive(source: ArchiveSource, seen: (count: number) => void): Promise<Inventory> {
  const inventory: Inventory = new Map();
  for (const prefix of inventoryPrefixes) {
    for await (const object of source.list(prefix)) {
      addObject(inventory, object);
      if (inventory.size % 1000 === 0) seen(inventory.size);
    }
  }
  for (const entry of inventory.values()) entry.generations.sort(compareGenerations);
  return inventory;
}

function addObject(inventory: Inventory, object: ListedObject): void {
  const { name, generation, noncurrent = false } = object;
  const known = inventory.get(name);
  if (known === undefined) {
    // An array made whole has room for one: an empty one that is pushed to has it for seventeen, in every object.
    inventory.set(name, { generations: [generation], noncurrent });
    return;
  }
  known.generations.push(generation);
  known.noncurrent = true;
}

/** Generations are decimal numbers that outgrow doubles. */
function compareGenerations(a: string, b: string): number {
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
  return [...inventory.keys()].filter((name) => name.startsWith(prefix)).toSorted();
}
