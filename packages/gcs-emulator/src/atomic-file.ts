import { readFileSync, renameSync, writeFileSync } from 'node:fs';

import { EmulatorError } from './emulator-error.ts';

/**
 * Replaces a JSON file by tmp + rename, so that a killed process leaves the old or the new file, never half of one.
 * Synchronous on purpose: check and commit of a request happen without another request in between.
 */
export function writeJsonAtomic(path: string, value: unknown): void {
  const pending = `${path}.pending`;
  writeFileSync(pending, JSON.stringify(value));
  renameSync(pending, path);
}

/** Reads a JSON file of ours; undefined when there is none. Throws when it is not what we once wrote. */
export function readJson<Shape>(path: string, isShape: (value: unknown) => value is Shape): Shape | undefined {
  const text = readIfPresent(path);
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (isShape(value)) return value;
  throw new EmulatorError('internalError', `damaged state file ${path}`);
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
