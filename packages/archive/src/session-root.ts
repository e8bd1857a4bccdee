import { toHex, writeHex } from './bytes.ts';
import { ArchiveError } from './archive-error.ts';
import type { Crypto } from './crypto.ts';
import { createTree, type TreeState } from './merkle.ts';

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
export function createSessionRoot(crypto: Crypto, from?: TreeState): SessionRoot {
  const tree = createTree(crypto, from);
  return {
    get count() {
      return tree.size;
    },
    append(lineHash) {
      if (lineHash.length !== 64 || !writeHex(lineHash, leafBytes, 1)) {
        throw new ArchiveError('bad_text', `line hash of ${lineHash.length} characters`);
      }
      tree.append(crypto.sha256(leafBytes));
    },
    root: () => toHex(tree.root()),
    state: () => tree.state(),
  };
}

/** The leaf's prefix (0x00) and a line hash, used for every line: a hash is done with its input when it returns. */
const leafBytes = new Uint8Array(33);
