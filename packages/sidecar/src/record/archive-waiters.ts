import { RecorderError, type Recorded } from './recorder.ts';

interface Waiter {
  readonly recorded: Recorded;
  readonly sinceMs: number;
  readonly resolve: (recorded: Recorded) => void;
  readonly reject: (error: RecorderError) => void;
}

/** Records of an `archive` pod that are synced and wait for the archive. */
export class ArchiveWaiters {
  #waiting: Waiter[] = [];

  wait(recorded: Recorded, sinceMs: number): Promise<Recorded> {
    return new Promise((resolve, reject) => void this.#waiting.push({ recorded, sinceMs, resolve, reject }));
  }

  archived(last: number): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((one) => one.recorded.seq > last);
    for (const { recorded, resolve } of waiting) if (recorded.seq <= last) resolve(recorded);
  }

  /** Gives up on what has waited since before `limitMs`: the calls are refused. Their records are archived later all the same. */
  expire(limitMs: number): void {
    const error = new RecorderError('unarchived_too_old', 'record was not archived in time');
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((one) => one.sinceMs >= limitMs);
    for (const { sinceMs, reject } of waiting) if (sinceMs < limitMs) reject(error);
  }

  /** Nobody will answer any more. */
  end(): void {
    const error = new RecorderError('closed', 'recorder closed before the record was archived');
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
  }

  get size(): number {
    return this.#waiting.length;
  }
}
