/** Tiles derived from an archive's log: batches in order, one state at a time, published by checkpoint. */
import { decodeUtf8, objectNames } from '@tachograph/protocol';
import { ArchiveError } from './archive-error.ts';
import { type Batch, parseBatchNote, verifyBatch } from './batch.ts';
import { equalBytes, toHex, utf8 } from './bytes.ts';
import { parseCheckpointNote } from './checkpoint.ts';
import type { Crypto } from './crypto.ts';
import type { NoteKey } from './note.ts';
import { createTiler, restoreTiler, type TileObject, type Tiler } from './tiles.ts';

const batchPrefix = 'v1/log/batch/';
const checkpointPrefix = 'v1/log/checkpoint/';
const bundleType = 'application/octet-stream';

/** An archive: the log's objects only. An `ObjectStore` is one. */
export interface TileSource {
  list(prefix: string, options?: { readonly startOffset?: string }): AsyncIterable<{ readonly name: string }>;
  get(name: string): Promise<Uint8Array | undefined>;
}

/** Where the tiles go. An `ObjectStore` is one. */
export interface TileSink {
  get(name: string): Promise<Uint8Array | undefined>;
  create(
    name: string,
    bytes: Uint8Array,
    options?: { readonly contentType?: string },
  ): Promise<{ readonly kind: 'created' | 'exists-equal' | 'conflict' }>;
  put(name: string, bytes: Uint8Array, options?: { readonly contentType?: string }): Promise<void>;
}

/** Ports of a follower. */
export interface TileFollowerOptions {
  readonly crypto: Crypto;
  readonly source: TileSource;
  readonly sink: TileSink;
  /** Decide where several objects claim one log index. Without them the first batch counts; its root is checked all the same. */
  readonly keys?: () => readonly NoteKey[];
  /** Publishes at every checkpoint of the archive, as a sequencer does; otherwise only at the newest. */
  readonly everyCheckpoint: boolean;
  /** A tile held other bytes, and was replaced. */
  readonly onConflict?: (name: string) => void;
}

/** What is published after a run. `size` 0: the archive has no checkpoint yet. */
export interface PublishedTiles {
  readonly size: number;
  readonly written: number;
}

/** Keeps tiles up with an archive. One run at a time: it holds state between runs. */
export interface TileFollower {
  /**
   * Publishes what the archive has gained. Rejects with `bad_tree` when leaves do not have the root that a checkpoint
   * states: nothing of that checkpoint is published then. May be called again after any failure.
   */
  run(): Promise<PublishedTiles>;
}

/** A follower that goes on from the sink's published checkpoint. Reads and writes nothing before `run`. */
export function createTileFollower(options: TileFollowerOptions): TileFollower {
  return new Follower(options);
}

interface Head {
  readonly note: string;
  readonly size: number;
  readonly root: Uint8Array;
}

class Follower implements TileFollower {
  readonly #options: TileFollowerOptions;
  #tiler: Tiler | undefined;
  /** Leaves of a batch of which a checkpoint covers only the first ones. */
  #rest: readonly string[] = [];
  #written = 0;

  constructor(options: TileFollowerOptions) {
    this.#options = options;
  }

  async run(): Promise<PublishedTiles> {
    try {
      return await this.#run();
    } catch (error) {
      // What was read may not be written: the next run begins at what is published.
      this.#tiler = undefined;
      throw error;
    }
  }

  async #run(): Promise<PublishedTiles> {
    this.#written = 0;
    const tiler = (this.#tiler ??= await this.#restore());
    const sizes = await this.#checkpointsAfter(tiler.size);
    const due = this.#options.everyCheckpoint ? sizes : sizes.slice(-1);
    const leaves = this.#leavesFrom(tiler.size);
    for (const size of due) await this.#publish(tiler, leaves, size);
    await leaves.return(undefined);
    return { size: tiler.size, written: this.#written };
  }

  /** From the published checkpoint, where tiles and archive still fit it. */
  async #restore(): Promise<Tiler> {
    const { crypto, sink, source } = this.#options;
    this.#rest = [];
    const published = headOf(await sink.get('checkpoint'));
    if (published === undefined) return createTiler(crypto);
    const archived = headOf(await source.get(objectNames.checkpoint(published.size)));
    if (archived === undefined || !equalBytes(archived.root, published.root)) return createTiler(crypto);
    if ((await source.get(objectNames.batch(published.size))) === undefined) {
      // No batch begins here, or none follows yet; only the first needs the log from its beginning.
      for await (const { name } of source.list(batchPrefix, { startOffset: objectNames.batch(published.size) })) {
        if (!name.startsWith(objectNames.batch(published.size))) return createTiler(crypto);
        break;
      }
    }
    const tiler = await restoreTiler(crypto, published, async (name) => await sink.get(name));
    return tiler ?? createTiler(crypto);
  }

