/** The buckets of all limits, in bounded memory. */
import { takeToken, type Rate, type Taking } from './token-bucket.ts';

/** One limit's bucket for one subject. `limit` differs where the rate does. */
export interface BucketKey {
  readonly limit: string;
  /** Whom the bucket is for; empty: everyone. */
  readonly subject: string;
}

/** Looks first, takes later: a call takes from all of its limits or from none. */
export interface BucketTable {
  /** What taking would give. Takes nothing. */
  look(key: BucketKey, rate: Rate, nowNs: number): Taking;
  /** Takes a token that `look` has seen. */
  take(key: BucketKey, rate: Rate, nowNs: number): void;
  readonly size: number;
}

/** About 200 bytes each. */
const defaultMaxBuckets = 16_384;

/**
 * A bucket that is full again is as good as none, so only those that are not are kept. Where even these are too many,
 * new subjects of a limit share one: forgetting the oldest would let a caller refill his own with made-up tool names.
 */
export function createBucketTable(maxBuckets: number = defaultMaxBuckets): BucketTable {
  const buckets = new Map<string, number>();
  let sweptAtNs = Number.NEGATIVE_INFINITY;
  const sweep = (nowNs: number): void => {
    // A table that stays full is not walked for every call.
    if (nowNs - sweptAtNs < 1e9) return;
    sweptAtNs = nowNs;
    for (const [key, fullAtNs] of buckets) if (fullAtNs <= nowNs) buckets.delete(key);
  };
  const placeOf = ({ limit, subject }: BucketKey, nowNs: number): string => {
    const own = `${limit}\n${subject}`;
    if (buckets.has(own) || buckets.size < maxBuckets) return own;
    sweep(nowNs);
    return buckets.size < maxBuckets ? own : `${limit}\n`;
  };
  return {
    look: (key, rate, nowNs) => takeToken(rate, buckets.get(placeOf(key, nowNs)) ?? 0, nowNs),
    take(key, rate, nowNs) {
      const place = placeOf(key, nowNs);
      const taking = takeToken(rate, buckets.get(place) ?? 0, nowNs);
      if (taking.kind === 'taken') buckets.set(place, taking.fullAtNs);
    },
    get size() {
      return buckets.size;
    },
  };
}
