import type { Clock } from '@tachograph/service';

export interface DiscoveryOptions<T> {
  readonly clock: Clock;
  /** Asks the provider; may reject. */
  readonly discover: () => Promise<T>;
  readonly onFailure: (error: unknown) => void;
}

/** After so long a found configuration is asked for again; until that succeeds the old one serves. */
const freshMs = 3_600_000;
/** After a failure nobody asks for so long: a provider that is down is not hammered by everybody who wants in. */
const pauseMs = 5_000;

/** The provider's configuration as last found, or `undefined` while it has never answered. One question at a time. */
export function createDiscovery<T>({ clock, discover, onFailure }: DiscoveryOptions<T>): () => Promise<T | undefined> {
  let found: { readonly value: T; readonly atMs: number } | undefined;
  let failedAtMs = -Infinity;
  let asking: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    try {
      found = { value: await discover(), atMs: clock.nowMs() };
    } catch (error) {
      failedAtMs = clock.nowMs();
      onFailure(error);
    } finally {
      asking = undefined;
    }
  };
  return async () => {
    const nowMs = clock.nowMs();
    const isFresh = found !== undefined && nowMs - found.atMs < freshMs;
    if (isFresh || nowMs - failedAtMs < pauseMs) return found?.value;
    asking ??= ask();
    await asking;
    return found?.value;
  };
}
