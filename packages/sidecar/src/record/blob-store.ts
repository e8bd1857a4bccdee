import { hash } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Durability } from '@tachograph/protocol';
import { writeDurably } from './durable-file.ts';
import type { Quota } from './quota.ts';
import type { BlobRef, NamedBlob } from './sealed-segment.ts';

interface Held {
  /** Records that name it and are not archived. */
  references: number;
  readonly size: number;
  readonly ready: Promise<void>;
}

/** Large masked bodies, each once, kept until every segment that names them is archived. */
export class BlobStore {
  readonly #dir: string;
  readonly #durability: Durability;
  readonly #quota: Quota;
  readonly #held = new Map<string, Held>();

  constructor(dir: string, durability: Durability, quota: Quota) {
    this.#dir = dir;
    this.#durability = durability;
    this.#quota = quota;
  }

  pathOf(sha256: string): string {
    return join(this.#dir, sha256);
  }

  /** `ready` resolves when the bytes are durable at the pod's level. The caller holds one reference. `sha256`: theirs, hex. */
  put(
    body: Uint8Array,
    sha256 = hash('sha256', body, 'hex'),
  ): { readonly blob: BlobRef; readonly ready: Promise<void> } {
    const blob = { sha256, size: body.length };
    const held = this.#held.get(sha256);
    if (held !== undefined) {
      held.references += 1;
      return { blob, ready: held.ready };
    }
    const ready = this.#write(this.pathOf(sha256), body);
    // Whoever waits for it sees the rejection; nobody may be waiting.
    ready.catch(() => undefined);
    this.#held.set(sha256, { references: 1, size: body.length, ready });
    this.#quota.add(body.length);
    return { blob, ready };
  }

  /** A segment found at start names it. */
  adopt(blob: NamedBlob): void {
    const held = this.#held.get(blob.sha256);
    if (held !== undefined) {
      held.references += blob.count;
      return;
    }
    this.#held.set(blob.sha256, { references: blob.count, size: blob.size, ready: Promise.resolve() });
    this.#quota.add(blob.size);
  }

  /** Gives references back; the last one removes the file. */
  release(sha256: string, count = 1): void {
    const held = this.#held.get(sha256);
    if (held === undefined) return;
    held.references -= count;
    if (held.references > 0) return;
    this.#held.delete(sha256);
    this.#quota.release(held.size);
    try {
      unlinkSync(this.pathOf(sha256));
    } catch {
      // Never written, or gone with the volume: either way nothing names it any more.
    }
  }

  get names(): ReadonlySet<string> {
    return new Set(this.#held.keys());
  }

  async #write(path: string, body: Uint8Array): Promise<void> {
    if (this.#durability !== 'process') return writeDurably(path, body);
    const temporary = `${path}.tmp`;
    try {
      await writeFile(temporary, body, { mode: 0o600 });
      return await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }
}
