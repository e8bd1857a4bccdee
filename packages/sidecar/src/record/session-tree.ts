import { createTree, hashLeaf, type Tree } from '@tachograph/archive';
import { nodeCrypto } from './node-crypto.ts';

/** Lines whose hashes wait to be folded in: 2,000 sessions keep 5 MB of them at most. */
const maxWaiting = 32;

/** The Merkle tree over a session's line hashes. Folds many at once, because a call that waits for its record should not pay for it. */
export class SessionTree {
  readonly #tree = createTree(nodeCrypto);
  #waiting: string[] = [];

  /** Adds the hex hash of a line. */
  append(lineHash: string): void {
    this.#waiting.push(lineHash);
    if (this.#waiting.length >= maxWaiting) this.folded();
  }

  /** The tree over every line so far. */
  folded(): Tree {
    for (const hash of this.#waiting) this.#tree.append(hashLeaf(nodeCrypto, Buffer.from(hash, 'hex')));
    this.#waiting = [];
    return this.#tree;
  }
}
