import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseBundle, parseCheckpointNote, verifyCheckpoint } from '@tachograph/archive';
import { createMetrics, silentLogger } from '@tachograph/service';
import { createDirectoryStore, StoreError, type ObjectStore } from '@tachograph/store';
import { nodeCrypto, sha256Hex } from '../keys/node-crypto.ts';
import type { Term } from '../sequencer/term.ts';
import { LogTerms } from '../testing/log-terms.ts';
import { until } from '../testing/installation.ts';
import { rebuildTiles } from './rebuild-tiles.ts';
import { createTileMetrics, createTileWriter, type TileWriter } from './tile-writer.ts';

let dir: string;
let terms: LogTerms;
let tiles: ObjectStore;
const metrics = createMetrics();
const tileMetrics = createTileMetrics(metrics);

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tachograph-tiles-'));
  await mkdir(join(dir, 'archive'));
  terms = new LogTerms(createDirectoryStore(join(dir, 'archive')));
  tiles = createDirectoryStore(join(dir, 'tiles'));
});
afterEach(async () => rm(dir, { recursive: true, force: true }));

function writerTo(store: ObjectStore): TileWriter {
  return createTileWriter({
    store: terms.store,
    tiles: store,
    log: silentLogger,
    metrics: tileMetrics,
    keys: () => [terms.key.note],
  });
}

/** Everything in a store, by name. */
async function contents(store: ObjectStore): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name } of store.list('')) found[name] = sha256Hex((await store.get(name)) ?? '');
  return found;
}

const grow = async (port: { append(leaves: readonly string[]): Promise<unknown> }, from: number, to: number) =>
  terms.during(port.append(Array.from({ length: to - from }, (_, i) => terms.openLeaf(from + i))));

/** A minute later everything is under a checkpoint, and that is published. */
async function publishAll(term: Term): Promise<void> {
  await terms.clock.pass(60_000);
  await reaches(term.log.size());
  await term.close();
}

/** Ends a term without tiles once its checkpoint stands. */
async function signed(term: Term, size: number): Promise<void> {
  await until('the checkpoint', () => (term.log.checkpoint()?.size === size ? true : undefined));
  await term.close();
}

/** A leader whose checkpoints come with tiles. */
async function leadWithTiles(): Promise<Term> {
  return terms.lead({ tiles: { store: tiles, metrics: tileMetrics } });
}

const published = async (): Promise<number> =>
  parseCheckpointNote(Buffer.from((await tiles.get('checkpoint')) ?? []).toString())?.size ?? 0;

async function reaches(size: number): Promise<void> {
  await until(`tiles of ${size} leaves`, async () => ((await published()) === size ? true : undefined));
}

describe('tiles beside the archive', () => {
  test('every checkpoint is published with the tiles that it covers', async () => {
    const term = await leadWithTiles();
    await reaches(1);
    await grow(term.port, 1, 300);
    await publishAll(term);
    const names = Object.keys(await contents(tiles));
    expect(names.toSorted()).toEqual([
      'checkpoint',
      'tile/0/000',
      'tile/0/000.p/1',
      'tile/0/001.p/44',
      'tile/1/000.p/1',
      'tile/entries/000',
      'tile/entries/000.p/1',
      'tile/entries/001.p/44',
    ]);
    const note = Buffer.from((await tiles.get('checkpoint')) ?? []).toString();
    expect(verifyCheckpoint(nodeCrypto, note, [terms.key.note])).toMatchObject({ size: 300 });
    const bundle = parseBundle((await tiles.get('tile/entries/000')) ?? new Uint8Array());
    const leaves = (await terms.leaves()).slice(0, 256).map((leaf) => JSON.stringify(leaf));
    expect(bundle?.map((entry) => Buffer.from(entry).toString())).toEqual(leaves);
  });

  test('what is rebuilt from the archive alone is byte-identical, through restarts of the leader', async () => {
    for (const [from, to] of [
      [1, 200],
      [200, 256],
      [256, 513],
      [513, 520],
    ] as const) {
      const term = await leadWithTiles();
      await grow(term.port, from, to);
      await publishAll(term);
    }
    const rebuilt = createDirectoryStore(join(dir, 'rebuilt'));
    await rebuildTiles({ store: terms.store, tiles: rebuilt, everyCheckpoint: true });
    expect(await contents(rebuilt)).toEqual(await contents(tiles));
    const newest = createDirectoryStore(join(dir, 'newest'));
    await rebuildTiles({ store: terms.store, tiles: newest, everyCheckpoint: false });
    expect(await contents(tiles)).toMatchObject(await contents(newest));
  });

  test('a store that fails in between gets all of it later', async () => {
    const term = await terms.lead();
    await grow(term.port, 1, 300);
    await term.close();
    await signed(await terms.lead(), 301);
    let creations = 0;
    const failing: ObjectStore = {
      create: async (name, bytes) => {
        creations += 1;
        if (creations === 4) throw new StoreError('unavailable', 'no answer');
        return tiles.create(name, bytes);
      },
      get: async (name) => tiles.get(name),
      list: (prefix) => tiles.list(prefix),
      put: async (name, bytes) => tiles.put(name, bytes),
    };
    const writer = writerTo(failing);
    writer.kick();
    await writer.idle();
    expect(await published()).toBeLessThan(301);
    writer.kick();
    await writer.idle();
    expect(await published()).toBe(301);
    const rebuilt = createDirectoryStore(join(dir, 'rebuilt'));
    await rebuildTiles({ store: terms.store, tiles: rebuilt, everyCheckpoint: true });
    expect(await contents(tiles)).toEqual(await contents(rebuilt));
  });

  test.each(['tile/0/000.p/200', 'tile/entries/000.p/200', 'checkpoint'])(
    'a published %s that somebody altered is made good from the archive',
    async (name) => {
      const before = await leadWithTiles();
      await grow(before.port, 1, 200);
      await publishAll(before);
      const path = join(dir, 'tiles', name);
      const bytes = await readFile(path);
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      await writeFile(path, bytes);
      const term = await leadWithTiles();
      await grow(term.port, 201, 320);
      await publishAll(term);
      const rebuilt = createDirectoryStore(join(dir, 'rebuilt'));
      await rebuildTiles({ store: terms.store, tiles: rebuilt, everyCheckpoint: true });
      expect(await contents(tiles)).toEqual(await contents(rebuilt));
    },
  );

  test('leaves that do not have the root of a checkpoint are not published', async () => {
    const term = await terms.lead();
    await grow(term.port, 1, 10);
    await terms.clock.pass(60_000);
    await signed(term, 10);
    const name = 'v1/log/batch/0000000000000001';
    const batch = Buffer.from((await terms.store.get(name)) ?? []).toString();
    await terms.store.put(name, Buffer.from(batch.replace('store-3', 'store-X')));
    await expect(rebuildTiles({ store: terms.store, tiles, everyCheckpoint: false })).rejects.toMatchObject({
      code: 'bad_tree',
    });
    expect(await tiles.get('checkpoint')).toBeUndefined();
  });
});
