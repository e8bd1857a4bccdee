/** Proofs from stored hashes of subtrees, where a log is too large to hold all its leaf hashes (RFC 6962 section 2.1). */
import { ArchiveError } from './archive-error.ts';
import { equalBytes } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { hashNode, rootOf, splitOf } from './merkle.ts';
import { tileWidth } from './tiles.ts';

/** Hashes of perfect subtrees. */
export interface TreeHashes {
  /** Root of the `2^level` leaves from `index * 2^level` on, all of which exist. */
  node(level: number, index: number): Promise<Uint8Array>;
}

interface Reader {
  readonly crypto: Crypto;
  readonly hashes: TreeHashes;
}

/** Leaves [from, to). */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** Audit path of leaf `index` in the tree of this size. Rejects with `out_of_range` when there is no such leaf. */
export async function readInclusionProof(reader: Reader, index: number, size: number): Promise<Uint8Array[]> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new ArchiveError('out_of_range', `leaf ${index} of a tree of size ${size}`);
  }
  return auditPath(reader, index, { from: 0, to: size });
}

async function auditPath(reader: Reader, index: number, { from, to }: Range): Promise<Uint8Array[]> {
  if (to - from === 1) return [];
  const middle = from + splitOf(to - from);
  const [left, right] = [
    { from, to: middle },
    { from: middle, to },
  ];
  return index < middle
    ? [...(await auditPath(reader, index, left)), await rangeRoot(reader, right)]
    : [...(await auditPath(reader, index, right)), await rangeRoot(reader, left)];
}

/** Proof that the tree of `oldSize` leaves is a prefix of that of `size`. Rejects with `out_of_range`. */
export async function readConsistencyProof(reader: Reader, oldSize: number, size: number): Promise<Uint8Array[]> {
  if (!Number.isSafeInteger(oldSize) || oldSize < 1 || oldSize > size) {
    throw new ArchiveError('out_of_range', `old size ${oldSize} of a tree of size ${size}`);
  }
  return subProof(reader, { size: oldSize, whole: true }, { from: 0, to: size });
}

async function subProof(
  reader: Reader,
  old: { readonly size: number; readonly whole: boolean },
  { from, to }: Range,
): Promise<Uint8Array[]> {
  if (old.size === to) return old.whole ? [] : [await rangeRoot(reader, { from, to })];
  const middle = from + splitOf(to - from);
  const [left, right] = [
    { from, to: middle },
    { from: middle, to },
  ];
  return old.size <= middle
    ? [...(await subProof(reader, old, left)), await rangeRoot(reader, right)]
    : [...(await subProof(reader, { size: old.size, whole: false }, right)), await rangeRoot(reader, left)];
}

async function rangeRoot(reader: Reader, { from, to }: Range): Promise<Uint8Array> {
  const level = Math.log2(to - from);
  // Ranges come from splitting at powers of two, so that a whole power is aligned.
  if (Number.isInteger(level)) return reader.hashes.node(level, from / (to - from));
  const middle = from + splitOf(to - from);
  const left = await rangeRoot(reader, { from, to: middle });
  return hashNode(reader.crypto, left, await rangeRoot(reader, { from: middle, to }));
}

/** Hashes of a growing log: one in 256 in memory, and the leaf hashes of the newest tiles. */
export interface LogHashes extends TreeHashes {
  readonly size: number;
  append(leafHash: Uint8Array): void;
}

/** 256 are some 65,000 leaves. */
const usuallyKept = 256;

/** `readTile`: the 256 leaf hashes of a complete tile, from wherever the leaves are; asked for unless it is among the `keptTiles`. */
export function createLogHashes(
  crypto: Crypto,
  readTile: (index: number) => Promise<readonly Uint8Array[]>,
  keptTiles = usuallyKept,
): LogHashes {
  return new TiledHashes(crypto, readTile, keptTiles);
}

class TiledHashes implements LogHashes {
  readonly #crypto: Crypto;
  readonly #keptTiles: number;
  readonly #readTile: (index: number) => Promise<readonly Uint8Array[]>;
  /** Level 0: of the incomplete tile. Level n: all roots of 256^n leaves. */
  readonly #levels: Uint8Array[][] = [[]];
  #size = 0;
  /** Complete tiles, the one used last at the end: proofs are asked for of leaves that are minutes old. */
  readonly #tiles = new Map<number, readonly Uint8Array[]>();

  constructor(crypto: Crypto, readTile: (index: number) => Promise<readonly Uint8Array[]>, keptTiles: number) {
    this.#keptTiles = keptTiles;
    this.#crypto = crypto;
    this.#readTile = readTile;
  }

  get size(): number {
    return this.#size;
  }

  append(leafHash: Uint8Array): void {
    this.#size += 1;
    this.#levels[0]?.push(leafHash);
    for (let level = 0; this.#size % tileWidth ** (level + 1) === 0; level += 1) {
      const hashes = this.#levels[level] ?? [];
      (this.#levels[level + 1] ??= []).push(rootOf(this.#crypto, hashes.slice(-tileWidth)));
      if (level === 0) {
        this.#keep(this.#size / tileWidth - 1, hashes);
        this.#levels[0] = [];
      }
    }
  }

  async node(level: number, index: number): Promise<Uint8Array> {
    const stored = Math.floor(level / 8);
    const width = 2 ** (level % 8);
    const from = index * width;
    const hashes = stored === 0 ? await this.#leaves(from, width) : this.#levels[stored]?.slice(from, from + width);
    if (hashes?.length !== width) {
      throw new ArchiveError('out_of_range', `node ${index} of level ${level} in a tree of size ${this.#size}`);
    }
    return rootOf(this.#crypto, hashes);
  }

  /** Within one tile, since widths are powers of two below 256. */
  async #leaves(from: number, width: number): Promise<readonly Uint8Array[]> {
    const index = Math.floor(from / tileWidth);
    const tile = index === Math.floor(this.#size / tileWidth) ? (this.#levels[0] ?? []) : await this.#tile(index);
    return tile.slice(from % tileWidth, (from % tileWidth) + width);
  }

  async #tile(index: number): Promise<readonly Uint8Array[]> {
    const hashes = this.#tiles.get(index) ?? (await this.#readWhole(index));
    this.#keep(index, hashes);
    return hashes;
  }

  async #readWhole(index: number): Promise<readonly Uint8Array[]> {
    const hashes = await this.#readTile(index);
    const root = this.#levels[1]?.[index];
    if (hashes.length !== tileWidth || root === undefined || !equalBytes(rootOf(this.#crypto, hashes), root)) {
      throw new ArchiveError('bad_tree', `the leaves of tile ${index} are not those that were read before`);
    }
    return hashes;
  }

  #keep(index: number, hashes: readonly Uint8Array[]): void {
    this.#tiles.delete(index);
    this.#tiles.set(index, hashes);
    const oldest = this.#tiles.size > this.#keptTiles ? this.#tiles.keys().next().value : undefined;
    if (oldest !== undefined) this.#tiles.delete(oldest);
  }
}
