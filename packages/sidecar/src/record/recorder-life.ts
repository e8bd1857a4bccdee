import { describeError, type Clock, type Logger, type Metrics } from '@tachograph/service';
import type { Backlog } from './backlog.ts';
import type { Quota } from './quota.ts';
import type { RefusalSummary } from './refusal-summary.ts';
import { isSealDue } from './seal-schedule.ts';
import type { SessionTable } from './session-table.ts';
import type { StreamRecorder } from './stream-recorder.ts';
import type { StreamWriter } from './stream-writer.ts';
import type { LateDraft, WriteOutage } from './writer-options.ts';

export interface LifeParts {
  readonly recorder: StreamRecorder;
  readonly writer: StreamWriter;
  readonly sessions: SessionTable;
  readonly refusals: RefusalSummary;
  readonly quota: Quota;
  readonly backlog: Backlog;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

const heartbeatMs = 59_000;
/** Refusal summaries have a pace of their own, so that a flood can never fill what the reserve is for. */
const fullSummaryIntervalMs = 60_000;

/** What a stream does by itself, once a second: close idle sessions, sum up refusals, beat, seal. */
export class RecorderLife {
  readonly #parts: LifeParts;
  readonly #gauges: ReturnType<typeof createGauges>;
  #lastRecordMs: number;
  #lastSealMs: number;
  #lastSummaryMs = 0;
  terminating = false;

  constructor(parts: LifeParts) {
    this.#parts = parts;
    this.#gauges = createGauges(parts.metrics);
    this.#lastRecordMs = parts.clock.nowMs();
    this.#lastSealMs = parts.clock.nowMs();
  }

  recorded(wallMs: number): void {
    this.#lastRecordMs = wallMs;
  }

  sealed(): void {
    this.#lastSealMs = this.#parts.clock.nowMs();
    this.#parts.recorder.sessionEnded = false;
  }

  tick(): void {
    const { clock, sessions, recorder, writer, quota, backlog } = this.#parts;
    const nowMs = clock.nowMs();
    this.#gauges.spoolBytes.set(quota.usedBytes);
    this.#gauges.unarchivedSegments.set(backlog.size);
    this.#gauges.sessions.set(sessions.size);
    if (writer.broken) return;
    for (const { session, reason } of sessions.due(nowMs)) this.#own(recorder.endSession(session, reason));
    this.#sumUp(nowMs);
    if (nowMs - this.#lastRecordMs >= heartbeatMs) this.#beat(nowMs);
    this.#sealIfDue(nowMs);
  }

  /** The records that must be in the stream before `stream.close`. */
  async finish(): Promise<void> {
    const { sessions, recorder } = this.#parts;
    await Promise.all(sessions.unclosed().map((session) => recorder.endSession(session, session.closed ?? 'shutdown')));
    await Promise.all(this.#summaries().map((late) => recorder.appendOwn(late)));
  }

  /** Calls were refused while the disk failed; some of their records were written afterwards all the same. */
  repaired(outage: WriteOutage): void {
    const { error, sinceMs, first, last, refused } = outage;
    const lines = last < first ? {} : { first_refused_line: first, last_refused_line: last };
    const detail = { cause: 'spool_error', error, since: new Date(sinceMs).toISOString(), refused, ...lines };
    this.#own(this.#parts.recorder.appendOwn({ kind: 'gap', detail }));
  }

  #beat(nowMs: number): void {
    const { recorder, quota, backlog } = this.#parts;
    this.#lastRecordMs = nowMs;
    const detail = { spool_bytes: quota.usedBytes, unarchived_segments: backlog.size };
    this.#own(recorder.appendOwn({ kind: 'heartbeat', detail }));
  }

  #sumUp(nowMs: number): void {
    const { quota, recorder } = this.#parts;
    if (quota.full && nowMs - this.#lastSummaryMs < fullSummaryIntervalMs) return;
    const due = this.#summaries();
    if (due.length > 0) this.#lastSummaryMs = nowMs;
    for (const late of due) this.#own(recorder.appendOwn(late));
  }

  #summaries(): LateDraft[] {
    const { refusals, writer } = this.#parts;
    return refusals.due(() => writer.durable?.seq ?? -1);
  }

  #sealIfDue(nowMs: number): void {
    const { writer, recorder } = this.#parts;
    const { segment } = writer;
    if (segment === undefined) return;
    const { day: segmentDay, openedMs, oldestMs } = segment;
    const { sessionEnded } = recorder;
    const state = { nowMs, segmentDay, openedMs, oldestMs, sessionEnded, lastSealMs: this.#lastSealMs };
    if (isSealDue({ ...state, terminating: this.terminating })) writer.rotate();
  }

  /** A record of our own that fails leaves its trace in the gap that follows the outage. */
  #own(written: Promise<unknown>): void {
    written.catch((error: unknown) => {
      this.#parts.log.warn('own record not written', { err: describeError(error) });
    });
  }
}

function createGauges(metrics: Metrics) {
  return {
    spoolBytes: metrics.gauge('spool_bytes', 'Bytes in the spool'),
    unarchivedSegments: metrics.gauge('unarchived_segments', 'Segments sealed or being sealed and not archived yet'),
    sessions: metrics.gauge('recorded_sessions', 'Sessions open or closed a short while ago'),
  };
}
