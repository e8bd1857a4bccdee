import { hash } from 'node:crypto';
import type { RecordDraft } from '@tachograph/protocol';
import { describeError } from '@tachograph/service';
import { LineEncoder, type EncodedLine } from './line-encoder.ts';
import type { QuotaClass } from './quota.ts';
import { RecorderError, type LineDraft, type Recorded } from './recorder.ts';
import { SegmentFile } from './segment-file.ts';
import { rawNames } from './spool-layout.ts';
import type { SignedHead } from './stream-key.ts';
import type { Cancel } from './timers.ts';
import type { Broken, Placed, Waiting } from './write-group.ts';
import type { LateDraft, WriterOptions } from './writer-options.ts';

/** A segment is sealed at this size. */
export const segmentBytes = 4 * 1024 * 1024;
/** With the line that passes it still within what the encoder keeps: lines are shorter than the threshold of blobs, mostly. */
const batchBytes = 640 * 1024;
const signIntervalMs = 100;
const repairIntervalMs = 1000;
const envelopeEstimate = 512;
const dayMs = 86_400_000;

/**
 * The writing end of a stream: gives records their place in the chain and writes them in groups, one write (and, for
 * `node` and `archive`, one fdatasync) for all that are waiting; the next group gathers meanwhile.
 *
 * After an I/O error everything is refused. Data that a failed fsync covered may be gone from the page cache without
 * another error, so the file is never synced again: it ends at its last durable line, and the lines after it, kept in
 * memory, are written and synced to a new file, tried every second. Their callers were refused; the `gap` record
 * that follows says so.
 */
