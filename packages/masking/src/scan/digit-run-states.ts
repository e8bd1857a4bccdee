/** A node of the trie together with how many digits stand before it. */
export interface AutomatonState {
  readonly id: number;
  readonly node: number;
  /** 0 to 5; 5 stands for more than four. */
  readonly digits: number;
  /** Ids of the states that follow, by class. */
  readonly targets: Int32Array;
}

export interface GotoTable {
  /** Index of the node that follows: `table[node * width + class]`. */
  readonly table: Int32Array;
  readonly width: number;
  /** Empty where digits are not counted. */
  readonly digitClasses: ReadonlySet<number>;
  /** Classes that end everything; their targets do not matter. */
  readonly ignoredClasses: ReadonlySet<number>;
}

const counts = 6;

/**
 * The trie's nodes times the count of digits in a row, as far as text can reach them. What a node stands for tells the
 * count unless it is all digits, so there are hardly more states than nodes.
 */
export function createDigitRunStates({
  table,
  width,
  digitClasses,
  ignoredClasses,
}: GotoTable): readonly AutomatonState[] {
  const ids = new Int32Array((table.length / width) * counts).fill(-1);
  const states: AutomatonState[] = [];
  const idOf = (node: number, digits: number): number => {
    const known = ids[node * counts + digits] ?? -1;
    if (known >= 0) return known;
    const id = states.length;
    ids[node * counts + digits] = id;
    states.push({ id, node, digits, targets: new Int32Array(width) });
    return id;
  };
  const isDigit = Uint8Array.from({ length: width }, (_, charClass) => (digitClasses.has(charClass) ? 1 : 0));
  const used = Array.from({ length: width }, (_, charClass) => charClass).filter((each) => !ignoredClasses.has(each));
  idOf(0, 0);
  for (const { node, digits, targets } of states) {
    for (const charClass of used) {
      const following = table[node * width + charClass] ?? 0;
      targets[charClass] = idOf(following, isDigit[charClass] === 1 ? Math.min(digits + 1, counts - 1) : 0);
    }
  }
  return states;
}
