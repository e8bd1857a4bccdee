import { closeSync, fdatasync, fsync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** File calls on the path of a record: the port through which tests break the disk. Synchronous ones throw Node's errors. */
export interface SpoolFs {
  open(path: string, flags: string): number;
  /** Bytes written; may be fewer than asked. */
  write(fd: number, bytes: Uint8Array, offset: number, length: number): number;
  truncate(fd: number, size: number): void;
  close(fd: number): void;
  /** Off the event loop: a slow disk delays records, not the process. */
  syncData(fd: number, done: (error: Error | null) => void): void;
  /** For directories: makes created and renamed names durable. */
  sync(fd: number, done: (error: Error | null) => void): void;
}

export const nodeSpoolFs: SpoolFs = {
  open: (path, flags) => openSync(path, flags, 0o600),
  write: (fd, bytes, offset, length) => writeSync(fd, bytes, offset, length),
  truncate: ftruncateSync,
  close: closeSync,
  syncData: fdatasync,
  sync: fsync,
};
