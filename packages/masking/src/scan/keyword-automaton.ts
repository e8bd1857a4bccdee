/**
 * Aho-Corasick over a small set of keywords, case folded, as one table: `next[state + classOf[char]]`. States are
 * row offsets; those from `stopFrom` on need attention, so that the inner loops have one comparison per character.
 */
export interface KeywordAutomaton {
  readonly next: Int32Array;
  /** Class of each UTF-16 unit; JSON's `"`, `\` and control characters have classes of their own. */
  readonly classOf: Uint8Array;
  readonly stopFrom: number;
  /** At the closing `"` of a JSON string. */
  readonly quoteState: number;
  readonly escapeState: number;
  readonly controlState: number;
  /** Indices of the keywords that end in this state, longest first. */
  readonly endingAt: (state: number) => readonly number[];
}

const quoteClass = 1;
const escapeClass = 2;
const controlClass = 3;
const firstLetterClass = 4;

interface TrieNode {
  readonly children: Map<number, TrieNode>;
  readonly own: number[];
  readonly depth: number;
  row: number;
  fail: TrieNode | undefined;
  ending: readonly number[];
}

/** Keywords are ASCII, lower case, free of `"`, `\` and control characters. */
export function createKeywordAutomaton(keywords: readonly string[]): KeywordAutomaton {
  const { classOf, width } = toClasses(keywords);
  const nodes = toBreadthFirst(toTrie(keywords, classOf));
  const quiet = nodes.filter((node) => node.ending.length === 0);
  const loud = nodes.filter((node) => node.ending.length > 0);
  [...quiet, ...loud].forEach((node, index) => {
    node.row = index * width;
  });
  const stopRows = nodes.length * width;
  const states = { quoteState: stopRows, escapeState: stopRows + width, controlState: stopRows + 2 * width };
  const next = toTable(nodes, width, stopRows);
  const endings = new Map(loud.map((node) => [node.row, node.ending]));
  return { next, classOf, stopFrom: quiet.length * width, ...states, endingAt: (state) => endings.get(state) ?? [] };
}

function toClasses(keywords: readonly string[]): { classOf: Uint8Array; width: number } {
  const classOf = new Uint8Array(0x10000);
  classOf.fill(controlClass, 0, 0x20);
  classOf[0x22] = quoteClass;
  classOf[0x5c] = escapeClass;
  let width = firstLetterClass;
  for (const char of new Set(keywords.join(''))) {
    classOf[char.charCodeAt(0)] = width;
    classOf[char.toUpperCase().charCodeAt(0)] = width;
    width += 1;
  }
  return { classOf, width };
}

function createNode(depth: number): TrieNode {
  return { children: new Map(), own: [], depth, row: 0, fail: undefined, ending: [] };
}

function toTrie(keywords: readonly string[], classOf: Uint8Array): TrieNode {
  const root = createNode(0);
  keywords.forEach((keyword, index) => {
    let node = root;
    for (let i = 0; i < keyword.length; i += 1) node = childOf(node, classOf[keyword.charCodeAt(i)] ?? 0);
    node.own.push(index);
  });
  return root;
}

function childOf(node: TrieNode, charClass: number): TrieNode {
  const known = node.children.get(charClass);
  if (known !== undefined) return known;
  const child = createNode(node.depth + 1);
  node.children.set(charClass, child);
  return child;
}

/** Breadth first, so that a node's shorter suffixes are ready before it. */
function toBreadthFirst(root: TrieNode): readonly TrieNode[] {
  const order = [root];
  for (const node of order) {
    node.ending = [...node.own, ...(node.fail?.ending ?? [])];
    for (const [charClass, child] of node.children) {
      child.fail = node === root ? root : step(node.fail ?? root, charClass, root);
      order.push(child);
    }
  }
  return order;
}

function step(from: TrieNode, charClass: number, root: TrieNode): TrieNode {
  let node: TrieNode | undefined = from;
  while (node !== undefined) {
    const child = node.children.get(charClass);
    if (child !== undefined) return child;
    node = node.fail;
  }
  return root;
}

function toTable(nodes: readonly TrieNode[], width: number, stopRows: number): Int32Array {
  const next = new Int32Array(stopRows + 3 * width);
  for (const node of nodes) {
    const { row, fail } = node;
    if (fail !== undefined) next.copyWithin(row, fail.row, fail.row + width);
    for (const [charClass, child] of node.children) next[row + charClass] = child.row;
    next[row + quoteClass] = stopRows;
    next[row + escapeClass] = stopRows + width;
    next[row + controlClass] = stopRows + 2 * width;
  }
  for (let row = stopRows; row < next.length; row += width) next.copyWithin(row, 0, width);
  return next;
}
