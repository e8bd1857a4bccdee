import { createDigitRunStates, type AutomatonState } from './digit-run-states.ts';

/**
 * Aho-Corasick over a small set of keywords, case folded, as one table: `next[state + classOf[char]]`. States are
 * row offsets; those from `stopFrom` on need attention, so that the inner loops have one comparison per character.
 * Where digit runs are asked for, the fourth digit in a row needs attention too, once a run.
 */
export interface KeywordAutomaton {
  readonly next: Int32Array;
  /** Class of each UTF-16 unit; JSON's `"`, `\` and control characters, and marks, have classes of their own. */
  readonly classOf: Uint8Array;
  readonly stopFrom: number;
  /** At the closing `"` of a JSON string. */
  readonly quoteState: number;
  readonly escapeState: number;
  readonly controlState: number;
  /** At `%`, `&` and whatever is not ASCII: an encoded or disguised character may stand here. */
  readonly markState: number;
  /** Indices of the keywords that end in this state, longest first. */
  readonly endingAt: (state: number) => readonly number[];
  /** True behind the fourth digit of a run. */
  readonly isDigitRun: (state: number) => boolean;
}

export interface AutomatonOptions {
  readonly digitRuns: boolean;
}

/** Digits in a row that are worth a look. */
export const minDigitRun = 4;

const quoteClass = 1;
const escapeClass = 2;
const controlClass = 3;
const markClass = 4;
const firstLetterClass = 5;
const ownClasses = [quoteClass, escapeClass, controlClass, markClass];

interface TrieNode {
  readonly children: Map<number, TrieNode>;
  readonly own: number[];
  index: number;
  fail: TrieNode | undefined;
  ending: readonly number[];
}

interface CharClasses {
  readonly classOf: Uint8Array;
  readonly width: number;
}

/** Keywords are ASCII, lower case, not empty, free of `"`, `\`, `%`, `&` and control characters. */
export function createKeywordAutomaton(keywords: readonly string[], { digitRuns }: AutomatonOptions): KeywordAutomaton {
  const classes = toClasses(keywords, digitRuns);
  const { classOf, width } = classes;
  const nodes = toBreadthFirst(toTrie(keywords, classOf));
  const states = createDigitRunStates({
    table: toGotoTable(nodes, width),
    width,
    digitClasses: digitRuns ? toDigitClasses(classOf) : new Set(),
    ignoredClasses: new Set(ownClasses),
  });
  const isLoud = ({ node, digits }: AutomatonState): boolean =>
    digits === minDigitRun || (nodes[node]?.ending.length ?? 0) > 0;
  const quiet = states.filter((state) => !isLoud(state));
  const ordered = [...quiet, ...states.filter(isLoud)];
  const stopFrom = quiet.length * width;
  const quoteState = ordered.length * width;
  const endings = ordered.slice(quiet.length).map(({ node }) => nodes[node]?.ending ?? []);
  const runs = Uint8Array.from(ordered.slice(quiet.length), ({ digits }) => (digits === minDigitRun ? 1 : 0));
  return {
    next: toTable(ordered, width),
    classOf,
    stopFrom,
    quoteState,
    escapeState: quoteState + width,
    controlState: quoteState + 2 * width,
    markState: quoteState + 3 * width,
    endingAt: (state) => endings[(state - stopFrom) / width] ?? [],
    isDigitRun: (state) => runs[(state - stopFrom) / width] === 1,
  };
}

function toClasses(keywords: readonly string[], digitRuns: boolean): CharClasses {
  const classOf = new Uint8Array(0x10000);
  classOf.fill(controlClass, 0, 0x20);
  classOf[0x22] = quoteClass;
  classOf[0x5c] = escapeClass;
  classOf[0x25] = markClass;
  classOf[0x26] = markClass;
  classOf.fill(markClass, 0x80);
  let width = firstLetterClass;
  for (const char of new Set(keywords.join(''))) {
    classOf[char.charCodeAt(0)] = width;
    classOf[char.toUpperCase().charCodeAt(0)] = width;
    width += 1;
  }
  if (!digitRuns) return { classOf, width };
  for (let code = 0x30; code <= 0x39; code += 1) {
    if (classOf[code] === 0) classOf[code] = width;
  }
  return { classOf, width: width + 1 };
}

function toDigitClasses(classOf: Uint8Array): ReadonlySet<number> {
  return new Set(classOf.subarray(0x30, 0x3a));
}

function createNode(): TrieNode {
  return { children: new Map(), own: [], index: 0, fail: undefined, ending: [] };
}

function toTrie(keywords: readonly string[], classOf: Uint8Array): TrieNode {
  const root = createNode();
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
  const child = createNode();
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
      child.index = order.length;
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

/** Index of the node that follows a node, by class. */
function toGotoTable(nodes: readonly TrieNode[], width: number): Int32Array {
  const table = new Int32Array(nodes.length * width);
  for (const { index, fail, children } of nodes) {
    if (fail !== undefined) table.copyWithin(index * width, fail.index * width, (fail.index + 1) * width);
    for (const [charClass, child] of children) table[index * width + charClass] = child.index;
  }
  return table;
}

/** Rows of `next`, in the order of the states; the last are those of the classes of their own. */
function toTable(ordered: readonly AutomatonState[], width: number): Int32Array {
  const rowOf = new Int32Array(ordered.length);
  ordered.forEach(({ id }, row) => {
    rowOf[id] = row * width;
  });
  const stopRows = ordered.length * width;
  const next = new Int32Array(stopRows + ownClasses.length * width);
  ordered.forEach(({ targets }, row) => {
    for (let charClass = 0; charClass < width; charClass += 1) {
      next[row * width + charClass] = rowOf[targets[charClass] ?? 0] ?? 0;
    }
    ownClasses.forEach((charClass, index) => {
      next[row * width + charClass] = stopRows + index * width;
    });
  });
  for (let row = stopRows; row < next.length; row += width) next.copyWithin(row, 0, width);
  return next;
}
