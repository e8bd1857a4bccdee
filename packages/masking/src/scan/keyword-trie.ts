/** The classes of characters that keywords are made of. */
export interface CharClasses {
  readonly classOf: Uint8Array;
  readonly width: number;
}

/**
 * The keywords as a tree with Aho-Corasick's links, in flat arrays: it is built at every start. Node 0 is the root; a
 * node's number is greater than those of its ancestors and, in `order`, it comes behind all shorter ones.
 */
export interface KeywordTrie {
  readonly size: number;
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  /** Class of the character that leads to the node. */
  readonly charClass: Uint8Array;
  /** Node of the longest proper suffix that is in the tree. */
  readonly fail: Int32Array;
  /** Breadth first. */
  readonly order: Int32Array;
  /** By node: indices of the keywords that end here, longest first; undefined where none does. */
  readonly ending: readonly (readonly number[] | undefined)[];
}

interface GrowingTrie {
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  readonly charClass: Uint8Array;
  /** By class: the root has most children, and is asked most. */
  readonly ofRoot: Int32Array;
  readonly own: Map<number, number[]>;
  size: number;
}

export function createKeywordTrie(keywords: readonly string[], { classOf, width }: CharClasses): KeywordTrie {
  const most = keywords.reduce((sum, { length }) => sum + length, 1);
  const trie: GrowingTrie = {
    firstChild: new Int32Array(most),
    nextSibling: new Int32Array(most),
    charClass: new Uint8Array(most),
    ofRoot: new Int32Array(width),
    own: new Map(),
    size: 1,
  };
  keywords.forEach((keyword, index) => {
    let node = 0;
    for (let i = 0; i < keyword.length; i += 1) node = childOf(trie, node, classOf[keyword.charCodeAt(i)] ?? 0);
    const own = trie.own.get(node);
    if (own === undefined) trie.own.set(node, [index]);
    else own.push(index);
  });
  return link(trie);
}

/** 0 where there is none: the root is nobody's child. */
function findChild({ firstChild, nextSibling, charClass, ofRoot }: GrowingTrie, node: number, wanted: number): number {
  if (node === 0) return ofRoot[wanted] ?? 0;
  let child = firstChild[node] ?? 0;
  while (child !== 0 && charClass[child] !== wanted) child = nextSibling[child] ?? 0;
  return child;
}

function childOf(trie: GrowingTrie, node: number, wanted: number): number {
  const known = findChild(trie, node, wanted);
  if (known !== 0) return known;
  const child = trie.size;
  trie.size += 1;
  trie.charClass[child] = wanted;
  trie.nextSibling[child] = trie.firstChild[node] ?? 0;
  trie.firstChild[node] = child;
  if (node === 0) trie.ofRoot[wanted] = child;
  return child;
}

/** Breadth first, so that a node's shorter suffixes are ready before it. */
function link(trie: GrowingTrie): KeywordTrie {
  const { size, firstChild, nextSibling, charClass } = trie;
  const order = new Int32Array(size);
  const fail = new Int32Array(size);
  const ending: (readonly number[] | undefined)[] = Array.from({ length: size });
  let count = 1;
  for (let i = 0; i < count; i += 1) {
    const node = order[i] ?? 0;
    const suffix = fail[node] ?? 0;
    ending[node] = joined(trie.own.get(node), ending[suffix]);
    for (let child = firstChild[node] ?? 0; child !== 0; child = nextSibling[child] ?? 0) {
      fail[child] = node === 0 ? 0 : step(trie, fail, suffix, charClass[child] ?? 0);
      order[count] = child;
      count += 1;
    }
  }
  return { size, firstChild, nextSibling, charClass, fail, order, ending };
}

function joined(
  own: readonly number[] | undefined,
  shorter: readonly number[] | undefined,
): readonly number[] | undefined {
  return own === undefined || shorter === undefined ? (own ?? shorter) : [...own, ...shorter];
}

function step(trie: GrowingTrie, fail: Int32Array, from: number, charClass: number): number {
  let node = from;
  for (;;) {
    const child = findChild(trie, node, charClass);
    if (child !== 0 || node === 0) return child;
    node = fail[node] ?? 0;
  }
}
