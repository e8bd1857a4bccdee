import type { HeadsRequest, RecordDraft } from '@tachograph/protocol';
import type { Clock, Logger, Metrics } from '@tachograph/service';
import { ArchiveWaiters } from './archive-waiters.ts';
import type { Backlog } from './backlog.ts';
import type { BlobStore } from './blob-store.ts';
import type { EncodedLine } from './line-encoder.ts';
import { OpenRequests } from './open-requests.ts';
import type { OpenState } from './open-state.ts';
import type { Quota } from './quota.ts';
import { RecorderLife } from './recorder-life.ts';
import { RefusalSummary } from './refusal-summary.ts';
import type { SealedSegment } from './sealed-segment.ts';
import { Sealer } from './sealer.ts';
import type { RawSegment } from './segment-file.ts';
import type { SessionKeys } from './session-keys.ts';
import { SessionTable } from './session-table.ts';
import type { RecorderSettings } from './settings.ts';
import type { SpoolFs } from './spool-fs.ts';
import { writeStreamFile, type StreamFacts } from './stream-file.ts';
import { createStreamKey, type StreamKey } from './stream-key.ts';
import { StreamRecorder } from './stream-recorder.ts';
import { StreamWriter } from './stream-writer.ts';
import type { Timers } from './timers.ts';

/** What the streams of one spool share. */
export interface SpoolParts {
  readonly settings: RecorderSettings;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly timers: Timers;
  readonly fs: SpoolFs;
  readonly quota: Quota;
  readonly blobs: BlobStore;
  /** Absent: no body is sealed, and no earlier start left a key. */
  readonly keys: SessionKeys | undefined;
  readonly backlog: Backlog;
  /** Ships the segment, or keeps it. */
  readonly onSealed: (segment: SealedSegment) => void;
}

/** Where the stream's files stand; the descriptor serves to sync names. */
export interface StreamDir {
  readonly stream: string;
  readonly dir: string;
  readonly dirFd: number;
}

/** An `archive` call waits no longer than this for the bucket. */
const archiveWaitMs = 15_000;

/** The parts of one stream, wired. */
export class StreamAssembly {
  readonly key: StreamKey = createStreamKey();
  readonly waiters = new ArchiveWaiters();
  readonly requests = new OpenRequests();
  readonly sessions: SessionTable;
  readonly refusals: RefusalSummary;
  readonly writer: StreamWriter;
  readonly sealer: Sealer;
  readonly recorder: StreamRecorder;
  readonly life: RecorderLife;
  /** Known once the first line is written. */
  facts: StreamFacts | undefined;
  readonly #spool: SpoolParts;
  readonly #at: StreamDir;
  #sealedSeq = -1;
  /** Last line of the segment that an `archive` pod waits for. */
  #awaited: number | undefined;

  constructor(spool: SpoolParts, at: StreamDir) {
    const { settings, clock, timers, log, quota, blobs, keys, backlog, metrics } = spool;
    this.#spool = spool;
    this.#at = at;
    this.sessions = new SessionTable(settings.sessionIdleMs);
    this.refusals = new RefusalSummary(() => clock.nowMs());
    const { key, sessions, waiters, refusals } = this;
    this.sealer = new Sealer({ keyId: key.keyId, quota, timers, log, onSealed: (segment) => this.#sealed(segment) });
    this.writer = this.#createWriter();
    const { writer } = this;
    const { stream } = at;
    this.recorder = new StreamRecorder({
      stream,
      settings,
      key,
      writer,
      sessions,
      blobs,
      keys,
      quota,
      backlog,
      waiters,
      clock,
    });
    const { recorder } = this;
    this.life = new RecorderLife({ recorder, writer, sessions, refusals, quota, backlog, clock, log, metrics });
  }

  /** Once a second. */
  tick(): void {
    this.life.tick();
    this.waiters.expire(this.#spool.clock.nowMs() - archiveWaitMs);
  }

  /** The controller has archived everything up to `last`. */
  archived(last: number): void {
    this.waiters.archived(last);
    if (this.#awaited === undefined || last < this.#awaited) return;
    this.#awaited = undefined;
    this.#sealForArchive();
  }

  /**
   * The newest head. `durableSeq` is the last line that survives the node's restart: what was synced. At `process` that
   * is what has been sealed, so that a lost page cache is a loss and not a sign of tampering.
   */
  head(): HeadsRequest | undefined {
    const { durable } = this.writer;
    if (durable === undefined) return undefined;
    const durableSeq = this.#spool.settings.durability === 'process' ? this.#sealedSeq : durable.seq;
    return { stream: this.#at.stream, seq: durable.seq, hash: durable.hash, durableSeq };
  }

  #sealed(segment: SealedSegment): void {
    this.#sealedSeq = segment.last;
    this.#spool.onSealed(segment);
  }

  #createWriter(): StreamWriter {
    const { settings, quota, fs, clock, timers, log } = this.#spool;
    const { key } = this;
    return new StreamWriter({
      ...this.#at,
      durability: settings.durability,
      key,
      quota,
      fs,
      clock,
      timers,
      log,
      onFirstLine: (line, head) => {
        const { stream, dir } = this.#at;
        this.facts = { stream, keyId: key.keyId, publicKey: key.publicKey, line, sig: head.sig };
        writeStreamFile(dir, this.facts);
      },
      onLine: (line, draft, wallMs) => this.#follow(line, draft, wallMs),
      openState: () => this.#openState(),
      onSegment: (segment) => this.#take(segment),
      onGroup: () => this.#sealForArchive(),
      onRepaired: (outage) => this.life.repaired(outage),
    });
  }

  #follow(line: EncodedLine, draft: RecordDraft, wallMs: number): void {
    if (draft.session !== undefined && draft.kind !== 'session.close') {
      this.sessions.observe(draft.session, line.seq, line.hash, wallMs);
    }
    this.requests.observe(line.seq, draft);
    this.life.recorded(wallMs);
  }

  #take(segment: RawSegment): void {
    this.#spool.backlog.add(segment);
    this.life.sealed();
    this.sealer.add(segment);
  }

  /** For `archive`: one segment on its way at a time; what comes meanwhile shares the next one. */
  #sealForArchive(): void {
    if (this.#spool.settings.durability !== 'archive' || this.#awaited !== undefined) return;
    if (this.writer.segment?.oldestMs === undefined) return;
    if (this.writer.rotate()) this.#awaited = this.writer.durable?.seq;
  }

  #openState(): OpenState {
    return { requests: this.requests.list(), sessions: this.sessions.states() };
  }
}
