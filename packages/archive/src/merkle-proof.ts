/** Inclusion and consistency proofs: RFC 6962 section 2.1; checked as in RFC 9162 sections 2.1.3.2 and 2.1.4.2. */
import { equalBytes } from './bytes.ts';
import { ArchiveError } from './archive-error.ts';
import type { Crypto } from './crypto.ts';
import { hashNode, rootOf, splitOf } from './merkle.ts';

/** Audit path of leaf `index` in the tree over all `leafHashes`. Throws `out_of_range` when there is no such leaf. */
export function inclusionProof(crypto: Crypto, index: number, leafHashes: readonly Uint8Array[]): Uint8Array[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= leafHashes.length) {
    throw new ArchiveError('out_of_range', `leaf ${index} of a tree of size ${leafHashes.length}`);
  }
  if (leafHashes.length === 1) return [];
  const split = splitOf(leafHashes.length);
  const left = leafHashes.slice(0, split);
  const right = leafHashes.slice(split);
  return index < split
    ? [...inclusionProof(crypto, index, left), rootOf(crypto, right)]
    : [...inclusionProof(crypto, index - split, right), rootOf(crypto, left)];
}

/** Proof that the tree of the first `oldSize` leaves is a prefix of the tree over all. */
export function consistencyProof(crypto: Crypto, oldSize: number, leafHashes: readonly Uint8Array[]): Uint8Array[] {
  if (!Number.isSafeInteger(oldSize) || oldSize < 1 || oldSize > leafHashes.length) {
    throw new ArchiveError('out_of_range', `old size ${oldSize} of a tree of size ${leafHashes.length}`);
  }
  return subProof(crypto, { size: oldSize, whole: true }, leafHashes);
}

function subProof(
  crypto: Crypto,
  old: { readonly size: number; readonly whole: boolean },
  leafHashes: readonly Uint8Array[],
): Uint8Array[] {
  // The verifier knows the old root, and with it any subtree that is the whole old tree.
  if (old.size === leafHashes.length) return old.whole ? [] : [rootOf(crypto, leafHashes)];
  const split = splitOf(leafHashes.length);
  const left = leafHashes.slice(0, split);
  const right = leafHashes.slice(split);
  return old.size <= split
    ? [...subProof(crypto, old, left), rootOf(crypto, right)]
    : [...subProof(crypto, { size: old.size - split, whole: false }, right), rootOf(crypto, left)];
}

/** A claim that one leaf stands in a tree. */
export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Uint8Array;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Whether the proof shows what the claim says. Any input is safe. */
export function verifyInclusion(crypto: Crypto, claim: InclusionClaim): boolean {
  if (!isIndex(claim.index) || !isIndex(claim.size) || claim.index >= claim.size) return false;
  let at: Position = { fn: claim.index, sn: claim.size - 1 };
  let hash = claim.leafHash;
  for (const sibling of claim.proof) {
    if (at.sn === 0) return false;
    const { left, up } = climb(at);
    hash = left ? hashNode(crypto, sibling, hash) : hashNode(crypto, hash, sibling);
    at = up;
  }
  return at.sn === 0 && equalBytes(hash, claim.root);
}

/** A node's index at its level, and that of the last node there: `fn` and `sn` of RFC 9162. */
interface Position {
  readonly fn: number;
  readonly sn: number;
}

/** Whether the next node of the path stands left, and the position one level (or more) up. */
function climb(at: Position): { readonly left: boolean; readonly up: Position } {
  const left = at.fn % 2 === 1 || at.fn === at.sn;
  const { fn, sn } = left ? skipEven(at) : at;
  return { left, up: { fn: half(fn), sn: half(sn) } };
}

function skipEven(at: Position): Position {
  let { fn, sn } = at;
  while (fn % 2 === 0 && fn !== 0) {
    fn = half(fn);
    sn = half(sn);
  }
  return { fn, sn };
}

/** A claim that a tree extends an older one. */
export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly newSize: number;
  readonly newRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Whether the proof shows what the claim says. Any input is safe; an empty old tree needs no proof. */
export function verifyConsistency(crypto: Crypto, claim: ConsistencyClaim): boolean {
  const { oldSize, newSize } = claim;
  if (!isIndex(oldSize) || !isIndex(newSize) || oldSize > newSize) return false;
  if (oldSize === 0) return claim.proof.length === 0;
  if (oldSize === newSize) return claim.proof.length === 0 && equalBytes(claim.oldRoot, claim.newRoot);
  return walkConsistency(crypto, claim);
}

function walkConsistency(crypto: Crypto, claim: ConsistencyClaim): boolean {
  let at = firstShared(claim);
  // A power of two: the old root itself is the first node of the path.
  const path = at.fn === 0 ? [claim.oldRoot, ...claim.proof] : claim.proof;
  const [start, ...rest] = path;
  if (start === undefined) return false;
  let oldHash = start;
  let newHash = start;
  for (const node of rest) {
    if (at.sn === 0) return false;
    const { left, up } = climb(at);
    if (left) oldHash = hashNode(crypto, node, oldHash);
    newHash = left ? hashNode(crypto, node, newHash) : hashNode(crypto, newHash, node);
    at = up;
  }
  return at.sn === 0 && equalBytes(oldHash, claim.oldRoot) && equalBytes(newHash, claim.newRoot);
}

function firstShared(claim: ConsistencyClaim): Position {
  let fn = claim.oldSize - 1;
  let sn = claim.newSize - 1;
  while (fn % 2 === 1) {
    fn = half(fn);
    sn = half(sn);
  }
  return { fn, sn };
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isIndex(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
