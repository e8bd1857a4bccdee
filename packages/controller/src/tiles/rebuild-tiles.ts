import { createTileFollower, type PublishedTiles } from '@tachograph/archive';
import type { ObjectStore } from '@tachograph/store';
import { nodeCrypto } from '../keys/node-crypto.ts';

/**
 * Writes the tiles of an archive again, from its batches and checkpoints alone: byte for byte those that a sequencer
 * published. `everyCheckpoint`: also the partial tiles of all checkpoints before the newest.
 */
export async function rebuildTiles(options: {
  readonly store: ObjectStore;
  readonly tiles: ObjectStore;
  readonly everyCheckpoint: boolean;
}): Promise<PublishedTiles> {
  const { store, tiles, everyCheckpoint } = options;
  return createTileFollower({ crypto: nodeCrypto, source: store, sink: tiles, everyCheckpoint }).run();
}
