/** Timers that a test moves on. */
import type { Timers } from '../record/timers.ts';

export interface ManualTimers extends Timers {
  /** Runs what is due within so many milliseconds, in order. */
  advance(byMs: number): void;
  /** Of timers that are set. */
  readonly size: number;
}

interface Entry {
  dueMs: number;
  readonly everyMs: number | undefined;
  readonly run: () => void;
}

export function createManualTimers(): ManualTimers {
  const entries = new Set<Entry>();
  let nowMs = 0;
  const add = (entry: Entry): (() => void) => {
    entries.add(entry);
    return () => void entries.delete(entry);
  };
  return {
    after: (delayMs, run) => add({ dueMs: nowMs + delayMs, everyMs: undefined, run }),
    every: (everyMs, run) => add({ dueMs: nowMs + everyMs, everyMs, run }),
    soon: (run) => queueMicrotask(run),
    advance(byMs) {
      const untilMs = nowMs + byMs;
      for (;;) {
        const [next] = [...entries].filter(({ dueMs }) => dueMs <= untilMs).toSorted((a, b) => a.dueMs - b.dueMs);
        if (next === undefined) break;
        nowMs = Math.max(nowMs, next.dueMs);
        if (next.everyMs === undefined) entries.delete(next);
        else next.dueMs += next.everyMs;
        next.run();
      }
      nowMs = untilMs;
    },
    get size() {
      return entries.size;
    },
  };
}
