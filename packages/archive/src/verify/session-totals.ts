/** Totals of a session's lines; `session.close` lines are not counted. `root`: hex. */
export interface SessionTotals {
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly root: string;
}

/** Same count, bounds and root. */
export function sameTotals(a: SessionTotals, b: SessionTotals): boolean {
  return a.count === b.count && a.first === b.first && a.last === b.last && a.root === b.root;
}
