import { readFile } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';

/** A text file; `undefined` when there is none. Throws `state` when it is there and cannot be read. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    // By its code: tests run in a realm of their own, where a system error is no instance of Error.
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new CliError('state', `cannot read ${file}`, { cause: error });
  }
}
