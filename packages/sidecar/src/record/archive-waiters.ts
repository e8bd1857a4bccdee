import { RecorderError, type Recorded } from './recorder.ts';

interface Waiter {
  readonly recorded: Recorded;
  readonly resolve: (recorded: Recorded) => void;
  readonly reject: (error: RecorderError) => void;
}

/** Records of an `archive` pod that are synced and wait for the archive. */
export class ArchiveWaiters {
  #waiting: Waiter[] = [];

  wait(recorded: Recorded): Promise<Recorded> {
    return new Promise((resolve, reject) => void this.#waiting.push({ recorded, resolve, reject }));
  }

  archived(last: number): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((one) => one.recorded.seq > last);
    for (const { recorded, resolve } of waiting) if (recorded.seq <= last) resolve(recorded);
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
