/** Time as a part sees it, so that tests can stop and move it. */
export interface Clock {
  /** Wall-clock milliseconds since 1970. */
  nowMs(): number;
  /** Monotonic nanoseconds, from an arbitrary start. */
  monotonicNs(): number;
}

/** The machine's clocks. Only programs name it; everything below takes a `Clock`. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicNs: () => Number(process.hrtime.bigint()),
};
