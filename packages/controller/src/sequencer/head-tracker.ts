/** Reported heads: kept in memory, logged every minute, and the measure of how much of a lost stream is missing. */
import type { HeadsRequest, StreamHeadsLeaf, StreamLostLeaf } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import { forgetDetails, isOpen, type StreamEntry } from './stream-entry.ts';
import type { TransparencyLog } from './transparency-log.ts';

const headsPerLeaf = 400;
/** A stream whose pod is gone may still be shipped by its recovered spool for this long. */
export const goneLimitMs = 600_000;
/** A stream that a later one of its pod replaced is over when nothing came for this long. */
const supersededLimitMs = 300_000;

export interface HeadTrackerOptions {
  readonly log: TransparencyLog;
  readonly clock: Clock;
  /** A stream without any contact for this long is lost. */
  readonly lostAfterMs: number;
  /** When the pod was seen to be gone. */
  readonly goneAtMs: (podUid: string) => number | undefined;
}

/** How far archiving is behind what recorders report. */
export interface StreamLag {
  /** Open streams with more than `laggingRecords` unarchived records and no leaf of their own for `laggingMs`. */
  readonly streams: number;
  /** Unarchived records of the stream furthest behind. */
  readonly records: number;
}

/** A segment of heartbeats alone is sealed hourly, so up to 60 of them are no lag. */
const laggingRecords = 120;
const laggingMs = 300_000;

interface Reported {
  readonly head: HeadsRequest;
  readonly contactMs: number;
}

export interface HeadTracker {
  take(heads: readonly HeadsRequest[]): void;
  /** Appends `stream.heads` leaves for the streams that moved. */
  flush(): Promise<void>;
  /** Appends `stream.lost` leaves for the streams that nobody will end. */
  sweep(): Promise<void>;
  lag(): StreamLag;
}

export function createHeadTracker(options: HeadTrackerOptions): HeadTracker {
  const { log, clock } = options;
  const reported = new Map<string, Reported>();
  const startedMs = clock.nowMs();
  return {
    lag: () => lagOf(log, reported, clock.nowMs()),
    take(heads) {
      for (const head of heads) {
        const entry = log.index.streams.get(head.stream);
        if (entry === undefined || entry.closed !== undefined) continue;
        const known = reported.get(head.stream)?.head;
        const newest = known !== undefined && known.seq > head.seq ? known : head;
        const durableSeq = Math.max(head.durableSeq, known?.durableSeq ?? -1);
        reported.set(head.stream, { head: { ...newest, durableSeq }, contactMs: clock.nowMs() });
      }
    },
    async flush() {
      const moved = [...reported.values()].map(({ head }) => head).filter((head) => hasMoved(log, head));
      for (let from = 0; from < moved.length; from += headsPerLeaf) {
        await log.write(headsLeafOf(moved.slice(from, from + headsPerLeaf), clock));
      }
      for (const stream of reported.keys()) if (log.index.streams.get(stream)?.closed) reported.delete(stream);
    },
    async sweep() {
      const newest = newestStreams(log);
      for (const entry of log.index.streams.values()) {
        forgetDetails(entry, clock.nowMs());
        if (!isOpen(entry)) continue;
        const superseded = newest.get(entry.open.podUid) !== entry.open.stream;
        const last = reported.get(entry.open.stream);
        const contactMs = Math.max(entry.contactMs, last?.contactMs ?? entry.headsMs);
        const sinceMs = Math.max(contactMs, startedMs);
        const reason = superseded ? supersededReason(options, sinceMs) : lostReason(options, entry, sinceMs);
        if (reason !== undefined) await log.write(lostLeafOf({ entry, last, contactMs, reason, clock }));
      }
    },
  };
}

function lagOf({ index }: TransparencyLog, reported: ReadonlyMap<string, Reported>, nowMs: number): StreamLag {
  let streams = 0;
  let records = 0;
  for (const { head } of reported.values()) {
    const entry = index.streams.get(head.stream);
    if (entry === undefined || !isOpen(entry)) continue;
    const behind = Math.max(0, head.seq - entry.lastSeq);
    records = Math.max(records, behind);
    if (behind > laggingRecords && nowMs - entry.contactMs >= laggingMs) streams += 1;
  }
  return { streams, records };
}

/** By pod UID. What a pod recovered of earlier starts may be registered after its newest stream: UUIDv7 names tell the order. */
function newestStreams({ index }: TransparencyLog): ReadonlyMap<string, string> {
  const newest = new Map<string, string>();
  for (const { open } of index.streams.values()) {
    if ((newest.get(open.podUid) ?? '') < open.stream) newest.set(open.podUid, open.stream);
  }
  return newest;
}

function hasMoved(log: TransparencyLog, head: HeadsRequest): boolean {
  const entry = log.index.streams.get(head.stream);
  if (entry === undefined || !isOpen(entry)) return false;
  return head.seq > entry.loggedSeq || head.durableSeq > entry.loggedDurableSeq;
}

/** `sinceMs` is never before this process led: contact with the leader before it is not remembered. */
function lostReason(options: HeadTrackerOptions, entry: StreamEntry, sinceMs: number): string | undefined {
  const now = options.clock.nowMs();
  const goneAtMs = options.goneAtMs(entry.open.podUid);
  if (goneAtMs !== undefined && now - Math.max(goneAtMs, entry.contactMs) >= goneLimitMs) return 'pod_deleted';
  return now - sinceMs >= options.lostAfterMs ? 'contact_lost' : undefined;
}

/** The pod went on with another stream: what this one left in the spool is shipped first, and soon. */
function supersededReason({ clock }: HeadTrackerOptions, sinceMs: number): string | undefined {
  return clock.nowMs() - sinceMs >= supersededLimitMs ? 'superseded' : undefined;
}

function headsLeafOf(heads: readonly HeadsRequest[], clock: Clock): StreamHeadsLeaf {
  const entries = heads.map(({ stream, seq, hash, durableSeq }) => ({ stream, seq, hash, durableSeq }));
  return { v: 1, type: 'stream.heads', heads: entries, at: new Date(clock.nowMs()).toISOString() };
}

function lostLeafOf(loss: {
  readonly entry: StreamEntry;
  readonly last: Reported | undefined;
  readonly contactMs: number;
  readonly reason: string;
  readonly clock: Clock;
}): StreamLostLeaf {
  const { entry, last, contactMs, reason, clock } = loss;
  return {
    v: 1,
    type: 'stream.lost',
    stream: entry.open.stream,
    lastArchivedSeq: entry.lastSeq,
    lastReportedSeq: Math.max(entry.loggedSeq, last?.head.seq ?? -1),
    lastReportedDurableSeq: Math.max(entry.loggedDurableSeq, last?.head.durableSeq ?? -1),
    lastContact: new Date(contactMs).toISOString(),
    reason,
    at: new Date(clock.nowMs()).toISOString(),
  };
}
