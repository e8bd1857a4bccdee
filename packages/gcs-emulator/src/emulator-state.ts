import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { BucketState } from './bucket-state.ts';
import type { EmulatorClock } from './emulator-clock.ts';
import { EmulatorError } from './emulator-error.ts';
import type { BucketRecord } from './resources.ts';

/** Everything the emulator remembers: the buckets under one data directory. */
export class EmulatorState {
  readonly clock: EmulatorClock;
  readonly #dataDir: string;
  readonly #buckets = new Map<string, BucketState>();
  #lastGeneration = 0;

  constructor(dataDir: string, clock: EmulatorClock) {
    this.#dataDir = dataDir;
    this.clock = clock;
  }

  /** Opens a data directory; half-received bodies of a killed process are dropped, resumable uploads are kept. */
  static load(dataDir: string, clock: EmulatorClock): EmulatorState {
    const state = new EmulatorState(dataDir, clock);
    rmSync(join(dataDir, 'tmp'), { recursive: true, force: true });
    for (const name of ['buckets', 'tmp', 'uploads']) mkdirSync(join(dataDir, name), { recursive: true });
    for (const name of readdirSync(join(dataDir, 'buckets'))) state.#loadBucket(name);
    return state;
  }

  get uploadsDirectory(): string {
    return join(this.#dataDir, 'uploads');
  }

  /** A fresh path for a body that is still arriving; on the same volume as its final place. */
  temporaryPath(): string {
    return join(this.#dataDir, 'tmp', randomUUID());
  }

  /** Microseconds since the epoch, strictly rising even when the clock is set back. */
  nextGeneration(): number {
    this.#lastGeneration = Math.max(this.#lastGeneration + 1, Math.trunc(this.clock.nowMs()) * 1000);
    return this.#lastGeneration;
  }

  bucketNames(): string[] {
    return [...this.#buckets.keys()].toSorted();
  }

  findBucket(name: string): BucketState | undefined {
    return this.#buckets.get(name);
  }

  bucket(name: string): BucketState {
    const found = this.#buckets.get(name);
    if (found === undefined) throw new EmulatorError('notFound', 'The specified bucket does not exist.');
    return found;
  }

  addBucket(record: BucketRecord): BucketState {
    const state = new BucketState(join(this.#dataDir, 'buckets', record.name), record);
    state.saveRecord(record);
    this.#buckets.set(record.name, state);
    return state;
  }

  removeBucket(name: string): void {
    this.bucket(name).remove();
    this.#buckets.delete(name);
  }

  #loadBucket(name: string): void {
    const directory = join(this.#dataDir, 'buckets', name);
    const state = BucketState.load(directory);
    if (state === undefined) {
      rmSync(directory, { recursive: true, force: true });
      return;
    }
    this.#buckets.set(name, state);
    this.#lastGeneration = Math.max(this.#lastGeneration, state.newestGeneration);
  }
}
