import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Archived } from '@tachograph/protocol';
import { describeError, type Logger } from '@tachograph/service';
import { writeDurably } from './durable-file.ts';

/** What the controller promised for a segment. */
export type Receipt = Pick<Archived, 'index' | 'leafHash'>;

const maxReceipts = 10_000;

/**
 * Promises of the controller that no signed checkpoint has proved yet (`check-receipts.ts`). They outlive the process.
 */
export class Receipts {
  readonly #path: string;
  readonly #log: Logger;
  #receipts: Receipt[] = [];
  #isDirty = false;

  constructor(spoolDir: string, log: Logger) {
    this.#path = join(spoolDir, 'receipts.json');
    this.#log = log;
  }

  get size(): number {
    return this.#receipts.length;
  }

  load(): void {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
      this.#receipts = Array.isArray(value) ? value.filter(isReceipt) : [];
    } catch {
      this.#receipts = [];
    }
  }

  add(archived: Archived): void {
    const { index, leafHash } = archived;
    this.#receipts.push({ index, leafHash });
    if (this.#receipts.length > maxReceipts) {
      this.#receipts.shift();
      this.#log.error('receipt dropped unproved: no checkpoint proves the log', { index });
    }
    this.#isDirty = true;
  }

  /** Those that a checkpoint of this size must prove, oldest first. */
  under(checkpointSize: number): readonly Receipt[] {
    return this.#receipts.filter(({ index }) => index < checkpointSize);
  }

  drop(receipt: Receipt): void {
    const left = this.#receipts.filter((one) => one !== receipt);
    this.#isDirty ||= left.length < this.#receipts.length;
    this.#receipts = left;
  }

  /** Writes what has changed; a failure is tried again with the next change. */
  async save(): Promise<void> {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    try {
      await writeDurably(this.#path, JSON.stringify(this.#receipts));
    } catch (error) {
      this.#isDirty = true;
      this.#log.warn('receipts not written', { err: describeError(error) });
    }
  }
}

function isReceipt(value: unknown): value is Receipt {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return Number.isSafeInteger(fields.get('index')) && typeof fields.get('leafHash') === 'string';
}
