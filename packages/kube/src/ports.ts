/** What this package needs from its process; the types of `service` fit. */
export interface Logger {
  info(message: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>): void;
  warn(message: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>): void;
}

/** Wall clock for what other processes read, monotonic clock for what we measure ourselves. */
export interface Clock {
  nowMs(): number;
  monotonicNs(): number;
}

/** Runs something later; the answer cancels it. */
export interface Timers {
  after(delayMs: number, run: () => void): () => void;
}

/** Timers of the process, which do not keep it alive. */
export const systemTimers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
