/** What a record counts as when the spool is nearly full. */
export type QuotaClass = 'call' | 'own';

/**
 * Bytes of the spool. Three marks: above `newCalls` new calls are refused; records of calls that were let in may go
 * on to `calls`; the rest is kept for the recorder's own records (closes, heartbeats, refusal summaries, gaps), which
 * are always taken: their rate is bounded, and the volume is a quarter larger than the quota.
 */
export class Quota {
  readonly #limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get limitBytes(): number {
    return this.#limitBytes;
  }

  add(bytes: number): void {
    this.#usedBytes += bytes;
  }

  release(bytes: number): void {
    this.#usedBytes = Math.max(0, this.#usedBytes - bytes);
  }

  /** No new call may be let in. */
  get full(): boolean {
    return this.#usedBytes > this.#limitBytes * newCallsShare;
  }

  admits(bytes: number, kind: QuotaClass): boolean {
    return kind === 'own' || this.#usedBytes + bytes <= this.#limitBytes * callsShare;
  }
}

const newCallsShare = 13 / 16;
const callsShare = 14 / 16;