  async #checkpointsAfter(size: number): Promise<readonly number[]> {
    const sizes: number[] = [];
    const startOffset = objectNames.checkpoint(size + 1);
    for await (const { name } of this.#options.source.list(checkpointPrefix, { startOffset })) {
      const digits = name.slice(checkpointPrefix.length);
      if (/^\d{16}$/.test(digits)) sizes.push(Number(digits));
    }
    return sizes;
  }

  async *#leavesFrom(size: number): AsyncGenerator<string, void, undefined> {
    let next = size + this.#rest.length;
    yield* this.#drain(this.#rest);
    for await (const batch of batchesFrom(this.#options, next)) {
      if (batch.firstIndex !== next) throw gapAt(next);
      next += batch.leaves.length;
      yield* this.#drain(batch.leaves);
    }
    throw gapAt(next);
  }

  /** What is not asked for stays for the next run. */
  *#drain(leaves: readonly string[]): Generator<string, void, undefined> {
    for (const [i, leaf] of leaves.entries()) {
      this.#rest = leaves.slice(i + 1);
      yield leaf;
    }
  }

  async #publish(tiler: Tiler, leaves: AsyncGenerator<string, void, undefined>, size: number): Promise<void> {
    let full: TileObject[] = [];
    while (tiler.size < size) {
      const { value } = await leaves.next();
      if (value === undefined) throw gapAt(tiler.size);
      full.push(...tiler.append(value));
      if (full.length < maxPending) continue;
      await this.#write(full);
      full = [];
    }
    const name = objectNames.checkpoint(size);
    const head = headOf(await this.#options.source.get(name));
    if (head?.size !== size || !equalBytes(head.root, tiler.root())) {
      throw new ArchiveError('bad_tree', `${name} does not state the root ${toHex(tiler.root())} of the leaves`);
    }
    await this.#write([...full, ...tiler.partials()]);
    await this.#options.sink.put('checkpoint', utf8(head.note), { contentType: 'text/plain; charset=utf-8' });
  }

  async #write(tiles: readonly TileObject[]): Promise<void> {
    const { sink, onConflict } = this.#options;
    const write = async ({ name, bytes }: TileObject): Promise<void> => {
      const { kind } = await sink.create(name, bytes, { contentType: bundleType });
      if (kind === 'created') this.#written += 1;
      if (kind !== 'conflict') return;
      // Nothing here is evidence: the archive is, and it says what the tile must be.
      onConflict?.(name);
      await sink.put(name, bytes, { contentType: bundleType });
      this.#written += 1;
    };
    for (let at = 0; at < tiles.length; at += maxPending) {
      // All of them are over before a failure is told: the next run must not meet them.
      const outcomes = await Promise.allSettled(tiles.slice(at, at + maxPending).map(write));
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
  }
}

/** Tiles that are written at a time. */
const maxPending = 16;

function gapAt(index: number): ArchiveError {
  return new ArchiveError('bad_tree', `a checkpoint covers leaf ${index}, but no batch holds it`);
}

function headOf(bytes: Uint8Array | undefined): Head | undefined {
  const note = bytes === undefined ? undefined : decodeUtf8(bytes);
  const checkpoint = note === undefined ? undefined : parseCheckpointNote(note);
  return note === undefined || checkpoint === undefined ? undefined : { ...checkpoint, note };
}

/** Batches from this index on, one for each first index. */
async function* batchesFrom(options: TileFollowerOptions, from: number): AsyncGenerator<Batch, void, undefined> {
  let taken = -1;
  for await (const { name } of options.source.list(batchPrefix, { startOffset: objectNames.batch(from) })) {
    const batch = await readBatch(options, name);
    if (batch === undefined || batch.firstIndex === taken) continue;
    taken = batch.firstIndex;
    yield batch;
  }
}

/** `undefined`: junk under a batch's name, which a further name makes good. */
async function readBatch({ crypto, source, keys }: TileFollowerOptions, name: string): Promise<Batch | undefined> {
  const [, digits] = /^(\d{16})(?:-\d{1,4})?$/.exec(name.slice(batchPrefix.length)) ?? [];
  const note = decodeUtf8((await source.get(name)) ?? new Uint8Array());
  if (digits === undefined || note === undefined) return undefined;
  const batch = keys === undefined ? parseBatchNote(note) : verifiedBatch(crypto, note, keys());
  return batch?.firstIndex === Number(digits) ? batch : undefined;
}

function verifiedBatch(crypto: Crypto, note: string, keys: readonly NoteKey[]): Batch | undefined {
  const opened = verifyBatch(crypto, note, keys);
  return opened.kind === 'ok' ? opened.batch : undefined;
}
