/** C2SP tlog-tiles: the log as static files that any transparency-log client reads. All of it follows from the leaves. */
import { concatBytes, equalBytes, utf8 } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { hashLogLeaf } from './log-leaf.ts';
import { createTree, hashLeaf, hashNode, rootOf } from './merkle.ts';

/** Hashes in a full tile, and entries in a full bundle: tiles of height 8. */
export const tileWidth = 256;
const hashBytes = 32;

/** A tile or an entry bundle under its name. */
export interface TileObject {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** `tile/<level>/<index>` or `tile/entries/<index>`, with `.p/<width>` below a full width; 1,234,067 is `x001/x234/067`. */
export function tilePath(level: number | 'entries', index: number, width: number = tileWidth): string {
  const groups: string[] = [];
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`${groups.length === 0 ? '' : 'x'}${String(rest % 1000).padStart(3, '0')}`);
  }
  return `tile/${level}/${groups.join('/')}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** An entry bundle's bytes: every entry behind its length, two bytes, big-endian. */
export function formatBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...entries.flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry]));
}

/** Entries of a bundle; `undefined` when its lengths do not fit its bytes. */
export function parseBundle(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 2 + (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
    if (at + 2 > bytes.length || end > bytes.length) return undefined;
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

/** Cuts a growing log into tiles. Keeps one incomplete tile of each level and one incomplete bundle. */
export interface Tiler {
  readonly size: number;
  /** Takes the next leaf; gives the tiles and the bundle that it completes. */
  append(leafText: string): readonly TileObject[];
  /** The partial tiles and the partial bundle of the tree at this size. */
  partials(): readonly TileObject[];
  /** The root at this size. */
  root(): Uint8Array;
}

interface TilerState {
  readonly size: number;
  /** Hashes of the incomplete tile of each level. */
  readonly levels: Uint8Array[][];
  /** Entries of the incomplete bundle. */
  readonly entries: Uint8Array[];
}

/** A tiler of an empty log. */
export function createTiler(crypto: Crypto): Tiler {
  return new LogTiler(crypto, { size: 0, levels: [[]], entries: [] });
}

class LogTiler implements Tiler {
  readonly #crypto: Crypto;
  readonly #levels: Uint8Array[][];
  #entries: Uint8Array[];
  #size: number;

  constructor(crypto: Crypto, { size, levels, entries }: TilerState) {
    this.#crypto = crypto;
    this.#size = size;
    this.#levels = levels;
    this.#entries = entries;
  }

  get size(): number {
    return this.#size;
  }

  append(leafText: string): readonly TileObject[] {
    const full: TileObject[] = [];
    this.#size += 1;
    this.#entries.push(utf8(leafText));
    if (this.#entries.length === tileWidth) {
      const name = tilePath('entries', this.#size / tileWidth - 1);
      full.push({ name, bytes: formatBundle(this.#entries) });
      this.#entries = [];
    }
    let hash: Uint8Array | undefined = hashLogLeaf(this.#crypto, leafText);
    for (let level = 0; hash !== undefined; level += 1) hash = this.#push(level, hash, full);
    return full;
  }

  /** Gives the tile's root when the hash completes it: the next hash of the level above. */
  #push(level: number, hash: Uint8Array, full: TileObject[]): Uint8Array | undefined {
    const hashes = (this.#levels[level] ??= []);
    hashes.push(hash);
    if (hashes.length < tileWidth) return undefined;
    const index = Math.floor(this.#size / tileWidth ** (level + 1)) - 1;
    full.push({ name: tilePath(level, index), bytes: concatBytes(...hashes) });
    this.#levels[level] = [];
    return rootOf(this.#crypto, hashes);
  }

  partials(): readonly TileObject[] {
    const tiles = this.#levels.flatMap((hashes, level) => {
      if (hashes.length === 0) return [];
      const index = Math.floor(this.#size / tileWidth ** (level + 1));
      return [{ name: tilePath(level, index, hashes.length), bytes: concatBytes(...hashes) }];
    });
    if (this.#entries.length === 0) return tiles;
    const name = tilePath('entries', Math.floor(this.#size / tileWidth), this.#entries.length);
    return [...tiles, { name, bytes: formatBundle(this.#entries) }];
  }

  root(): Uint8Array {
    // The peaks of the whole tree are those of the incomplete tiles, the higher levels' further left.
    const peaks = this.#levels.toReversed().flatMap((hashes) => peaksOf(this.#crypto, hashes));
    const last = peaks.pop();
    if (last === undefined) return this.#crypto.sha256(new Uint8Array());
    return peaks.reduceRight((right, left) => hashNode(this.#crypto, left, right), last);
  }
}

function peaksOf(crypto: Crypto, hashes: readonly Uint8Array[]): readonly Uint8Array[] {
  const tree = createTree(crypto);
  for (const hash of hashes) tree.append(hash);
  return tree.state().peaks;
}

/**
 * Goes on from stored tiles. They are believed only where they have the root that a checkpoint states; `undefined`
 * where they are absent, damaged or another tree's.
 */
export async function restoreTiler(
  crypto: Crypto,
  head: { readonly size: number; readonly root: Uint8Array },
  read: (name: string) => Promise<Uint8Array | undefined>,
): Promise<Tiler | undefined> {
  const levels: Uint8Array[][] = [];
  for (let level = 0; level === 0 || head.size >= tileWidth ** level; level += 1) {
    const hashes = await readEdge(read, level, Math.floor(head.size / tileWidth ** level));
    if (hashes === undefined) return undefined;
    levels.push(hashes);
  }
  const entries = await readEntries(read, head.size);
  const fit = entries?.every((entry, i) => equalBytes(hashLeaf(crypto, entry), levels[0]?.[i] ?? new Uint8Array()));
  if (entries === undefined || fit !== true) return undefined;
  const tiler = new LogTiler(crypto, { size: head.size, levels, entries });
  return equalBytes(tiler.root(), head.root) ? tiler : undefined;
}

async function readEdge(
  read: (name: string) => Promise<Uint8Array | undefined>,
  level: number,
  count: number,
): Promise<Uint8Array[] | undefined> {
  const width = count % tileWidth;
  if (width === 0) return [];
  const bytes = await read(tilePath(level, Math.floor(count / tileWidth), width));
  if (bytes?.length !== width * hashBytes) return undefined;
  return Array.from({ length: width }, (_, i) => bytes.slice(i * hashBytes, (i + 1) * hashBytes));
}

async function readEntries(
  read: (name: string) => Promise<Uint8Array | undefined>,
  size: number,
): Promise<Uint8Array[] | undefined> {
  const width = size % tileWidth;
  if (width === 0) return [];
  const bytes = await read(tilePath('entries', Math.floor(size / tileWidth), width));
  const entries = bytes === undefined ? undefined : parseBundle(bytes);
  return entries?.length === width ? [...entries] : undefined;
}
