import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { StoreError } from './store-error.ts';
import { hasCode } from './system-error.ts';

/** One regular file under the root; its name uses slashes. */
export interface WalkedObject {
  readonly name: string;
  readonly size: number;
  readonly modified: Date;
}

/** Holds files that are not yet objects; never listed, and no object name may lie in it. */
export const pendingDirectory = '.tachograph-pending';

/** Regular files under `root` whose names start with `prefix`, not before `from`, in the order of their UTF-8 bytes. */
export async function* walkObjects(root: string, prefix: string, from: string): AsyncGenerator<WalkedObject> {
  yield* walk({ root, prefix, from: Buffer.from(from) }, '');
}

interface Walk {
  readonly root: string;
  readonly prefix: string;
  readonly from: Buffer;
}

async function* walk(scan: Walk, directory: string): AsyncGenerator<WalkedObject> {
  for (const { name, isDirectory } of await sortedEntries(scan.root, directory)) {
    if (isDirectory) {
      if (name.startsWith(scan.prefix) || scan.prefix.startsWith(name)) yield* walk(scan, name);
      continue;
    }
    if (!name.startsWith(scan.prefix) || Buffer.compare(Buffer.from(name), scan.from) < 0) continue;
    const stats = await statOf(join(scan.root, name));
    if (stats !== undefined) yield { name, size: stats.size, modified: stats.mtime };
  }
}

/** `undefined`: deleted since the directory was read. */
async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new StoreError('io', 'list: cannot look at a file', error);
  }
}

/** Directories sort as their name plus a slash, which makes the order of the walk the order of the full names. */
async function sortedEntries(root: string, directory: string): Promise<{ name: string; isDirectory: boolean }[]> {
  const entries = await readEntries(join(root, directory), directory === '');
  return entries
    .filter(
      (entry) => (entry.isFile() || entry.isDirectory()) && !(directory === '' && entry.name === pendingDirectory),
    )
    .map((entry) => ({
      name: directory + entry.name + (entry.isDirectory() ? '/' : ''),
      isDirectory: entry.isDirectory(),
    }))
    .toSorted((left, right) => Buffer.compare(Buffer.from(left.name), Buffer.from(right.name)));
}

async function readEntries(path: string, isRoot: boolean): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    const gone = hasCode(error, 'ENOENT');
    if (gone && !isRoot) return [];
    throw new StoreError(gone ? 'no_bucket' : 'io', 'list: cannot read the directory', error);
  }
}
