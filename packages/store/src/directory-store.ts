import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { pendingDirectory, walkObjects } from './directory-walk.ts';
import { hasCode } from './system-error.ts';
import type { CreateOutcome, ObjectEntry, ObjectStore } from './object-store.ts';
import { StoreError } from './store-error.ts';

/** A directory keeps one version of each name and knows no generations. */
const onlyGeneration = '1';

/**
 * An object store in a directory: pulled archives, tests, the demo. Create-only by hard link, which fails when the
 * name is taken. `generation` is always `1` and is ignored by `get`: whoever needs certain bytes compares hashes.
 * A name cannot be both an object and a prefix of others (`a` and `a/b`), and links are not followed.
 */
export function createDirectoryStore(directory: string): ObjectStore {
  return new DirectoryStore(directory);
}

class DirectoryStore implements ObjectStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async create(name: string, bytes: Uint8Array): Promise<CreateOutcome> {
    const path = this.#path(name);
    const outcome = await asStoreError(`create ${name}`, async () => await this.#linkNew(path, bytes));
    if (outcome === 'created') return { kind: 'created', generation: onlyGeneration };
    const found = await this.get(name);
    // Nothing deletes here, so a taken name without bytes is a directory.
    if (found === undefined) throw new StoreError('invalid_name', `create ${name}: other names lie below this one`);
    const equal = Buffer.compare(found, bytes) === 0;
    return { kind: equal ? 'exists-equal' : 'conflict', generation: onlyGeneration };
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const path = this.#path(name);
    return await asStoreError(`get ${name}`, async () => {
      try {
        return await readRegular(path);
      } catch (error) {
        // ENOTDIR: a part of the name is an object itself, so this one cannot exist.
        if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return undefined;
        throw error;
      }
    });
  }

  async *list(prefix: string, options: { startOffset?: string } = {}): AsyncGenerator<ObjectEntry> {
    const from = options.startOffset ?? '';
    for await (const { name, size, modified } of walkObjects(this.#root, prefix, from)) {
      yield { name, size, generation: onlyGeneration, timeCreated: modified.toISOString() };
    }
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(name);
    await asStoreError(`put ${name}`, async () => {
      const pending = await this.#writePending(bytes);
      await mkdir(dirname(path), { recursive: true });
      await rename(pending, path);
      await syncDirectory(dirname(path));
    });
  }

  async #linkNew(path: string, bytes: Uint8Array): Promise<'created' | 'taken'> {
    await mkdir(dirname(path), { recursive: true });
    const pending = await this.#writePending(bytes);
    try {
      await link(pending, path);
      await syncDirectory(dirname(path));
      return 'created';
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return 'taken';
      throw error;
    } finally {
      await rm(pending, { force: true });
    }
  }

  /** A complete, synced file: what is linked or renamed from here is never half an object. */
  async #writePending(bytes: Uint8Array): Promise<string> {
    const directory = join(this.#root, pendingDirectory);
    await mkdir(directory, { recursive: true });
    const path = join(directory, randomUUID());
    const handle = await open(path, 'wx');
    await closing(handle, async () => {
      await handle.writeFile(bytes);
      await handle.datasync();
    });
    return path;
  }

  #path(name: string): string {
    return objectPath(this.#root, name);
  }
}

/** Where an object of this name lies; throws `invalid_name` for a name that leads anywhere else. */
export function objectPath(root: string, name: string): string {
  const parts = name.split('/');
  const unusable = parts.some((part) => part === '' || part === '.' || part === '..' || Buffer.byteLength(part) > 255);
  if (unusable || parts[0] === pendingDirectory || Buffer.byteLength(name) > 1024 || /[\0\r\n]/.test(name)) {
    throw new StoreError('invalid_name', 'expected a name of non-empty parts between slashes, without . and ..');
  }
  return join(root, ...parts);
}

async function readRegular(path: string): Promise<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  return await closing(handle, async () => await handle.readFile());
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  await closing(handle, async () => {
    await handle.sync();
  });
}

async function closing<Result>(handle: FileHandle, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } finally {
    await handle.close();
  }
}

async function asStoreError<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const code = hasCode(error, 'ENOTDIR', 'EISDIR', 'EEXIST') ? 'invalid_name' : 'io';
    throw new StoreError(code, `${what}: the file system refused`, error);
  }
}
