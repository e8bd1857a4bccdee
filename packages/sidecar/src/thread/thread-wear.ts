/** When a thread has done enough: WebAssembly never gives memory back, so its thread is replaced now and then. */
export interface WearLimits {
  /** Jobs until the thread is replaced. */
  readonly maxJobs: number;
  /** The thread is replaced when the process has grown by this since its start. */
  readonly maxGrowthBytes: number;
  /** Bytes of memory that the process holds. */
  readonly rssBytes: () => number;
}

/** Asking the system for the process's size costs more than many jobs. */
const jobsPerLook = 64;

export class ThreadWear {
  readonly #limits: WearLimits | undefined;
  #jobs = 0;
  #rssAtStart = 0;

  /** Without limits a thread never wears. */
  constructor(limits: WearLimits | undefined) {
    this.#limits = limits;
  }

  /** A new thread. */
  begin(): void {
    this.#jobs = 0;
    this.#rssAtStart = this.#limits?.rssBytes() ?? 0;
  }

  /** Counts a job; true when the thread should do no other. */
  isWorn(): boolean {
    if (this.#limits === undefined) return false;
    const { maxJobs, maxGrowthBytes, rssBytes } = this.#limits;
    this.#jobs += 1;
    if (this.#jobs >= maxJobs) return true;
    return this.#jobs % jobsPerLook === 0 && rssBytes() - this.#rssAtStart > maxGrowthBytes;
  }
}
