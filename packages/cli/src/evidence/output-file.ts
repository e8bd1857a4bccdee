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

interface OutputFile {
  write(text: string): Promise<void>;
  end(): Promise<WrittenFile>;
}

const heldChars = 256 * 1024;

/** Throws `usage` where the file is there already: an export is never mixed with another. */
async function createOutputFile(dir: string, name: string): Promise<OutputFile> {
  const file = await openNew(join(dir, name));
  const digest = createHash('sha256');
  let bytes = 0;
  let held = '';
  const flush = async (): Promise<void> => {
    const chunk = Buffer.from(held);
    held = '';
    digest.update(chunk);
    bytes += chunk.length;
    await file.appendFile(chunk);
  };
  return {
    async write(text) {
      held += text;
      if (held.length > heldChars) await flush();
    },
    async end() {
      await flush();
      await file.close();
      return { name, bytes, sha256: digest.digest('hex') };
    },
  };
}

/** Writes all pieces. */
export async function writeOutput(dir: string, name: string, pieces: AsyncIterable<string>): Promise<WrittenFile> {
  const file = await createOutputFile(dir, name);
  for await (const piece of pieces) await file.write(piece);
  return file.end();
}

async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (cause) {
    throw new CliError('usage', `cannot create ${path}: an export needs a directory of its own`, { cause });
  }
}
