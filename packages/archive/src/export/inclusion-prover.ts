import { ArchiveError } from '../archive-error.ts';
import type { Crypto } from '../crypto.ts';
import { hashNode, splitOf } from '../merkle.ts';

/** Audit paths in one tree: each node is hashed once, however many proofs are asked for. */
export interface InclusionProver {
  readonly root: Uint8Array;
  /** Throws `out_of_range` when there is no such leaf. */
  prove(index: number): Uint8Array[];
}

/** A prover over at least one leaf hash; memory is twice theirs. */
export function createInclusionProver(crypto: Crypto, leafHashes: readonly Uint8Array[]): InclusionProver {
  const levels = perfectLevels(crypto, leafHashes);
  const rootOfRange = (from: number, to: number): Uint8Array => {
    const size = to - from;
    const perfect = levels[Math.log2(size)]?.[from / size];
    if (perfect !== undefined) return perfect;
    const middle = from + splitOf(size);
    return hashNode(crypto, rootOfRange(from, middle), rootOfRange(middle, to));
  };
  const path = (index: number, from: number, to: number): Uint8Array[] => {
    if (to - from === 1) return [];
    const middle = from + splitOf(to - from);
    return index < middle
      ? [...path(index, from, middle), rootOfRange(middle, to)]
      : [...path(index, middle, to), rootOfRange(from, middle)];
  };
  const size = leafHashes.length;
  return {
    root: size === 0 ? crypto.sha256(new Uint8Array()) : rootOfRange(0, size),
    prove(index) {
      if (index >= 0 && index < size && Number.isInteger(index)) return path(index, 0, size);
      throw new ArchiveError('out_of_range', `leaf ${index} of a tree of size ${size}`);
    },
  };
}

/** Level n: roots of all whole runs of 2^n leaves. */
function perfectLevels(crypto: Crypto, leafHashes: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const levels: (readonly Uint8Array[])[] = [leafHashes];
  for (let below = leafHashes; below.length > 1; below = levels.at(-1) ?? []) {
    const pairs = Math.floor(below.length / 2);
    levels.push(Array.from({ length: pairs }, (_, i) => hashNode(crypto, at(below, 2 * i), at(below, 2 * i + 1))));
  }
  return levels;
}

function at(hashes: readonly Uint8Array[], index: number): Uint8Array {
  const hash = hashes[index];
  if (hash === undefined) throw new ArchiveError('out_of_range', `node ${index} of ${hashes.length}`);
  return hash;
}
