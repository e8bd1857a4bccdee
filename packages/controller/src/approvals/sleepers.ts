import type { Timers } from '../ports.ts';

/** Those who wait for something to change. */
export interface Sleepers {
  /** Until what it is about changes, at most so long. */
  sleep(about: string, delayMs: number): Promise<void>;
  wake(about: string): void;
  wakeAll(): void;
}

export function createSleepers(timers: Timers): Sleepers {
  const sleepers = new Map<() => void, string>();
  return {
    async sleep(about, delayMs) {
      const { promise, resolve } = Promise.withResolvers<void>();
      sleepers.set(resolve, about);
      const cancel = timers.after(delayMs, resolve);
      await promise;
      sleepers.delete(resolve);
      cancel();
    },
    wake(about) {
      for (const [resolve, its] of sleepers) if (its === about) resolve();
    },
    wakeAll() {
      for (const resolve of sleepers.keys()) resolve();
    },
  };
}
