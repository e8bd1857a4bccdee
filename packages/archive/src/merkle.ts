/** RFC 6962 section 2.1: the Merkle tree of the log and of a session. */
import { ArchiveError } from './archive-error.ts';
import type { Crypto } from './crypto.ts';

const leafPrefix = 0;
const nodePrefix = 1;

/** Hash of a leaf: SHA-256(0x00 ‖ data). */
export function hashLeaf(crypto: Crypto, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + data.length);
  bytes[0] = leafPrefix;
  bytes.set(data, 1);
  return crypto.sha256(bytes);
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function hashNode(crypto: Crypto, left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = left.length === 32 && right.length === 32 ? nodeBytes : new Uint8Array(1 + left.length + right.length);
  bytes[0] = nodePrefix;
  bytes.set(left, 1);
  bytes.set(right, 1 + left.length);
  return crypto.sha256(bytes);
}

/** Used for every node: a hash is done with its input when it returns. */
const nodeBytes = new Uint8Array(65);

/** Roots of the perfect subtrees of a tree, largest first: all that appending needs. */
export interface TreeState {
  readonly size: number;
  readonly peaks: readonly Uint8Array[];
}

/** An append-only tree that keeps O(log size) hashes. */
export interface Tree {
  readonly size: number;
  /** Adds the hash of a leaf (`hashLeaf`), not its data. */
  append(leafHash: Uint8Array): void;
  /** The root at this size; SHA-256 of nothing for the empty tree. */
  root(): Uint8Array;
  state(): TreeState;
}

/** An empty tree, or one that goes on from a state that the caller trusts. */
export function createTree(crypto: Crypto, from: TreeState = { size: 0, peaks: [] }): Tree {
  if (from.peaks.length !== onesOf(from.size)) {
    throw new ArchiveError('out_of_range', `tree of size ${from.size} with ${from.peaks.length} peaks`);
  }
  let size = from.size;
  const peaks = [...from.peaks];
  return {
    get size() {
      return size;
    },
    append(leafHash) {
      let hash = leafHash;
      // Numbers, not bit operators: a log may outgrow 32 bits.
      for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
        hash = hashNode(crypto, popPeak(peaks), hash);
      }
      peaks.push(hash);
      size += 1;
    },
    root: () => foldPeaks(crypto, peaks),
    state: () => ({ size, peaks: [...peaks] }),
  };
}

function popPeak(peaks: Uint8Array[]): Uint8Array {
  const peak = peaks.pop();
  if (peak === undefined) throw new ArchiveError('out_of_range', 'tree without peaks');
  return peak;
}

function foldPeaks(crypto: Crypto, peaks: readonly Uint8Array[]): Uint8Array {
  const last = peaks.at(-1);
  if (last === undefined) return crypto.sha256(new Uint8Array());
  return peaks.slice(0, -1).reduceRight((right, left) => hashNode(crypto, left, right), last);
}

/** How many perfect subtrees a tree of that size has. */
export function onesOf(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}

/** The root over leaf hashes. */
export function rootOf(crypto: Crypto, leafHashes: readonly Uint8Array[]): Uint8Array {
  const tree = createTree(crypto);
  for (const hash of leafHashes) tree.append(hash);
  return tree.root();
}

/** Largest power of two below `size`; `size` must be above 1. */
export function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}
