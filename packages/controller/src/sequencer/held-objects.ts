/** Which objects holds keep, as the log tells it: the one place where a purge and a hold that come at once have an order. */
import type { HoldPlacedLeaf, Leaf } from '@tachograph/protocol';

export interface HeldObjects {
  /** Takes the next leaf in; leaves of other types change nothing. */
  take(leaf: Leaf): void;
  /** First of these of which a hold keeps any generation. */
  firstHeld(objects: HoldPlacedLeaf['objects']): string | undefined;
}

export function createHeldObjects(): HeldObjects {
  /** What each hold that is not released names. */
  const ofHolds = new Map<string, Set<string>>();
  const released = new Set<string>();
  return {
    take(leaf) {
      if (leaf.type === 'hold.released') {
        released.add(leaf.hold);
        ofHolds.delete(leaf.hold);
      }
      if (leaf.type !== 'hold.placed' || released.has(leaf.hold)) return;
      const named = ofHolds.get(leaf.hold) ?? new Set();
      for (const { object } of leaf.objects) named.add(object);
      ofHolds.set(leaf.hold, named);
    },
    firstHeld(objects) {
      const sets = [...ofHolds.values()];
      return objects.find(({ object }) => sets.some((named) => named.has(object)))?.object;
    },
  };
}
