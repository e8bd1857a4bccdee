/** A zip that is the same bytes for the same files, whenever and wherever it is written. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** One file of a zip. `bytes` is called when its turn comes. */
export interface ZipEntry {
  readonly name: string;
  readonly bytes: () => Promise<Uint8Array>;
}

const fixed = {
  // A zip's time is local: made of local parts, it is the same one everywhere.
  mtime: new Date(2026, 0, 1, 0, 0, 0),
  forceDosTimestamp: true,
  mode: 0o100_644,
  // What is packed once more differs with the version of zlib, and most of it is packed already.
  compress: false,
} as const;

/** Writes the entries in the order of their names; the file has its name only when it is whole. */
export async function writeZip(path: string, entries: readonly ZipEntry[]): Promise<void> {
  const pending = `${path}.${process.pid}.part`;
  const zip = new ZipFile();
  const written = pipeline(zip.outputStream, createWriteStream(pending, { flags: 'wx' }));
  // Awaited at the end: a disk that fails before must not end the process.
  written.catch(() => undefined);
  try {
    for (const { name, bytes } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      zip.addBuffer(Buffer.from(await bytes()), name, fixed);
    }
    zip.end();
    await written;
    await rename(pending, path);
  } catch (error) {
    await rm(pending, { force: true });
    throw error;
  }
}
