import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { hashLeaf } from './merkle.ts';
import { consistencyProof, inclusionProof } from './merkle-proof.ts';
import { nodeCrypto as crypto } from './testing/node-crypto.ts';
import { createLogHashes, readConsistencyProof, readInclusionProof } from './tree-hashes.ts';

const all = Array.from({ length: 1100 }, (_, i) => hashLeaf(crypto, Uint8Array.of(i & 0xff, i >> 8)));

function hashesOf(size: number, leaves = all, keptTiles = 1) {
  const read = (index: number) => Promise.resolve(leaves.slice(index * 256, (index + 1) * 256));
  const hashes = createLogHashes(crypto, read, keptTiles);
  for (const leaf of all.slice(0, size)) hashes.append(leaf);
  return { crypto, hashes };
}

const sizes = fc
  .tuple(fc.integer({ min: 1, max: all.length }), fc.integer({ min: 1, max: all.length }))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

describe('proofs from stored hashes', () => {
  test('are those over all leaf hashes: consistency', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ([old, size]) => {
        const proof = await readConsistencyProof(hashesOf(size), old, size);
        expect(proof).toEqual(consistencyProof(crypto, old, all.slice(0, size)));
      }),
      { numRuns: 60 },
    );
  });

  test('are those over all leaf hashes: inclusion, also in a tree smaller than the log', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async ([size, now], at) => {
        const proof = await readInclusionProof(hashesOf(now), at % size, size);
        expect(proof).toEqual(inclusionProof(crypto, at % size, all.slice(0, size)));
      }),
      { numRuns: 60 },
    );
  });

  test.each([-1, 5, 0.5])('refuse leaf %p of a tree of 5', async (index) => {
    await expect(readInclusionProof(hashesOf(5), index, 5)).rejects.toMatchObject({ code: 'out_of_range' });
  });

  test('are not made from leaves that changed since they were appended', async () => {
    const altered = all.with(7, hashLeaf(crypto, Uint8Array.of(9, 9, 9)));
    await expect(readInclusionProof(hashesOf(600, altered), 3, 600)).rejects.toMatchObject({ code: 'bad_tree' });
  });
});
