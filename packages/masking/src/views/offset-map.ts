/** Where the characters of a view stand in its source: identical, save for the units that were decoded. */
export interface OffsetMap {
  /** Source offset of the first character that `view` stands for, seen as a beginning. */
  readonly toSourceStart: (view: number) => number;
  /** Source offset behind the last character that a span ending at `view` stands for. */
  readonly toSourceEnd: (view: number) => number;
  /** True where `[start, end)` of the view has no decoded unit: its characters are the source's. */
  readonly isIdentical: (start: number, end: number) => boolean;
}

/** Decoded units in order: the view's `[viewFrom, viewTo)` stands for the source's `[from, to)`. */
export interface DecodedUnits {
  readonly viewFrom: readonly number[];
  readonly viewTo: readonly number[];
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** `origin` is where the view begins in its source. Each question costs the logarithm of the number of units. */
export function createOffsetMap({ viewFrom, viewTo, from, to }: DecodedUnits, origin = 0): OffsetMap {
  /** Index of the first unit that ends behind `view`. */
  const firstBehind = (view: number): number => {
    let low = 0;
    let high = viewTo.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((viewTo[middle] ?? 0) > view) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const shiftAfter = (unit: number): number => (unit < 0 ? origin : (to[unit] ?? 0) - (viewTo[unit] ?? 0));
  const toSourceStart = (view: number): number => {
    const unit = firstBehind(view);
    const isInside = unit < viewFrom.length && (viewFrom[unit] ?? 0) <= view;
    return isInside ? (from[unit] ?? 0) : view + shiftAfter(unit - 1);
  };
  const toSourceEnd = (view: number): number => {
    if (view === 0) return origin;
    const unit = firstBehind(view - 1);
    const isInside = unit < viewFrom.length && (viewFrom[unit] ?? 0) < view;
    return isInside ? (to[unit] ?? 0) : view + shiftAfter(unit - 1);
  };
  const isIdentical = (start: number, end: number): boolean => {
    if (end <= start || toSourceEnd(end) - toSourceStart(start) !== end - start) return false;
    const unit = firstBehind(start);
    return unit >= viewFrom.length || (viewFrom[unit] ?? 0) >= end;
  };
  return { toSourceStart, toSourceEnd, isIdentical };
}
