/** A stream on its way through verification. */
import type { StoredRecord } from '@tachograph/protocol';
import type { Place } from './finding.ts';
import type { StreamLog } from './log-index.ts';
import { resumeOf, visitRecord } from './record-remarks.ts';
import type { SessionLedger } from './session-ledger.ts';
import type { StreamIdentity } from './stream-key.ts';
import { report, type Verification } from './verification.ts';

/** Where a stream's segments end. */
export interface StreamTail {
  readonly log: StreamLog;
  readonly identity: StreamIdentity;
  readonly nextSeq: number;
  readonly lastHash: string;
  /** The last record read was `stream.close`. */
  readonly closed: boolean;
}

/** What is known of a stream while its segments are walked. */
export interface StreamWalk extends StreamTail {
  readonly ledger: SessionLedger;
  /** Logged heads by seq: each must be the hash of that line. */
  readonly heads: ReadonlyMap<number, string>;
  nextSeq: number;
  lastHash: string;
  /** The last record read was `stream.close`. */
  closed: boolean;
}

/** Takes one good line in. */
export function takeRecord(
  run: Verification,
  walk: StreamWalk,
  record: StoredRecord,
  at: { hash: string; place: Place },
): void {
  run.counts.records += 1;
  const head = walk.heads.get(record.seq);
  if (head !== undefined && head !== at.hash) {
    report(run, 'head.mismatch', at.place, `not the line that the stream reported as its head at seq ${record.seq}`);
  }
  if (record.seq === 0 && at.hash !== walk.identity.open.openHash) {
    report(run, 'stream.key', at.place, 'not the stream.open record that the log endorsed');
  }
  walk.ledger.take(record, at);
  walk.closed = record.kind === 'stream.close';
  visitRecord(run, record, at.place);
  if (record.kind === 'stream.resume') noteResume(run, walk, record, at.place);
}

function noteResume(run: Verification, walk: StreamWalk, record: StoredRecord, place: Place): void {
  const resume = resumeOf(record);
  if (resume === undefined) return;
  const { podUid } = walk.identity.open;
  run.resumes.set(resume.stream, { podUid, seq: resume.seq, hash: resume.hash, place });
}
