import { nextCount, stateKey, toDigitRunStates, type AutomatonState } from './digit-run-states.ts';
import { createKeywordTrie, type CharClasses, type KeywordTrie } from './keyword-trie.ts';

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
const none: readonly number[] = [];

/** Keywords are ASCII, lower case, not empty, free of `"`, `\`, `%`, `&` and control characters. */
export function createKeywordAutomaton(keywords: readonly string[], { digitRuns }: AutomatonOptions): KeywordAutomaton {
  const classes = toClasses(keywords, digitRuns);
  const { classOf, width } = classes;
  const trie = createKeywordTrie(keywords, classes);
  const isDigitClass = new Uint8Array(width);
  if (digitRuns) for (const charClass of classOf.subarray(0x30, 0x3a)) isDigitClass[charClass] = 1;
  const states = toDigitRunStates(trie, isDigitClass);
  const isLoud = ({ node, digits }: AutomatonState): boolean =>
    digits === minDigitRun || trie.ending[node] !== undefined;
  const quiet = states.filter((state) => !isLoud(state));
  const loud = states.filter(isLoud);
  const stopFrom = quiet.length * width;
  const quoteState = states.length * width;
  const endings = loud.map(({ node }) => trie.ending[node] ?? none);
  const runs = Uint8Array.from(loud, ({ digits }) => (digits === minDigitRun ? 1 : 0));
  return {
    next: toTable({ trie, states, width, isDigitClass, rowOf: toRows(trie, quiet, loud, width) }),
    classOf,
    stopFrom,
    quoteState,
    escapeState: quoteState + width,
    controlState: quoteState + 2 * width,
    markState: quoteState + 3 * width,
    endingAt: (state) => endings[(state - stopFrom) / width] ?? none,
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

/** Where each state's row begins, by `stateKey`: quiet states first. */
function toRows(
  { size }: KeywordTrie,
  quiet: readonly AutomatonState[],
  loud: readonly AutomatonState[],
  width: number,
): Int32Array {
  const rowOf = new Int32Array(stateKey(size, 0));
  let row = 0;
  for (const states of [quiet, loud]) {
    for (const { node, digits } of states) {
      rowOf[stateKey(node, digits)] = row;
      row += width;
    }
  }
  return rowOf;
}

interface TableParts {
  readonly trie: KeywordTrie;
  readonly states: readonly AutomatonState[];
  readonly width: number;
  readonly isDigitClass: Uint8Array;
  readonly rowOf: Int32Array;
}

/** A state's row is that of its longest suffix, but for its own children. */
function toTable(parts: TableParts): Int32Array {
  const { trie, states, width, rowOf } = parts;
  const stopRows = states.length * width;
  const next = new Int32Array(stopRows + ownClasses.length * width);
  for (const { node, digits } of states) {
    const row = rowOf[stateKey(node, digits)] ?? 0;
    if (node === 0) fillRoot(next, parts, row, digits);
    else copyRow(next, row, rowOf[stateKey(trie.fail[node] ?? 0, digits)] ?? 0, width);
    addChildren(next, parts, row, { node, digits });
  }
  for (let row = stopRows; row < next.length; row += width) copyRow(next, row, rowOf[0] ?? 0, width);
  return next;
}

function addChildren(next: Int32Array, parts: TableParts, row: number, { node, digits }: AutomatonState): void {
  const { isDigitClass, rowOf } = parts;
  const { firstChild, nextSibling, charClass } = parts.trie;
  for (let child = firstChild[node] ?? 0; child !== 0; child = nextSibling[child] ?? 0) {
    const own = charClass[child] ?? 0;
    next[row + own] = rowOf[stateKey(child, isDigitClass[own] === 1 ? nextCount(digits) : 0)] ?? 0;
  }
}

function fillRoot(
  next: Int32Array,
  { states, width, isDigitClass, rowOf }: TableParts,
  row: number,
  digits: number,
): void {
  next.fill(rowOf[0] ?? 0, row, row + width);
  isDigitClass.forEach((flag, charClass) => {
    if (flag === 1) next[row + charClass] = rowOf[stateKey(0, nextCount(digits))] ?? 0;
  });
  ownClasses.forEach((charClass, index) => {
    next[row + charClass] = (states.length + index) * width;
  });
}

function copyRow(next: Int32Array, row: number, from: number, width: number): void {
  next.copyWithin(row, from, from + width);
}
