import { describeError, type Logger } from '@tachograph/service';
import type { Quota } from './quota.ts';
import { sealSegment } from './seal.ts';
import type { SealedSegment } from './sealed-segment.ts';
import type { RawSegment } from './segment-file.ts';
import type { Timers } from './timers.ts';

export interface SealerOptions {
  readonly keyId: string;
  readonly quota: Quota;
  readonly timers: Timers;
  readonly log: Logger;
  readonly onSealed: (segment: SealedSegment) => void;
}

const retryMs = 1000;

/**
 * Seals raw segments one after the other, in order. A failure is tried again: the lines are durable where they are,
 * and what stays unarchived too long stops new calls.
 */
export class Sealer {
  readonly #options: SealerOptions;
  readonly #queue: RawSegment[] = [];
  #running = false;
  #idle: (() => void)[] = [];

  constructor(options: SealerOptions) {
    this.#options = options;
  }

  add(raw: RawSegment): void {
    this.#queue.push(raw);
    void this.#run();
  }

  /** Resolves when nothing waits. */
  idle(): Promise<void> {
    if (this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#idle.push(resolve));
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let raw = this.#queue[0]; raw !== undefined; raw = this.#queue[0]) {
      if (!(await this.#seal(raw))) break;
      this.#queue.shift();
    }
    this.#running = false;
    if (this.#queue.length === 0) for (const resolve of this.#idle.splice(0)) resolve();
    else this.#options.timers.after(retryMs, () => void this.#run());
  }

  async #seal(raw: RawSegment): Promise<boolean> {
    const { keyId, quota, log, onSealed } = this.#options;
    try {
      const sealed = await sealSegment(raw, keyId);
      quota.add(sealed.spoolBytes);
      quota.release(raw.bytes);
      onSealed(sealed);
      return true;
    } catch (error) {
      log.error('segment not sealed', { err: describeError(error), stream: raw.stream, first: raw.names.first });
      return false;
    }
  }
}
