/** Step 9: how a stream ends, against what it had reported of itself. */
import type { LogIndex, StreamLog } from './log-index.ts';
import type { StreamTail } from './stream-state.ts';
import { report, type Verification } from './verification.ts';

/** A heartbeat-only segment is sealed hourly; after this, what an open stream reported durable must have arrived. */
const shippingGraceMs = 75 * 60_000;

/** Checks the end of a stream whose segments were walked. */
export function checkStreamEnd(run: Verification, index: LogIndex, walk: StreamTail): void {
  const { log } = walk;
  if (log.closes.length > 0 || walk.closed) return checkClosed(run, walk);
  if (isResumedAtItsEnd(run, walk)) return;
  if (log.losts.length > 0) return checkLost(run, walk);
  return checkOpen(run, index, walk);
}

/** The recorder's next start states the very end that is archived: nothing is missing between the two streams. */
function isResumedAtItsEnd(run: Verification, walk: StreamTail): boolean {
  const resume = run.resumes.get(walk.log.stream);
  if (resume === undefined || resume.podUid !== walk.podUid) return false;
  if (resume.seq !== walk.nextSeq - 1) return false;
  if (resume.hash !== walk.lastHash) {
    report(run, 'chain.broken', resume.place, `states another head at seq ${resume.seq} of stream ${walk.log.stream}`);
    return false;
  }
  checkLostBounds(run, walk);
  report(run, 'stream.resumed', resume.place, `stream ${walk.log.stream} ended without a close; all of it is archived`);
  reportShort(run, walk);
  return true;
}

function checkClosed(run: Verification, walk: StreamTail): void {
  const reached = walk.nextSeq - 1;
  for (const { leaf, place } of walk.log.closes) {
    if (leaf.lastSeq > reached) {
      report(run, 'stream.short', place, `closed at seq ${leaf.lastSeq}, but its segments end at ${reached}`);
    } else if (leaf.lastSeq < reached || leaf.lastHash !== walk.lastHash) {
      report(run, 'chain.broken', place, `closed at seq ${leaf.lastSeq} with another head than its segments have`);
    }
  }
  reportShort(run, walk);
}

function checkLost(run: Verification, walk: StreamTail): void {
  const reached = walk.nextSeq - 1;
  const statedDurable = Math.max(...walk.log.losts.map(({ leaf }) => leaf.lastReportedDurableSeq));
  checkLostBounds(run, walk);
  for (const { leaf, place } of walk.log.losts) {
    const reported = Math.max(leaf.lastReportedSeq, reached);
    const lost =
      reported > reached
        ? `seq ${reached + 1} to ${reported} were reported and never arrived`
        : 'nothing that it reported is absent';
    const reason = `stream ${leaf.stream} ended without a close; ${lost}; what came after its last contact at ${leaf.lastContact} is unknown`;
    report(run, 'stream.lost', place, reason);
  }
  // A loss that the log states, bounds included, is explained; one that it leaves out is not.
  if (statedDurable < durableOf(walk.log)) reportShort(run, walk);
}

/** What was archived once is archived. */
function checkLostBounds(run: Verification, walk: StreamTail): void {
  const reached = walk.nextSeq - 1;
  for (const { leaf, place } of walk.log.losts) {
    if (leaf.lastArchivedSeq <= reached) continue;
    report(run, 'stream.short', place, `archived to seq ${leaf.lastArchivedSeq}, but its segments end at ${reached}`);
  }
}

function durableOf(log: StreamLog): number {
  let most = -1;
  for (const head of log.heads) most = Math.max(most, head.durableSeq);
  return most;
}

/** Shorter than what it had reported as durable: withheld. Shorter than what it had reported only: lost. */
function reportShort(run: Verification, walk: StreamTail): void {
  const reached = walk.nextSeq - 1;
  const { heads } = walk.log;
  const durable = firstOf(heads, (head) => head.durableSeq > reached);
  const seen = firstOf(heads, (head) => head.seq > reached);
  if (durable !== undefined) {
    const reason = `the stream reported seq ${durable.durableSeq} as durable, but its segments end at ${reached}`;
    report(run, 'stream.short', durable.place, reason);
  } else if (seen !== undefined) {
    report(run, 'stream.lost', seen.place, `the stream reported seq ${seen.seq}, but its segments end at ${reached}`);
  }
}

function firstOf<Row>(rows: Iterable<Row>, fits: (row: Row) => boolean): Row | undefined {
  for (const row of rows) if (fits(row)) return row;
  return undefined;
}

function checkOpen(run: Verification, index: LogIndex, walk: StreamTail): void {
  const { log, podUid } = walk;
  const pod = index.pods.get(podUid);
  const gone = pod?.leaves.some(({ leaf }) => leaf.type === 'pod.deleted') ?? false;
  const superseded = pod !== undefined && pod.streams.at(-1) !== log.stream;
  if (superseded || isOverdue(index, walk)) reportShort(run, walk);
  const place = log.opens[0]?.place ?? { object: 'v1/log/' };
  const reached = `archived to seq ${walk.nextSeq - 1}`;
  if (gone) {
    report(
      run,
      'stream.unterminated',
      place,
      `the pod of stream ${log.stream} is deleted, the stream has no end; ${reached}`,
    );
  } else if (superseded) {
    report(
      run,
      'stream.unterminated',
      place,
      `the pod went on with another stream, ${log.stream} has no end; ${reached}`,
    );
  } else {
    report(run, 'stream.open', place, `stream ${log.stream} is still open; ${reached}`);
  }
}

function isOverdue(index: LogIndex, walk: StreamTail): boolean {
  const reached = walk.nextSeq - 1;
  const waiting = firstOf(walk.log.heads, (head) => head.durableSeq > reached);
  if (waiting === undefined) return false;
  return Date.parse(index.newestTime) - Date.parse(waiting.at) > shippingGraceMs;
}
