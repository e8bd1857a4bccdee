import type { Clock } from '@tachograph/service';
import type { Timers } from '../ports.ts';

/** Time that stands until a test moves it, with timers that end as it passes. */
export class StillClock implements Clock, Timers {
  #nowMs: number;
  readonly #due: { readonly atMs: number; readonly run: () => void }[] = [];

  constructor(nowMs = Date.parse('2026-11-21T10:00:00Z')) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicNs(): number {
    return this.#nowMs * 1e6;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#due.push(timer);
    return () => {
      const at = this.#due.indexOf(timer);
      if (at >= 0) this.#due.splice(at, 1);
    };
  }

  /** Moves on, and lets what is due run to its next wait. */
  async pass(ms: number): Promise<void> {
    await settle();
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#due.filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#due.splice(this.#due.indexOf(next), 1);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
      await settle();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

/** Lets promises that need no time run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
