import { toHex, writeHex } from './bytes.ts';
import { ArchiveError } from './archive-error.ts';
import type { Crypto } from './crypto.ts';
import { onesOf, type TreeState } from './merkle.ts';

/** Root over a session's lines, built as they are recorded. */
export interface SessionRoot {
  readonly count: number;
  /** Adds a line by its hash, in hex. Throws `bad_text` when it is none. */
  append(lineHash: string): void;
  /** Hex root: what `session.close` and the manifest carry. */
  root(): string;
  state(): TreeState;
}

/** RFC 6962 root whose leaves are the line hashes, 32 raw bytes each; the `session.close` line is not among them. `from`: a state that the caller trusts. */
export function createSessionRoot(crypto: Crypto, from: TreeState = { size: 0, peaks: [] }): SessionRoot {
  if (from.peaks.length !== onesOf(from.size)) {
    throw new ArchiveError('out_of_range', `tree of size ${from.size} with ${from.peaks.length} peaks`);
  }
  return new PeaksOfTexts(crypto, from);
}

/**
 * The tree of `merkle.ts` with its hashes as texts of one character a byte: a verifier holds one for every session of
 * a stream, and two hashes a line are all that it does there. Bytes would cost a Buffer each, which keeps 8 KB alive.
 */
class PeaksOfTexts implements SessionRoot {
  readonly #crypto: Crypto;
  readonly #peaks: string[];
  #size: number;

  constructor(crypto: Crypto, { size, peaks }: TreeState) {
    this.#crypto = crypto;
    this.#peaks = peaks.map((peak) => String.fromCharCode(...peak));
    this.#size = size;
  }

  get count(): number {
    return this.#size;
  }

  append(lineHash: string): void {
    if (lineHash.length !== 64 || !writeHex(lineHash, leafBytes, 1)) {
      throw new ArchiveError('bad_text', `line hash of ${lineHash.length} characters`);
    }
    let hash = hashOf(this.#crypto, leafBytes);
    // Numbers, not bit operators, as in `merkle.ts`.
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      hash = nodeOf(this.#crypto, this.#peaks.pop() ?? '', hash);
    }
    this.#peaks.push(hash);
    this.#size += 1;
  }

  root(): string {
    const last = this.#peaks.at(-1);
    if (last === undefined) return toHex(this.#crypto.sha256(new Uint8Array()));
    const root = this.#peaks.slice(0, -1).reduceRight((right, left) => nodeOf(this.#crypto, left, right), last);
    return toHex(bytesOf(root));
  }

  state(): TreeState {
    return { size: this.#size, peaks: this.#peaks.map(bytesOf) };
  }
}

/** The leaf's prefix (0x00) and a line hash, used for every line: a hash is done with its input when it returns. */
const leafBytes = new Uint8Array(33);
/** The same of a node: its prefix (0x01) and two hashes. */
const nodeBytes = new Uint8Array(65);
nodeBytes[0] = 1;

function hashOf(crypto: Crypto, bytes: Uint8Array): string {
  return crypto.sha256Text?.(bytes) ?? String.fromCharCode(...crypto.sha256(bytes));
}

function nodeOf(crypto: Crypto, left: string, right: string): string {
  for (let i = 0; i < 32; i += 1) {
    nodeBytes[1 + i] = left.charCodeAt(i);
    nodeBytes[33 + i] = right.charCodeAt(i);
  }
  return hashOf(crypto, nodeBytes);
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
