import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { fromHex, toHex, utf8 } from './bytes.ts';
import { createTree, hashLeaf, rootOf } from './merkle.ts';
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from './merkle-proof.ts';
import { nodeCrypto as crypto } from './testing/node-crypto.ts';

/** The vectors of certificate-transparency's Merkle tree tests. */
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

function bytes(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}

const vectorHashes = inputs.map((input) => hashLeaf(crypto, bytes(input)));

function leavesOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => hashLeaf(crypto, utf8(`leaf ${i}`)));
}

function flip(source: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(source);
  const at = Math.floor(bit / 8) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8));
  return copy;
}

describe('the tree', () => {
  test('is SHA-256 of nothing while empty', () => {
    expect(toHex(createTree(crypto).root())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  test('gives the published roots at every size', () => {
    const tree = createTree(crypto);
    const got = vectorHashes.map((hash) => {
      tree.append(hash);
      return toHex(tree.root());
    });
    expect(got).toEqual(roots);
  });

  test('goes on from a saved state', () => {
    const before = createTree(crypto);
    for (const hash of vectorHashes.slice(0, 5)) before.append(hash);
    const after = createTree(crypto, before.state());
    for (const hash of vectorHashes.slice(5)) after.append(hash);
    expect([after.size, toHex(after.root())]).toEqual([8, roots[7]]);
  });

  test('refuses a state whose peaks do not fit its size', () => {
    expect(() => createTree(crypto, { size: 3, peaks: [new Uint8Array(32)] })).toThrow('tree of size 3 with 1 peaks');
  });
});

describe('inclusion proofs', () => {
  test('give the published path', () => {
    expect(inclusionProof(crypto, 0, vectorHashes).map(toHex)).toEqual([
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ]);
  });

  test('verify for every leaf of every size to 33', () => {
    for (let size = 1; size <= 33; size += 1) {
      const leaves = leavesOf(size);
      const root = rootOf(crypto, leaves);
      for (const [index, leafHash] of leaves.entries()) {
        const proof = inclusionProof(crypto, index, leaves);
        expect(verifyInclusion(crypto, { index, size, leafHash, root, proof })).toBe(true);
      }
    }
  });

  test('fail for any flipped bit, another index, and a shorter or longer path', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), fc.nat(), (size, pick, bit) => {
        const leaves = leavesOf(size);
        const index = pick % size;
        const leafHash = leaves[index] ?? new Uint8Array();
        const proof = inclusionProof(crypto, index, leaves);
        const good = { index, size, leafHash, root: rootOf(crypto, leaves), proof };
        const hurt = proof.map((node, i) => (i === pick % proof.length ? flip(node, bit % 256) : node));
        const bad = [
          { ...good, proof: hurt },
          { ...good, leafHash: flip(leafHash, bit % 256) },
          { ...good, root: flip(good.root, bit % 256) },
          { ...good, index: (index + 1) % size },
          { ...good, proof: proof.slice(1) },
          { ...good, proof: [...proof, leafHash] },
          { ...good, index: size },
          { ...good, index: -1 },
        ];
        expect(verifyInclusion(crypto, good)).toBe(true);
        expect(bad.filter((claim) => verifyInclusion(crypto, claim))).toEqual([]);
      }),
    );
  });
});

describe('consistency proofs', () => {
  test('verify between all sizes to 33', () => {
    const leaves = leavesOf(33);
    for (let newSize = 1; newSize <= 33; newSize += 1) {
      const newer = leaves.slice(0, newSize);
      for (let oldSize = 1; oldSize <= newSize; oldSize += 1) {
        const claim = {
          oldSize,
          newSize,
          oldRoot: rootOf(crypto, newer.slice(0, oldSize)),
          newRoot: rootOf(crypto, newer),
          proof: consistencyProof(crypto, oldSize, newer),
        };
        expect(verifyConsistency(crypto, claim)).toBe(true);
      }
    }
  });

  test('fail for any flipped bit and for a rewritten leaf', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), fc.nat(), (newSize, pick, bit) => {
        const leaves = leavesOf(newSize);
        const oldSize = 1 + (pick % (newSize - 1));
        const proof = consistencyProof(crypto, oldSize, leaves);
        const oldRoot = rootOf(crypto, leaves.slice(0, oldSize));
        const good = { oldSize, newSize, oldRoot, newRoot: rootOf(crypto, leaves), proof };
        const rewritten = leaves.map((leaf, i) => (i === pick % oldSize ? flip(leaf, bit % 256) : leaf));
        const bad = [
          { ...good, proof: proof.map((node, i) => (i === pick % proof.length ? flip(node, bit % 256) : node)) },
          { ...good, newRoot: rootOf(crypto, rewritten), proof: consistencyProof(crypto, oldSize, rewritten) },
          { ...good, oldRoot: flip(oldRoot, bit % 256) },
          { ...good, proof: proof.slice(1) },
        ];
        expect(verifyConsistency(crypto, good)).toBe(true);
        expect(bad.filter((claim) => verifyConsistency(crypto, claim))).toEqual([]);
      }),
    );
  });
});
