import type { KeywordTrie } from './keyword-trie.ts';

/** Counts of digits in a row: 0 to 4, and more. */
const counts = 6;

/** A node of the tree, and how many digits stand before. */
export interface AutomatonState {
  readonly node: number;
  /** 0 to 5; 5 stands for more than four. */
  readonly digits: number;
}

/**
 * The states of an automaton that counts digits: what a node stands for tells the count unless it is all digits, so there
 * are hardly more states than nodes. In the order of the nodes, breadth first.
 */
export function toDigitRunStates(trie: KeywordTrie, isDigitClass: Uint8Array): readonly AutomatonState[] {
  const trailing = new Uint8Array(trie.size);
  const isAllDigits = new Uint8Array(trie.size);
  isAllDigits[0] = isDigitClass.includes(1) ? 1 : 0;
  const states: AutomatonState[] = [];
  for (const node of trie.order) {
    const digits = trailing[node] ?? 0;
    const most = isAllDigits[node] === 1 ? counts - 1 : digits;
    for (let count = digits; count <= most; count += 1) states.push({ node, digits: count });
    for (const child of digitChildren(trie, isDigitClass, node)) {
      trailing[child] = nextCount(digits);
      isAllDigits[child] = isAllDigits[node] ?? 0;
    }
  }
  return states;
}

function digitChildren(
  { firstChild, nextSibling, charClass }: KeywordTrie,
  isDigitClass: Uint8Array,
  node: number,
): readonly number[] {
  const found: number[] = [];
  for (let child = firstChild[node] ?? 0; child !== 0; child = nextSibling[child] ?? 0) {
    if (isDigitClass[charClass[child] ?? 0] === 1) found.push(child);
  }
  return found;
}

/** The count behind one digit more. */
export function nextCount(digits: number): number {
  return digits < counts - 1 ? digits + 1 : digits;
}

/** A place for each node and count. */
export function stateKey(node: number, digits: number): number {
  return node * counts + digits;
}
