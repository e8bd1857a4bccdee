/** A file of an export: written piece by piece, hashed on the way, never over another. */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../cli-error.ts';

/** What `index.json` says of it. */
export interface WrittenFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

const heldChars = 256 * 1024;

/** Writes all pieces. Throws `usage` where the file is there already: an export is never mixed with another. */
export async function writeOutput(dir: string, name: string, pieces: AsyncIterable<string>): Promise<WrittenFile> {
  const file = await openNew(join(dir, name));
  try {
    const digest = createHash('sha256');
    let bytes = 0;
    for await (const chunk of chunksOf(pieces)) {
      digest.update(chunk);
      bytes += chunk.length;
      await file.appendFile(chunk);
    }
    return { name, bytes, sha256: digest.digest('hex') };
  } finally {
    await file.close();
  }
}

async function* chunksOf(pieces: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let held = '';
  for await (const piece of pieces) {
    held += piece;
    if (held.length <= heldChars) continue;
    yield Buffer.from(held);
    held = '';
  }
  yield Buffer.from(held);
}

async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (cause) {
    throw new CliError('usage', `cannot create ${path}: an export needs a directory of its own`, { cause });
  }
}
