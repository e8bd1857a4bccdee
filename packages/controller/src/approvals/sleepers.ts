import type { Timers } from '../ports.ts';

/** Those who wait for something to change. */
export interface Sleepers {
  /** Until woken, at most so long. */
  sleep(delayMs: number): Promise<void>;
  wake(): void;
}

export function createSleepers(timers: Timers): Sleepers {
  const sleepers = new Set<() => void>();
  return {
    async sleep(delayMs) {
      const { promise, resolve } = Promise.withResolvers<void>();
      sleepers.add(resolve);
      const cancel = timers.after(delayMs, resolve);
      await promise;
      sleepers.delete(resolve);
      cancel();
    },
    wake() {
      for (const resolve of sleepers) resolve();
    },
  };
}
