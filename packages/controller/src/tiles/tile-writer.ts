/** Tiles beside the archive: a leader publishes what each checkpoint covers, from the bucket's batches alone. */
import { createTileFollower, type NoteKey, type PublishedTiles } from '@tachograph/archive';
import { describeError, type Logger, type Metrics } from '@tachograph/service';
import type { ObjectStore } from '@tachograph/store';
import { nodeCrypto } from '../keys/node-crypto.ts';

export interface TileWriterOptions {
  /** The archive. */
  readonly store: ObjectStore;
  /** The second store: derived, not locked. */
  readonly tiles: ObjectStore;
  readonly log: Logger;
  readonly metrics: TileMetrics;
  /** Under which batches count. */
  readonly keys: () => readonly NoteKey[];
}

/** Made once for a process: terms come and go. */
export interface TileMetrics {
  published(size: number): void;
  failed(): void;
  conflict(): void;
}

export interface TileWriter {
  /** Publishes soon, and never twice at a time. A failure is logged and counted; the next call goes on. */
  kick(): void;
  /** Resolves when nothing is being published any more. */
  idle(): Promise<void>;
  /** Publishes no more; resolves when what is under way has ended. */
  close(): Promise<void>;
}

export function createTileMetrics(metrics: Metrics): TileMetrics {
  const size = metrics.gauge('log_tiles_size', 'Leaves under the checkpoint that is published with tiles');
  const failures = metrics.counter('log_tiles_failures_total', 'Failed attempts to publish tiles');
  const conflicts = metrics.counter('log_tiles_conflicts_total', 'Tiles that held other bytes and were replaced');
  return {
    published: (count) => size.set(count),
    failed: () => failures.inc(),
    conflict: () => conflicts.inc(),
  };
}

export function createTileWriter(options: TileWriterOptions): TileWriter {
  const { store, tiles, log, metrics, keys } = options;
  const follower = createTileFollower({
    crypto: nodeCrypto,
    source: store,
    sink: tiles,
    keys,
    everyCheckpoint: true,
    onConflict(name) {
      metrics.conflict();
      log.error('a tile held other bytes and was replaced', { object: name });
    },
  });
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;
  const run = async (): Promise<void> => {
    do {
      again = false;
      await publish(options, async () => follower.run());
      // oxlint-disable-next-line typescript/no-unnecessary-condition -- set by a call during the wait
    } while (again);
    running = undefined;
  };
  return {
    kick() {
      if (closed) return;
      again = running !== undefined;
      running ??= run();
    },
    idle: async () => running,
    async close() {
      closed = true;
      again = false;
      await running;
    },
  };
}

async function publish({ log, metrics }: TileWriterOptions, run: () => Promise<PublishedTiles>): Promise<void> {
  try {
    metrics.published((await run()).size);
  } catch (error) {
    metrics.failed();
    log.error('tiles not published', { err: describeError(error) });
  }
}
