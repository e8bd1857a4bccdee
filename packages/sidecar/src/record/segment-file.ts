import { unlinkSync, writeFileSync } from 'node:fs';
import type { OpenState } from './open-state.ts';
import type { RawNames } from './spool-layout.ts';
import type { SpoolFs } from './spool-fs.ts';
import type { SignedHead } from './stream-key.ts';

/** A raw segment that takes no more lines. */
export interface RawSegment {
  readonly names: RawNames;
  readonly stream: string;
  readonly last: number;
  readonly lastHash: string;
  /** Length of the durable lines: what lies beyond is not part of the segment. */
  readonly bytes: number;
  readonly head: SignedHead;
  /** Wall-clock time of the first record that is no heartbeat. */
  readonly oldestMs: number | undefined;
  /** What was open at its end. */
  readonly state: OpenState;
}

interface SegmentBegin {
  readonly day: number;
  readonly nowMs: number;
  /** What was open when the segment began; advisory, so not synced. */
  readonly state: OpenState;
}

/** The open segment: one append-only file of lines, one of signed heads. */
export class SegmentFile {
  readonly names: RawNames;
  /** UTC day of its first record, counted from 1970: a segment never crosses midnight. */
  readonly day: number;
  readonly openedMs: number;
  /** Written; the durable ones may be fewer. */
  bytes = 0;
  durableBytes = 0;
  /** Durable lines. */
  records = 0;
  /** Wall-clock time of the first record that is no heartbeat; `undefined`: heartbeats only. */
  oldestMs: number | undefined;
  /** The file's name is not yet known to be durable. */
  isNew = true;
  readonly #fs: SpoolFs;
  readonly #linesFd: number;
  readonly #headsFd: number;

  private constructor(fs: SpoolFs, names: RawNames, begin: SegmentBegin, fds: readonly [number, number]) {
    this.#fs = fs;
    this.names = names;
    this.day = begin.day;
    this.openedMs = begin.nowMs;
    [this.#linesFd, this.#headsFd] = fds;
  }

  /** Creates the files. Throws Node's errors. */
  static open(fs: SpoolFs, names: RawNames, begin: SegmentBegin): SegmentFile {
    writeFileSync(names.state, JSON.stringify(begin.state), { mode: 0o600 });
    return new SegmentFile(fs, names, begin, [fs.open(names.lines, 'a'), fs.open(names.heads, 'a')]);
  }

  get fd(): number {
    return this.#linesFd;
  }

  /** Writes all bytes or throws; what a failed write left behind is cut off by `abandon`. */
  write(buffer: Uint8Array, length: number): void {
    let offset = 0;
    while (offset < length) offset += this.#fs.write(this.#linesFd, buffer, offset, length - offset);
    this.bytes += length;
  }

  writeHead(head: SignedHead): void {
    const line = Buffer.from(`${JSON.stringify(head)}\n`);
    this.#fs.write(this.#headsFd, line, 0, line.length);
  }

  /** After an I/O error: cuts the file to its durable lines where the disk still allows it. Never throws. */
  abandon(): void {
    this.#quietly(() => this.#fs.truncate(this.#linesFd, this.durableBytes));
    this.close();
    if (this.durableBytes > 0) return;
    const { lines, heads, state } = this.names;
    for (const path of [lines, heads, state]) this.#quietly(() => unlinkSync(path));
  }

  /** Never throws: on Linux the descriptor is gone even when close reports an error. */
  close(): void {
    this.#quietly(() => this.#fs.close(this.#linesFd));
    this.#quietly(() => this.#fs.close(this.#headsFd));
  }

  #quietly(run: () => void): void {
    try {
      run();
    } catch {
      // The lines that matter are durable already, or their callers have been refused.
    }
  }
}
