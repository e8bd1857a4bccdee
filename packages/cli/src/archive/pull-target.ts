/** The directory that a pull fills: nothing half-written stays under a final name, and nothing is written outside. */
import { constants, createWriteStream } from 'node:fs';
import { lstat, mkdir, open, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pullListName } from '@tachograph/archive';
import { CliError } from '../cli-error.ts';

/** Where files are until they are whole. No object name may lie in it; directory stores never list it. */
const pendingName = '.tachograph-pending';

/** Names that a file system may mistake for something else are refused, whatever the store says. */
const maxPartBytes = 255;

/** Whether a file system takes it for a plain name. */
function isPart(part: string): boolean {
  const isPlain = part !== '' && part !== '.' && part !== '..';
  return isPlain && Buffer.byteLength(part) <= maxPartBytes && !/[\\\p{Cc}]/u.test(part);
}

/** A directory that is being filled, by one pull at a time. */
export interface PullTarget {
  readonly dir: string;
  /** What an earlier pull left; `undefined` when there is no such file. Never through a link. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Whole or not at all; replaces. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** The same from pieces, which `seen` sees; the file has its name only if `seen` says at the end that it may. */
  writePieces(name: string, pieces: Readable, seen: PiecesSeen): Promise<boolean>;
  /** Lets others pull here. */
  close(): Promise<void>;
}

/** Who watches a file come in. */
export interface PiecesSeen {
  readonly piece: (piece: Uint8Array) => void;
  readonly isRight: () => boolean;
}

/** Whether an object of this name can have a place under a directory. */
export function isPlaceable(name: string): boolean {
  const parts = name.split('/');
  return parts.every(isPart) && parts[0] !== pendingName && Buffer.byteLength(name) <= 1024;
}

/**
 * Opens an empty directory, one that a pull began, or makes it. Throws `usage` for a directory that holds anything
 * else, and while another pull is writing there.
 */
export async function openPullTarget(dir: string): Promise<PullTarget> {
  await makeDirectory(dir);
  const isFresh = await assertPulled(dir);
  const pending = join(dir, pendingName);
  await mkdir(pending, { recursive: true });
  await takeLock(pending);
  await removeLeftovers(pending);
  const known = new Map<string, Promise<void>>();
  let files = 0;
  const nextPending = async (name: string): Promise<string> => {
    if (!isPlaceable(name)) throw new CliError('refused', `the name ${name} leads outside of the directory`);
    await ensureParents(dir, name.split('/').slice(0, -1), known);
    files += 1;
    return join(pending, String(files));
  };
  return {
    dir,
    // Into a new directory nothing is read that this pull has not written: looking for each file costs as much as it.
    read: async (name) => (isPlaceable(name) && !isFresh ? await readRegular(join(dir, name)) : undefined),
    async write(name, bytes) {
      const path = await nextPending(name);
      await writeFile(path, bytes, { flag: 'wx' });
      await rename(path, join(dir, name));
    },
    async writePieces(name, pieces, seen) {
      const path = await nextPending(name);
      pieces.on('data', (piece: Uint8Array) => seen.piece(piece));
      await pipeline(pieces, createWriteStream(path, { flags: 'wx' }));
      if (!seen.isRight()) {
        await unlink(path);
        return false;
      }
      await rename(path, join(dir, name));
      return true;
    },
    close: async () => rm(pending, { recursive: true, force: true }),
  };
}

async function makeDirectory(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true });
  } catch (cause) {
    throw new CliError('usage', `cannot make the directory ${dir}`, { cause });
  }
}

/** What else lies there would look like part of the archive. Whether nothing was pulled there yet. */
async function assertPulled(dir: string): Promise<boolean> {
  const own = new Set([pendingName, pullListName, 'v1']);
  const names = await readdir(dir);
  const foreign = names.find((name) => !own.has(name));
  if (foreign === undefined) return !names.some((name) => name !== pendingName);
  throw new CliError('usage', `${dir} holds more than a pulled archive (${foreign}): choose an empty directory`);
}

async function takeLock(pending: string): Promise<void> {
  const path = join(pending, 'lock');
  const owner = Number(await readFile(path, 'utf8').catch(() => ''));
  if (owner > 0 && owner !== process.pid && isAlive(owner)) {
    throw new CliError('usage', `another pull (process ${owner}) is writing here; if it is none, remove ${path}`);
  }
  await writeFile(path, String(process.pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function removeLeftovers(pending: string): Promise<void> {
  const left = (await readdir(pending)).filter((name) => name !== 'lock');
  await Promise.all(left.map(async (name) => rm(join(pending, name), { recursive: true, force: true })));
}

/** Makes each directory once, and follows no link that somebody laid. */
async function ensureParents(dir: string, parts: readonly string[], known: Map<string, Promise<void>>): Promise<void> {
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const path = join(dir, ...parts.slice(0, depth));
    const made = known.get(path) ?? ensureDirectory(path);
    known.set(path, made);
    await made;
  }
}

async function ensureDirectory(path: string): Promise<void> {
  await mkdir(path).catch(() => undefined);
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSymbolicLink() === true) {
    throw new CliError('refused', `${path} is a link: nothing is written through it`);
  }
  if (found?.isDirectory() !== true) throw new CliError('usage', `cannot make the directory ${path}`);
}

async function readRegular(path: string): Promise<Uint8Array | undefined> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // A link under an object's name is not the object: it is replaced, never followed.
    if (error instanceof Error && 'code' in error && error.code === 'ELOOP') await unlink(path);
    return undefined;
  }
}
