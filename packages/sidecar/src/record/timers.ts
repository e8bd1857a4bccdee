/** Stops a timer; safe to call twice. */
export type Cancel = () => void;

/** Timers as the recorder sees them, so that tests can drive them. None keeps the process alive. */
export interface Timers {
  after(delayMs: number, run: () => void): Cancel;
  every(intervalMs: number, run: () => void): Cancel;
  /** Runs after the sockets that are ready now have been read: what they append shares one write. */
  soon(run: () => void): void;
}

export const systemTimers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
  every(intervalMs, run) {
    const timer = setInterval(run, intervalMs).unref();
    return () => clearInterval(timer);
  },
  soon: (run) => void setImmediate(run),
};
