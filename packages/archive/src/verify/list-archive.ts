import type { ArchiveSource } from './archive-source.ts';
import type { Inventory } from './inventory.ts';
import { PackedInventory } from './packed-inventory.ts';

/** The log comes last: what a running installation adds meanwhile is then logged rather than unexplained. */
export const inventoryPrefixes = ['v1/records/', 'v1/blobs/', 'v1/sessions/', 'v1/keys/', 'v1/log/'] as const;

/** Lists the archive once. Holds names only. */
export async function listArchive(source: ArchiveSource, seen: (count: number) => void): Promise<Inventory> {
  const inventory = new PackedInventory();
  for (const prefix of inventoryPrefixes) {
    inventory.beginRun();
    for await (const object of source.list(prefix)) {
      inventory.add(object);
      if (inventory.size % 1000 === 0) seen(inventory.size);
    }
  }
  inventory.finish();
  return inventory;
}
