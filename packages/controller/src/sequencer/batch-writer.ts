/** Group commit: leaves that arrive within a short time, or during the write before, become one batch object. */
import { createTree, formatBatch, type LogHashes, type Tree } from '@tachograph/archive';
import type { Archived, Leaf } from '@tachograph/protocol';
import { describeError } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import { nodeCrypto } from '../keys/node-crypto.ts';
import { keyObjectOf } from './key-object.ts';
import { placeBatch } from './place-batch.ts';
import type { LogKeyState } from './log-key-state.ts';
import type { ReadLog } from './read-log.ts';
import { signWith } from './sign-note.ts';
import { batchOf } from './stored-hashes.ts';
import type { Place } from './stream-entry.ts';
import { writeOnce, type WriteOnceOptions } from './write-once.ts';

/** A leaf on its way into the log. */
export interface QueuedLeaf {
  readonly text: string;
  readonly leaf: Leaf;
  readonly leafHash: Uint8Array;
}

interface Waiting extends QueuedLeaf {
  readonly index: number;
  readonly settled: PromiseWithResolvers<Archived>;
}

export interface BatchWriterOptions extends WriteOnceOptions {
  /** How long a lone leaf waits for company. */
  readonly gatherMs: number;
  /** The log so far. */
  readonly from: Pick<ReadLog, 'tree' | 'batchStarts' | 'hashes' | 'keys'>;
  /** Other bytes hold the next batch's name: another leader wrote, and this process must not write again. */
  readonly onHalt: (reason: string) => void;
}

const maxBatchLeaves = 1000;
const maxBatchBytes = 4 * 1024 * 1024;
/** The most that the four lines before the leaves take. */
const headBytes = 256;

export class BatchWriter {
  readonly #options: BatchWriterOptions;
  readonly #tree: Tree;
  /** Also over what is queued and not yet durable. */
  readonly #queued: Tree;
  readonly #batchStarts: number[];
  readonly #hashes: LogHashes;
  readonly #keys: LogKeyState;
  readonly #waiting = new Map<number, Waiting>();
  #closed: string | undefined;
  #running: Promise<void> | undefined;

  constructor(options: BatchWriterOptions) {
    this.#options = options;
    const { tree, batchStarts, hashes, keys } = options.from;
    this.#keys = keys;
    this.#tree = createTree(nodeCrypto, tree.state());
    this.#queued = createTree(nodeCrypto, tree.state());
    this.#batchStarts = batchStarts;
    this.#hashes = hashes;
  }

  /** Leaves whose batch object exists. */
  get size(): number {
    return this.#tree.size;
  }

  /** Index that the next queued leaf gets, and the root over all before it. */
  queued(): { readonly size: number; readonly root: Uint8Array } {
    return { size: this.#queued.size, root: this.#queued.root() };
  }

  /** Root over the durable leaves. */
  root(): Uint8Array {
    return this.#tree.root();
  }

  /** Takes a leaf; its index is settled at once, its durability by `durable`. */
  queue(leaf: QueuedLeaf): number {
    this.#assertOpen();
    const bytes = Buffer.byteLength(leaf.text);
    if (bytes > this.#limit()) throw new ControllerError('too_large', `leaf of ${bytes} bytes: the log key signs less`);
    const index = this.#queued.size;
    this.#queued.append(leaf.leafHash);
    const settled = Promise.withResolvers<Archived>();
    // Every asker awaits through `durable`; without one, a failure is still logged by the writer.
    settled.promise.catch(() => undefined);
    this.#waiting.set(index, { ...leaf, index, settled });
    this.#running ??= this.#run();
    return index;
  }

  /** Resolves when the leaf's batch object exists. */
  async durable({ index, leafHash }: Place): Promise<Archived> {
    const waiting = this.#waiting.get(index);
    if (waiting !== undefined) return waiting.settled.promise;
    return { index, leafHash, batchFirstIndex: batchOf(this.#batchStarts, index) };
  }

  /** Takes no more leaves. What is queued is refused: its outcome is unknown to the caller, who asks again. */
  async close(reason: string): Promise<void> {
    this.#closed ??= reason;
    for (const { settled } of this.#waiting.values()) settled.reject(this.#closedError());
    await this.#running?.catch(() => undefined);
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.size > 0 && this.#closed === undefined) {
        await new Promise<void>((resolve) => this.#options.timers.after(this.#options.gatherMs, resolve));
        if (this.#closed === undefined) await this.#write(this.#take());
      }
    } catch (error) {
      this.#options.log.error('log writer stopped', { err: describeError(error) });
      this.#halt('the log writer failed');
    } finally {
      this.#running = undefined;
    }
  }

  #take(): readonly Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    const limit = this.#limit();
    for (const one of this.#waiting.values()) {
      bytes += Buffer.byteLength(one.text) + 1;
      if (batch.length === maxBatchLeaves || (batch.length > 0 && bytes > limit)) break;
      batch.push(one);
    }
    return batch;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const firstIndex = this.#tree.size;
    const content = { origin: this.#keys.origin, firstIndex, leaves: batch.map(({ text }) => text) };
    const note = await signWith(this.#writing(), formatBatch(content), [this.#keys.active()]);
    const outcome = await placeBatch(this.#writing(), { firstIndex, note, keys: this.#keys.accepted() });
    if (outcome === 'taken') return this.#halt(`other bytes stand at log index ${firstIndex}`);
    for (const { leaf, index } of batch) {
      this.#keys.take(leaf);
      await this.#writeKey(leaf, index);
    }
    this.#batchStarts.push(firstIndex);
    for (const { leafHash } of batch) {
      this.#tree.append(leafHash);
      this.#hashes.append(leafHash);
    }
    for (const { index, leafHash, settled } of batch) {
      this.#waiting.delete(index);
      settled.resolve({ index, leafHash: Buffer.from(leafHash).toString('hex'), batchFirstIndex: firstIndex });
    }
  }

  async #writeKey(leaf: Leaf, index: number): Promise<void> {
    const object = keyObjectOf(leaf, index);
    if (object === undefined) return;
    const { kind } = await writeOnce(this.#writing(), object.name, object.bytes);
    if (kind === 'conflict') this.#options.log.error('key object holds other bytes', { object: object.name });
  }

  /** Bytes of leaves in one batch. */
  #limit(): number {
    return Math.min(maxBatchBytes, (this.#keys.active().signing.maxBytes ?? Infinity) - headBytes);
  }

  #writing(): WriteOnceOptions {
    return { ...this.#options, alive: () => this.#closed === undefined && this.#options.alive() };
  }

  #halt(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    for (const { settled } of this.#waiting.values()) settled.reject(this.#closedError());
    this.#options.onHalt(reason);
  }

  #assertOpen(): void {
    if (this.#closed !== undefined) throw this.#closedError();
  }

  #closedError(): ControllerError {
    return new ControllerError('unavailable', `the log takes no leaves: ${this.#closed ?? 'closed'}`, {
      retryAfterMs: 1000,
    });
  }
}
