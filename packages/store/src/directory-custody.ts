import { createHash } from 'node:crypto';
import { lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { objectPath } from './directory-store.ts';
import { pendingDirectory, walkObjects } from './directory-walk.ts';
import type { DeleteOutcome, ObjectCustody, ObjectState } from './object-custody.ts';
import { StoreError } from './store-error.ts';
import { hasCode } from './system-error.ts';

/**
 * Custody of a directory, for running without a bucket. A hold is a file beside the objects, and binds only what uses
 * this: the file system itself retains nothing.
 */
export function createDirectoryCustody(directory: string): ObjectCustody {
  return new DirectoryCustody(directory);
}

class DirectoryCustody implements ObjectCustody {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async may(): Promise<boolean> {
    return await Promise.resolve(true);
  }

  async *list(prefix: string): AsyncGenerator<ObjectState> {
    for await (const { name, modified } of walkObjects(this.#root, prefix, '')) {
      yield await this.#toState(name, modified);
    }
  }

  async objectState(name: string): Promise<ObjectState | undefined> {
    const modified = await modifiedAt(objectPath(this.#root, name));
    return modified === undefined ? undefined : await this.#toState(name, modified);
  }

  async setHold(name: string, _generation: string, held: boolean): Promise<'done' | 'absent'> {
    if ((await this.objectState(name)) === undefined) return 'absent';
    const path = this.#holdPath(name);
    return await asStoreError<'done'>(`hold ${name}`, async () => {
      await mkdir(join(path, '..'), { recursive: true });
      if (held) await writeFile(path, name, { flush: true });
      else await rm(path, { force: true });
      return 'done';
    });
  }

  async deleteGeneration(name: string): Promise<DeleteOutcome> {
    const state = await this.objectState(name);
    if (state === undefined) return 'absent';
    if (state.held) return 'held';
    return await asStoreError<'deleted'>(`delete ${name}`, async () => {
      await rm(objectPath(this.#root, name));
      return 'deleted';
    });
  }

  async #toState(name: string, modified: Date): Promise<ObjectState> {
    const held = (await modifiedAt(this.#holdPath(name))) !== undefined;
    return { name, generation: '1', timeCreated: modified.toISOString(), held };
  }

  #holdPath(name: string): string {
    return join(this.#root, pendingDirectory, 'holds', createHash('sha256').update(name).digest('hex'));
  }
}

async function modifiedAt(path: string): Promise<Date | undefined> {
  try {
    return (await lstat(path)).mtime;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw new StoreError('io', 'look: the file system refused', error);
  }
}

async function asStoreError<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new StoreError('io', `${what}: the file system refused`, error);
  }
}
