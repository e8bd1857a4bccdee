/** A stream on its way through verification. */
import type { StoredRecord } from '@tachograph/protocol';
import type { LineFacts } from '../segment.ts';
import type { Place } from './finding.ts';
import type { StreamLog } from './log-index.ts';
import { resumeOf, visitRecord } from './record-remarks.ts';
import type { SessionLedger } from './session-ledger.ts';
import type { StreamIdentity } from './stream-key.ts';
import { report, type Verification } from './verification.ts';

/** Where a stream's segments end. */
export interface StreamTail {
  readonly log: StreamLog;
  /** Of the pod that opened the stream. */
  readonly podUid: string;
  readonly nextSeq: number;
  readonly lastHash: string;
  /** The last record read was `stream.close`. */
  readonly closed: boolean;
}

/** What is known of a stream while its segments are walked. */
export interface StreamWalk {
  readonly log: StreamLog;
  readonly identity: StreamIdentity;
  readonly ledger: SessionLedger;
  /** Logged heads by seq: each must be the hash of that line. */
  readonly heads: ReadonlyMap<number, string>;
  nextSeq: number;
  lastHash: string;
  /** The last record read was `stream.close`. */
  closed: boolean;
}

/** Takes one good line in. */
export function takeLine(run: Verification, walk: StreamWalk, line: LineFacts, object: string): void {
  const { seq, hash, kind, record } = line;
  run.counts.records += 1;
  const head = walk.heads.get(seq);
  const place = { object, line: line.number };
  if (head !== undefined && head !== hash) {
    report(run, 'head.mismatch', place, `not the line that the stream reported as its head at seq ${seq}`);
  }
  if (seq === 0 && hash !== walk.identity.open.openHash) {
    report(run, 'stream.key', place, 'not the stream.open record that the log endorsed');
  }
  walk.ledger.take(line, place);
  walk.closed = kind === 'stream.close';
  if (record === undefined) return;
  visitRecord(run, record, place);
  if (kind === 'stream.resume') noteResume(run, walk, record, place);
}

function noteResume(run: Verification, walk: StreamWalk, record: StoredRecord, place: Place): void {
  const resume = resumeOf(record);
  if (resume === undefined) return;
  const { podUid } = walk.identity.open;
  run.resumes.set(resume.stream, { podUid, seq: resume.seq, hash: resume.hash, place });
}
