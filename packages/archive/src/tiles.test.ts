import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { concatBytes, utf8 } from './bytes.ts';
import { hashLeaf, rootOf } from './merkle.ts';
import { nodeCrypto as crypto } from './testing/node-crypto.ts';
import { createTiler, formatBundle, parseBundle, restoreTiler, tilePath } from './tiles.ts';

const leavesOf = (size: number): string[] => Array.from({ length: size }, (_, i) => `{"leaf":${i}}`);

/** The published files at one size, straight from the definition of tlog-tiles and from all leaves at once. */
function byDefinition(leaves: readonly string[]): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let hashes = leaves.map((leaf) => hashLeaf(crypto, utf8(leaf)));
  for (let level = 0; hashes.length > 0; level += 1) {
    for (let at = 0; at < hashes.length; at += 256) {
      const tile = hashes.slice(at, at + 256);
      files.set(tilePath(level, at / 256, tile.length), concatBytes(...tile));
    }
    const whole = Math.floor(hashes.length / 256);
    hashes = Array.from({ length: whole }, (_, i) => rootOf(crypto, hashes.slice(i * 256, (i + 1) * 256)));
  }
  for (let at = 0; at < leaves.length; at += 256) {
    const entries = leaves.slice(at, at + 256);
    const bytes = concatBytes(
      ...entries.flatMap((entry) => [Uint8Array.of(utf8(entry).length >> 8, utf8(entry).length & 255), utf8(entry)]),
    );
    files.set(tilePath('entries', at / 256, entries.length), bytes);
  }
  return files;
}

function byGrowth(leaves: readonly string[]): Map<string, Uint8Array> {
  const tiler = createTiler(crypto);
  const full = leaves.flatMap((leaf) => tiler.append(leaf));
  return new Map([...full, ...tiler.partials()].map(({ name, bytes }) => [name, bytes]));
}

const hexOf = (files: ReadonlyMap<string, Uint8Array>): unknown =>
  Object.fromEntries([...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString('hex')]));

/** Around the ends of tiles of two levels. */
const size = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.constantFrom(255, 256, 257, 511, 512, 513));

describe('tlog-tiles', () => {
  test.each([
    [0, 'tile/0/000'],
    [67, 'tile/0/067'],
    [1000, 'tile/0/x001/000'],
    [1_234_067, 'tile/0/x001/x234/067'],
  ])('tile %i is %s', (index, path) => {
    expect(tilePath(0, index)).toBe(path);
  });

  test('a partial tile says its width', () => {
    expect(tilePath(2, 5, 7)).toBe('tile/2/005.p/7');
    expect(tilePath('entries', 1_234, 255)).toBe('tile/entries/x001/234.p/255');
  });

  test('growth leaf by leaf gives the files that the whole tree defines', () => {
    fc.assert(
      fc.property(size, (n) => {
        expect(hexOf(byGrowth(leavesOf(n)))).toEqual(hexOf(byDefinition(leavesOf(n))));
      }),
      { numRuns: 20 },
    );
  });

  test('a tree of 65,536 leaves and one more has a tile of the third level', () => {
    const files = byGrowth(leavesOf(65_537));
    expect([...files.keys()].filter((name) => !/^tile\/(0|entries)\//.test(name))).toEqual([
      'tile/1/000',
      'tile/2/000.p/1',
    ]);
    expect(files.get('tile/2/000.p/1')).toEqual(
      Uint8Array.from(
        rootOf(
          crypto,
          leavesOf(65_536).map((leaf) => hashLeaf(crypto, utf8(leaf))),
        ),
      ),
    );
  });

  test('the root is that of the tree at every size', () => {
    fc.assert(
      fc.property(size, (n) => {
        const tiler = createTiler(crypto);
        for (const leaf of leavesOf(n)) tiler.append(leaf);
        expect(tiler.root()).toEqual(
          rootOf(
            crypto,
            leavesOf(n).map((leaf) => hashLeaf(crypto, utf8(leaf))),
          ),
        );
      }),
      { numRuns: 20 },
    );
  });

  test('goes on from stored tiles as if it had never stopped', async () => {
    await fc.assert(
      fc.asyncProperty(size, size, async (a, b) => {
        const files = byGrowth(leavesOf(a));
        const root = rootOf(
          crypto,
          leavesOf(a).map((leaf) => hashLeaf(crypto, utf8(leaf))),
        );
        const tiler = await restoreTiler(crypto, { size: a, root }, (name) => Promise.resolve(files.get(name)));
        if (tiler === undefined) throw new Error('not restored');
        for (const leaf of leavesOf(a + b).slice(a))
          for (const { name, bytes } of tiler.append(leaf)) files.set(name, bytes);
        for (const { name, bytes } of tiler.partials()) files.set(name, bytes);
        const wanted = byDefinition(leavesOf(a + b));
        for (const [name, bytes] of wanted) expect(Buffer.from(files.get(name) ?? [])).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 15 },
    );
  });

  test('believes no stored tile that does not have the signed root', async () => {
    const root = rootOf(
      crypto,
      leavesOf(300).map((leaf) => hashLeaf(crypto, utf8(leaf))),
    );
    const damaged = ['tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/001.p/44'];
    for (const name of damaged) {
      const files = byGrowth(leavesOf(300));
      const bytes = Uint8Array.from(files.get(name) ?? []);
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      files.set(name, bytes);
      const read = (asked: string): Promise<Uint8Array | undefined> => Promise.resolve(files.get(asked));
      expect(await restoreTiler(crypto, { size: 300, root }, read)).toBeUndefined();
    }
  });

  test('a bundle gives its entries back, and any other bytes give none or their own', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 700 }), { maxLength: 20 }), (entries) => {
        expect(parseBundle(formatBundle(entries))?.map((one) => [...one])).toEqual(entries.map((one) => [...one]));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const entries = parseBundle(bytes);
        expect([...(entries === undefined ? bytes : formatBundle(entries))]).toEqual([...bytes]);
      }),
    );
  });
});
