/** Exponential backoff with full jitter, so that sidecars do not come back all at once. `random`: 0 to 1. */
export function retryDelayMs(attempt: number, random: () => number, ceilingMs = 30_000): number {
  const limitMs = Math.min(ceilingMs, 250 * 2 ** Math.min(attempt, 10));
  return Math.ceil(limitMs / 2 + random() * (limitMs / 2));
}
