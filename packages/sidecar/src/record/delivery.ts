import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Archived } from '@tachograph/protocol';
import { describeError, type Clock, type Counter, type Logger, type Metrics } from '@tachograph/service';
import { writeArchivedMark } from './archived-mark.ts';
import type { Backlog } from './backlog.ts';
import type { BlobStore } from './blob-store.ts';
import { checkReceipts, type Misbehaviour } from './check-receipts.ts';
import { HeadsReporter } from './heads-reporter.ts';
import type { Quota } from './quota.ts';
import { Receipts } from './receipts.ts';
import type { RecoveredStream } from './recovered-stream.ts';
import type { SealedSegment } from './sealed-segment.ts';
import type { SessionKeys } from './session-keys.ts';
import type { RecorderSettings } from './settings.ts';
import { Shipper } from './shipper.ts';
import type { ShippingPort } from './shipping-port.ts';
import { registeredFile } from './spool-layout.ts';
import type { StreamAssembly } from './stream-assembly.ts';
import type { Timers } from './timers.ts';

export interface DeliveryOptions {
  readonly settings: RecorderSettings;
  readonly port: ShippingPort;
  readonly quota: Quota;
  readonly backlog: Backlog;
  readonly blobs: BlobStore;
  readonly keys: SessionKeys | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: Metrics;
}

const checkpointIntervalMs = 60_000;

/** Everything between the spool and the controller: segments, heads, receipts. */
export class Delivery {
  readonly shipper: Shipper;
  readonly #options: DeliveryOptions;
  readonly #receipts: Receipts;
  readonly #broken: Counter;
  #assembly: StreamAssembly | undefined;
  #heads: HeadsReporter | undefined;
  #checkedMs = 0;
  #isChecking = false;

  constructor(options: DeliveryOptions) {
    const { settings, log, port, blobs, keys, clock, timers, random, metrics } = options;
    this.#options = options;
    this.#receipts = new Receipts(settings.spoolDir, log);
    this.#receipts.load();
    this.#broken = metrics.counter('receipts_broken_total', 'Receipts that a signed checkpoint did not prove');
    this.shipper = new Shipper({
      port,
      clock,
      timers,
      random,
      log,
      metrics,
      keys,
      blobPath: (sha256) => blobs.pathOf(sha256),
      onArchived: (segment, archived) => this.#archived(segment, archived),
      onRegistered: (stream) => this.#registered(stream),
      onConflict: (stream) => this.#conflict(stream),
    });
  }

  /** Ships what earlier streams left, and this one's segments as they are sealed. */
  start(assembly: StreamAssembly, old: readonly RecoveredStream[]): void {
    this.#assembly = assembly;
    for (const { facts, dir, sealed } of old) this.shipper.reopen(facts, existsSync(registeredFile(dir)), sealed);
    if (assembly.facts !== undefined) this.shipper.open(assembly.facts);
    const onDeletion = (): void => void (assembly.life.terminating = true);
    this.#heads = new HeadsReporter(this.#options.port, () => assembly.head(), onDeletion);
  }

  tick(): void {
    if (this.#assembly !== undefined) this.#assembly.recorder.archiveFails = this.shipper.failing;
    void this.#heads?.tick();
    void this.#receipts.save();
    const nowMs = this.#options.clock.nowMs();
    if (this.#receipts.size === 0 || nowMs - this.#checkedMs < checkpointIntervalMs) return;
    this.#checkedMs = nowMs;
    void this.#checkReceipts();
  }

  /** Resolves when everything is archived. */
  async finish(): Promise<void> {
    this.shipper.hurry();
    await this.shipper.idle();
  }

  async stop(): Promise<void> {
    this.shipper.stop();
    await this.#receipts.save();
  }

  async #checkReceipts(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      await checkReceipts(this.#options.port, this.#receipts, async (broken) => this.#accuse(broken));
    } catch (error) {
      this.#options.log.error('broken receipt not recorded yet', { err: describeError(error) });
    }
    this.#isChecking = false;
  }

  /** Rejects while it cannot be recorded: the receipt is kept until it is. */
  async #accuse(broken: Misbehaviour): Promise<void> {
    const recorder = this.#assembly?.recorder;
    if (recorder === undefined) throw new Error('no stream is open');
    this.#broken.inc();
    this.#options.log.error('the log does not hold what the controller promised', { index: broken.index });
    await recorder.appendOwn({ kind: 'log.misbehaviour', detail: { ...broken } });
  }

  /** The promise is kept before the segment goes; those who wait for it need not wait for the files. */
  async #archived(segment: SealedSegment, archived: Archived): Promise<void> {
    const { backlog, log } = this.#options;
    this.#receipts.add(archived);
    backlog.archived(segment.stream, segment.last);
    const isCurrent = segment.stream === this.#assembly?.recorder.stream;
    if (isCurrent) this.#assembly?.archived(segment.last);
    try {
      await this.#remove(segment);
      if (!isCurrent && isEmptied(segment.dir)) await rm(segment.dir, { recursive: true });
    } catch (error) {
      // The next start finds the segment again and ships it again, which changes nothing.
      log.warn('archived segment not removed', { segment: segment.name, err: describeError(error) });
    }
  }

  async #remove(segment: SealedSegment): Promise<void> {
    const { quota, blobs } = this.#options;
    await this.#receipts.save();
    await writeArchivedMark(segment.dir, segment);
    await rm(join(segment.dir, segment.name), { force: true });
    await rm(join(segment.dir, `${segment.name}.sig`), { force: true });
    quota.release(segment.spoolBytes);
    for (const { sha256, count } of segment.blobs) blobs.release(sha256, count);
  }

  #registered(stream: string): void {
    try {
      writeFileSync(registeredFile(join(this.#options.settings.spoolDir, stream)), '', { mode: 0o600 });
    } catch (error) {
      this.#options.log.warn('registration not noted', { err: describeError(error) });
    }
  }

  /**
   * Another key holds the start. For this stream that means: no more calls. A stream of an earlier start was never
   * registered then (the controller was away for all of its life); it can never be archived, so waiting for it would
   * refuse calls for ever. It stays in the spool, and the gap is recorded.
   */
  #conflict(stream: string): void {
    const recorder = this.#assembly?.recorder;
    if (stream === recorder?.stream) return recorder.setConflict();
    if (!this.#options.backlog.forget(stream)) return undefined;
    const detail = { cause: 'stream_not_accepted', stream };
    recorder?.appendOwn({ kind: 'gap', detail }).catch((error: unknown) => {
      this.#options.log.error('gap not recorded', { stream, err: describeError(error) });
    });
    return undefined;
  }
}

/** No segment is left in the stream's directory. */
export function isEmptied(dir: string): boolean {
  return !readdirSync(dir).some((file) => file.includes('.jsonl'));
}
