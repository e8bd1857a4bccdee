/** When keys come and go. Pure: what is kept where is `auth-keyring.ts`. */

/** A key with its times. It is used from `usedFromMs` on, until a newer one is. */
export interface DatedKey<Value> {
  readonly value: Value;
  /** Since when others can know it. */
  readonly publishedAtMs: number;
  readonly usedFromMs: number;
}

export interface RotationPlan {
  /** A successor is made this long after a key came into use. */
  readonly everyMs: number;
  /** It is used only this long after it was published. */
  readonly announceMs: number;
  /** A key is kept this long after its successor came into use. */
  readonly keepMs: number;
}

/** The same array while nothing is due. The first key ever is used at once: nobody could know an older one. */
export function rotate<Value>(
  keys: readonly DatedKey<Value>[],
  plan: RotationPlan,
  nowMs: number,
  make: () => Value,
): readonly DatedKey<Value>[] {
  const kept = keys.filter((_, at) => {
    const successor = keys[at + 1];
    return successor === undefined || nowMs < successor.usedFromMs + plan.keepMs;
  });
  const newest = kept.at(-1);
  if (newest === undefined) return [{ value: make(), publishedAtMs: nowMs, usedFromMs: nowMs }];
  if (nowMs >= newest.usedFromMs + plan.everyMs)
    return [...kept, { value: make(), publishedAtMs: nowMs, usedFromMs: nowMs + plan.announceMs }];
  return kept.length === keys.length ? keys : kept;
}

/** The one in use first, then the older ones, then those to come. */
export function byUse<Value>(keys: readonly DatedKey<Value>[], nowMs: number): readonly DatedKey<Value>[] {
  const used = keys.filter(({ usedFromMs }) => usedFromMs <= nowMs).toReversed();
  return [...used, ...keys.filter(({ usedFromMs }) => usedFromMs > nowMs)];
}
