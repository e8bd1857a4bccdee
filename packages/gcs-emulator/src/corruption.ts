import { closeSync, ftruncateSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';

import type { EmulatorState } from './emulator-state.ts';
import type { Fault } from './faults.ts';
import { liveVersion } from './resources.ts';

/** One object that was damaged. */
export interface Damaged {
  readonly bucket: string;
  readonly name: string;
  readonly generation: string;
}

/** Damages stored bytes of up to `times` live objects now (`swap`: of at least two among each other); size, hashes and generation in the metadata stay. */
export function corruptAtRest(state: EmulatorState, fault: Extract<Fault, { kind: 'corrupt-at-rest' }>): Damaged[] {
  const wanted = state.bucketNames().filter((name) => fault.match.bucket === undefined || fault.match.bucket === name);
  const candidates = wanted.flatMap((bucketName) => {
    const bucket = state.bucket(bucketName);
    return bucket
      .sortedNames()
      .filter((name) => name.startsWith(fault.match.objectPrefix ?? ''))
      .flatMap((name) => liveVersion(bucket.history(name)) ?? [])
      .filter((version) => version.size > 0)
      .map((version) => ({ bucketName, version, path: bucket.contentPath(version.name, version.generation) }));
  });
  const chosen = candidates.slice(0, fault.how === 'swap' ? Math.max(fault.times, 2) : fault.times);
  if (fault.how === 'swap') rotate(chosen.map(({ path }) => path));
  else for (const { path, version } of chosen) damage(path, version.size >>> 1, fault.how);
  return chosen.map(({ bucketName, version }) => ({
    bucket: bucketName,
    name: version.name,
    generation: String(version.generation),
  }));
}

/** Every file gets the bytes of the next one: of two, they are exchanged. */
function rotate(paths: readonly string[]): void {
  const contents = paths.map((path) => readFileSync(path));
  for (const [at, path] of paths.entries()) writeFileSync(path, contents[(at + 1) % paths.length] ?? '');
}

function damage(path: string, at: number, how: 'flip' | 'truncate'): void {
  const file = openSync(path, 'r+');
  try {
    if (how === 'truncate') {
      ftruncateSync(file, at);
      return;
    }
    const byte = Buffer.alloc(1);
    readSync(file, byte, 0, 1, at);
    writeSync(file, Buffer.from([(byte[0] ?? 0) ^ 0x01]), 0, 1, at);
  } finally {
    closeSync(file);
  }
}
