import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

import type { EmulatorState } from './emulator-state.ts';
import type { Fault } from './faults.ts';
import { liveVersion } from './resources.ts';

/** One object that was damaged. */
export interface Damaged {
  readonly bucket: string;
  readonly name: string;
  readonly generation: string;
}

/** Damages stored bytes of up to `times` live objects now; size, hashes and generation in the metadata stay. */
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
  const chosen = candidates.slice(0, fault.times);
  for (const { path, version } of chosen) damage(path, version.size >>> 1, fault.how);
  return chosen.map(({ bucketName, version }) => ({
    bucket: bucketName,
    name: version.name,
    generation: String(version.generation),
  }));
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
