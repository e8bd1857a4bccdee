/**
 * A token bucket in one number: the time at which it will be full again (GCRA). Why not a library: what there is counts in
 * fixed windows, through which twice the limit passes at their edges, reads the wall clock itself and holds a timer and a
 * promise for each key; this is synchronous, takes the time as an argument and costs one number.
 */

/** Times in nanoseconds of a monotonic clock. */
export interface Rate {
  /** What one token takes to come back. */
  readonly perTokenNs: number;
  /** How many a full bucket holds. */
  readonly burst: number;
}

/** `taken`: `fullAtNs` is the bucket now. `over`: nothing was taken, and a token will be there after `retryNs`. */
export type Taking =
  | { readonly kind: 'taken'; readonly fullAtNs: number }
  | { readonly kind: 'over'; readonly retryNs: number };

const nsPerSecond = 1e9;

/** `calls` in `seconds`; without `burst` all of them may come at once. */
export function toRate(limit: {
  readonly calls: number;
  readonly seconds: number;
  readonly burst?: number | undefined;
}): Rate {
  return { perTokenNs: (limit.seconds * nsPerSecond) / limit.calls, burst: limit.burst ?? limit.calls };
}

/** In any span of time no more is taken than `burst` and what came back in it. `fullAtNs` of a new bucket is 0. */
export function takeToken({ perTokenNs, burst }: Rate, fullAtNs: number, nowNs: number): Taking {
  const next = Math.max(fullAtNs, nowNs) + perTokenNs;
  const overNs = next - nowNs - burst * perTokenNs;
  // What rounding leaves at these magnitudes: a token that is there to the nanosecond is there.
  return overNs > 1 ? { kind: 'over', retryNs: overNs } : { kind: 'taken', fullAtNs: next };
}
