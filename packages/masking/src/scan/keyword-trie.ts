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
  /** Indices of the keywords that end here, longest first; absent where none does. */
  readonly ending: ReadonlyMap<number, readonly number[]>;
}

interface GrowingTrie {
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  readonly charClass: Uint8Array;
  readonly own: Map<number, number[]>;
  size: number;
}

export function createKeywordTrie(keywords: readonly string[], { classOf }: CharClasses): KeywordTrie {
  const most = keywords.reduce((sum, { length }) => sum + length, 1);
  const trie: GrowingTrie = {
    firstChild: new Int32Array(most),
    nextSibling: new Int32Array(most),
    charClass: new Uint8Array(most),
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
function findChild({ firstChild, nextSibling, charClass }: GrowingTrie, node: number, wanted: number): number {
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
  return child;
}

/** Breadth first, so that a node's shorter suffixes are ready before it. */
function link(trie: GrowingTrie): KeywordTrie {
  const order = new Int32Array(trie.size);
  const fail = new Int32Array(trie.size);
  const ending = new Map<number, readonly number[]>();
  let count = 1;
  for (let i = 0; i < count; i += 1) {
    const node = order[i] ?? 0;
    const suffix = fail[node] ?? 0;
    keepEnding(ending, node, [...(trie.own.get(node) ?? []), ...(ending.get(suffix) ?? [])]);
    forEachChild(trie, node, (child, charClass) => {
      fail[child] = node === 0 ? 0 : step(trie, fail, suffix, charClass);
      order[count] = child;
      count += 1;
    });
  }
  const { size, firstChild, nextSibling, charClass } = trie;
  return { size, firstChild, nextSibling, charClass, fail, order, ending };
}

function keepEnding(ending: Map<number, readonly number[]>, node: number, indices: readonly number[]): void {
  if (indices.length > 0) ending.set(node, indices);
}

type Children = Pick<KeywordTrie, 'firstChild' | 'nextSibling' | 'charClass'>;

export function forEachChild(
  { firstChild, nextSibling, charClass }: Children,
  node: number,
  visit: (child: number, charClass: number) => void,
): void {
  for (let child = firstChild[node] ?? 0; child !== 0; child = nextSibling[child] ?? 0) {
    visit(child, charClass[child] ?? 0);
  }
}

function step(trie: GrowingTrie, fail: Int32Array, from: number, charClass: number): number {
  let node = from;
  for (;;) {
    const child = findChild(trie, node, charClass);
    if (child !== 0 || node === 0) return child;
    node = fail[node] ?? 0;
  }
}