export class StreamWriter {
  readonly #options: WriterOptions;
  readonly #encoder: LineEncoder;
  #queue: Waiting[] = [];
  #segment: SegmentFile | undefined;
  #attempt = 0;
  #busy = false;
  /** `stream.close` has been handed in: a record after it would break the chain for every reader. */
  #ended = false;
  #scheduled = false;
  /** A group of this turn of the event loop has been taken. */
  #turnTaken = false;
  #broken: Broken | undefined;
  #durable: EncodedLine | undefined;
  #head: SignedHead | undefined;
  #cancelSign: Cancel | undefined;
  #flushed: (() => void)[] = [];

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#encoder = new LineEncoder(options.stream);
  }

  get broken(): boolean {
    return this.#broken !== undefined;
  }

  /** The last line that is durable at the stream's level (for `archive`: synced). */
  get durable(): { readonly seq: number; readonly hash: string } | undefined {
    return this.#durable;
  }

  get segment(): SegmentFile | undefined {
    return this.#segment;
  }

  /** Resolves when the line is written (`process`) or synced (`node`, `archive`). Rejects with a `RecorderError`. */
  append(draft: LineDraft | LateDraft, kind: QuotaClass): Promise<Recorded> {
    return new Promise((resolve, reject) => void this.#enqueue(draft, kind, { resolve, reject, blocked: false }));
  }

  /** Keeps the record's place in the order while `ready` is under way; its rejection rejects the record alone. */
  appendAfter(ready: Promise<void>, draft: RecordDraft): Promise<Recorded> {
    return new Promise((resolve, reject) => {
      const entry = this.#enqueue(draft, 'call', { resolve, reject, blocked: true });
      if (entry === undefined) return;
      const unblock = (): void => {
        entry.blocked = false;
        this.#schedule();
      };
      ready.then(unblock, (error: unknown) => {
        this.#drop(entry, new RecorderError('spool_error', 'blob not stored', { cause: error }));
        unblock();
      });
    });
  }

  /** Resolves when everything handed in so far is settled. */
  flush(): Promise<void> {
    if (!this.#busy && this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#flushed.push(resolve));
  }

  /** Ends the open segment, if it holds a line and no group is being written; `false` otherwise. */
  rotate(): boolean {
    const segment = this.#segment;
    if (segment === undefined || segment.records === 0 || this.#busy || this.#broken !== undefined) return false;
    this.#finish(segment);
    return true;
  }

  /** Signs the last durable line now. */
  sign(): SignedHead | undefined {
    this.#cancelSign?.();
    this.#cancelSign = undefined;
    const durable = this.#durable;
    if (durable === undefined || this.#head?.seq === durable.seq) return this.#head;
    this.#head = this.#options.key.signHead({ stream: this.#options.stream, seq: durable.seq, hash: durable.hash });
    this.#storeHead(this.#head);
    return this.#head;
  }

  #enqueue(
    draft: LineDraft | LateDraft,
    kind: QuotaClass,
    settle: Pick<Waiting, 'resolve' | 'reject' | 'blocked'>,
  ): Waiting | undefined {
    const estimate = envelopeEstimate + (typeof draft === 'function' ? 0 : (draft.body?.length ?? 0));
    if (this.#ended) {
      settle.reject(new RecorderError('closed', 'nothing follows stream.close'));
      return undefined;
    }
    if (this.#broken !== undefined) {
      this.#broken.refused += 1;
      settle.reject(this.#broken.error);
      return undefined;
    }
    if (!this.#options.quota.admits(estimate, kind)) {
      settle.reject(new RecorderError('spool_full', `spool holds ${this.#options.quota.usedBytes} bytes`));
      return undefined;
    }
    this.#options.quota.add(estimate);
    const { clock } = this.#options;
    const entry: Waiting = { draft, wallMs: clock.nowMs(), monoNs: clock.monotonicNs(), estimate, ...settle };
    this.#queue.push(entry);
    this.#ended = typeof draft !== 'function' && draft.kind === 'stream.close';
    this.#schedule();
    return entry;
  }

  #drop(entry: Waiting, error: RecorderError): void {
    const at = this.#queue.indexOf(entry);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    this.#options.quota.release(entry.estimate);
    entry.reject(error);
  }

  /**
   * At `process` the first of a turn of the event loop waits for nobody; what follows in that turn gathers until its end.
   * Where a group costs a sync, all of a turn share it.
   */
  #schedule(): void {
    if (this.#busy || this.#scheduled) return;
    this.#scheduled = true;
    const run = (): void => {
      this.#scheduled = false;
      this.#commit();
    };
    const { timers, durability } = this.#options;
    if (this.#turnTaken || durability !== 'process') {
      timers.soon(run);
      return;
    }
    this.#turnTaken = true;
    timers.soon(() => (this.#turnTaken = false));
    queueMicrotask(run);
  }

  /** Writes one group. */
  #commit(): void {
    if (this.#busy || this.#broken !== undefined) return;
    let placed: readonly Placed[] = [];
    try {
      placed = this.#placeGroup();
      const segment = this.#segment;
      if (placed[0]?.line.seq === 0) this.#announce(this.#encoder.buffer);
      if (placed.length > 0 && segment !== undefined) segment.write(this.#encoder.buffer, this.#encoder.length);
    } catch (error) {
      this.#fail(error, placed);
      return;
    }
    if (placed.length === 0) {
      this.#settled();
      return;
    }
    if (this.#options.durability === 'process') this.#succeed(placed);
    else this.#sync(placed);
  }

  /** Takes what one group may hold off the queue and encodes it. Throws what opening a segment throws. */
  #placeGroup(): readonly Placed[] {
    const placed: Placed[] = [];
    this.#encoder.reset();
    let taken = 0;
    for (const entry of this.#queue) {
      if (entry.blocked || this.#encoder.length >= batchBytes) break;
      if (!this.#segmentFor(entry, placed.length)) break;
      taken += 1;
      this.#options.quota.release(entry.estimate);
      const line = this.#encode(entry);
      if (line !== undefined) placed.push({ entry, line });
    }
    this.#queue = taken === this.#queue.length ? [] : this.#queue.slice(taken);
    this.#options.quota.add(this.#encoder.length);
    return placed;
  }

  /** Opens the segment that the record belongs to; `false`: the group must be written first. */
  #segmentFor(entry: Waiting, alreadyPlaced: number): boolean {
    const day = Math.floor(entry.wallMs / dayMs);
    if (this.#segment !== undefined && this.#segment.day !== day && this.#segment.records + alreadyPlaced > 0) {
      if (alreadyPlaced > 0) return false;
      this.#finish(this.#segment);
    }
    this.#segment ??= this.#open(this.#encoder.nextSeq, day);
    return true;
  }

  #open(first: number, day: number): SegmentFile {
    const { dir, fs, clock, openState } = this.#options;
    const names = rawNames(dir, first, this.#attempt);
    const segment = SegmentFile.open(fs, names, { day, nowMs: clock.nowMs(), state: openState() });
    // A segment without one signed line is checked against the head of the line before it.
    if (this.#head !== undefined) segment.writeHead(this.#head);
    return segment;
  }

  #encode(entry: Waiting): EncodedLine | undefined {
    try {
      const draft = typeof entry.draft === 'function' ? entry.draft() : entry.draft;
      const line = this.#encoder.add(draft, entry);
      if (this.#segment !== undefined && draft.kind !== 'heartbeat') this.#segment.oldestMs ??= entry.wallMs;
      this.#options.onLine(line, draft, entry.wallMs);
      return line;
    } catch (error) {
      entry.reject(new RecorderError('bad_draft', 'record cannot be written as JSON', { cause: error }));
      return undefined;
    }
  }

  /** Signs and stores the first line before it is written: a stream whose key nobody can name could never be shipped. */
  #announce(lines: Uint8Array): void {
    const text = Buffer.from(lines.subarray(0, lines.indexOf(0x0a))).toString();
    const { key, stream, onFirstLine } = this.#options;
    this.#head = key.signHead({ stream, seq: 0, hash: hash('sha256', text, 'hex') });
    onFirstLine(text, this.#head);
    this.#storeHead(this.#head);
  }

  #sync(placed: readonly Placed[]): void {
    this.#busy = true;
    this.#syncSegment((error) => {
      this.#busy = false;
      if (error === null) this.#succeed(placed);
      else this.#fail(error, placed);
    });
  }

  /** A new file's name must be durable as well as its lines. */
  #syncSegment(done: (error: Error | null) => void): void {
    const { fs, dirFd } = this.#options;
    const segment = this.#segment;
    if (segment === undefined) return done(null);
    if (!segment.isNew) return fs.syncData(segment.fd, done);
    return fs.sync(dirFd, (error) => {
      if (error !== null) return done(error);
      segment.isNew = false;
      return fs.syncData(segment.fd, done);
    });
  }

  #succeed(placed: readonly Placed[]): void {
    const segment = this.#segment;
    if (segment === undefined) return;
    segment.records += placed.length;
    segment.durableBytes = segment.bytes;
    this.#durable = placed.at(-1)?.line ?? this.#durable;
    for (const { entry, line } of placed) entry.resolve({ seq: line.seq, hash: line.hash });
    this.#cancelSign ??= this.#options.timers.after(signIntervalMs, () => void this.sign());
    if (segment.durableBytes >= segmentBytes) this.#finish(segment);
    this.#options.onGroup();
    this.#settled();
  }

  #settled(): void {
    if (this.#queue.length === 0) {
      for (const resolve of this.#flushed.splice(0)) resolve();
    } else if (this.#queue[0]?.blocked === false) {
      // With a sync just done there is no reason to wait for more.
      if (this.#options.durability === 'process') this.#schedule();
      else this.#commit();
    }
  }

  #finish(segment: SegmentFile): void {
    const head = this.sign();
    segment.close();
    this.#segment = undefined;
    this.#hand(segment, head);
  }

  #hand(segment: SegmentFile, head: SignedHead | undefined): void {
    const durable = this.#durable;
    if (head === undefined || durable === undefined) return;
    this.#options.onSegment({
      names: segment.names,
      stream: this.#options.stream,
      last: durable.seq,
      lastHash: durable.hash,
      bytes: segment.durableBytes,
      head,
      oldestMs: segment.oldestMs,
      state: this.#options.openState(),
    });
  }

  #storeHead(head: SignedHead): void {
    try {
      this.#segment?.writeHead(head);
    } catch (error) {
      // Lines stay durable; after a crash they would count as an unsigned tail.
      this.#options.log.warn('signed head not stored', { err: describeError(error) });
    }
  }

  #fail(cause: unknown, placed: readonly Placed[]): void {
    const { log, clock, timers, quota } = this.#options;
    const error = new RecorderError('spool_error', 'record not written', { cause });
    log.error('spool write failed', { err: describeError(cause), stream: this.#options.stream });
    const refused = placed.length + this.#queue.length;
    this.#broken = {
      error,
      sinceMs: clock.nowMs(),
      lines: this.#encoder.copy(),
      first: placed[0]?.line.seq ?? this.#encoder.nextSeq,
      refused,
    };
    for (const { entry } of placed) entry.reject(error);
    for (const entry of this.#queue.splice(0)) {
      quota.release(entry.estimate);
      entry.reject(error);
    }
    this.#abandonSegment();
    timers.after(repairIntervalMs, () => this.#repair());
    this.#settled();
  }

  #abandonSegment(): void {
    const segment = this.#segment;
    this.#attempt += 1;
    if (segment === undefined) return;
    const head = segment.records > 0 ? this.sign() : undefined;
    segment.abandon();
    this.#segment = undefined;
    if (segment.records > 0) this.#hand(segment, head);
  }

  /** Writes what is still in memory to a new file and trusts the disk again when that file has been synced. */
  #repair(): void {
    const broken = this.#broken;
    if (broken === undefined) return;
    const again = (error: unknown): void => {
      this.#options.log.warn('spool still fails', { err: describeError(error) });
      this.#abandonSegment();
      this.#options.timers.after(repairIntervalMs, () => this.#repair());
    };
    try {
      this.#segment = this.#open(broken.first, Math.floor(broken.sinceMs / dayMs));
      if (broken.first === 0 && broken.lines.length > 0) this.#announce(broken.lines);
      this.#segment.write(broken.lines, broken.lines.length);
      this.#segment.oldestMs = broken.sinceMs;
    } catch (error) {
      again(error);
      return;
    }
    this.#syncSegment((error) => (error === null ? this.#repaired(broken) : again(error)));
  }

  #repaired(broken: Broken): void {
    const last = this.#encoder.nextSeq - 1;
    const segment = this.#segment;
    if (segment !== undefined) {
      segment.durableBytes = segment.bytes;
      segment.records = last - broken.first + 1;
    }
    if (last >= broken.first) this.#durable = { seq: last, hash: this.#encoder.lastHash, bytes: 0 };
    this.#broken = undefined;
    const { sinceMs, first, refused } = broken;
    this.#options.onRepaired({ error: describeError(broken.error), sinceMs, first, last, refused });
  }
}
