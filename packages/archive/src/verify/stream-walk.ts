/** Steps 5 to 8 for one stream: its segments in order, the chain across them, its sessions. */
import { type SegmentLeaf, zeroHash } from '@tachograph/protocol';
import { utf8 } from '../bytes.ts';
import type { Crypto } from '../crypto.ts';
import { hashLine } from '../head.ts';
import { readAhead } from '../read-ahead.ts';
import type { Logged, Rows, StreamLog } from './log-index.ts';
import { checkManifests } from './manifest-check.ts';
import { checkSegmentObject, readSegment } from './segment-object.ts';
import { segmentsInOrder } from './segment-order.ts';
import { createSessionLedger, type LedgerState } from './session-ledger.ts';
import type { StreamWalk } from './stream-state.ts';
import { verifyStreamOpen } from './stream-key.ts';
import { noFindings, report, type Verification } from './verification.ts';

/** Compressed segments in memory beside the one that is being verified. */
const segmentsAhead = 3;

/** Where a walk over a stream's segments stands, between two of them. Plain data. */
export interface WalkState {
  /** How many of the stream's segments, in order, were walked. */
  readonly segments: number;
  /** SHA-256 over the names, generations and hashes of those: the state is theirs only. */
  readonly digest: string;
  readonly nextSeq: number;
  readonly lastHash: string;
  readonly closed: boolean;
  readonly ledger: LedgerState;
}

/** What a walk tells and asks between two segments. */
export interface WalkControl {
  /** A state of these very segments (`isStateOf`); what was found until then is not found again. */
  readonly from?: WalkState | undefined;
  /** Called after every segment; `state` is made only when it is asked for. `whole`: it was the last one. */
  readonly between?: (state: () => WalkState, whole: boolean) => void;
}

/** Where a stream's segments end. */
export type WalkedStream = Pick<WalkState, 'nextSeq' | 'lastHash' | 'closed'>;

/**
 * Verifies the segments and sessions of one stream; where they end, or `undefined` when no key of it can be believed.
 * How streams end is judged after all of them were read: a later one may say how an earlier one ended.
 */
export async function walkStream(
  run: Verification,
  log: StreamLog,
  control: WalkControl = {},
): Promise<WalkedStream | undefined> {
  const { from, between } = control;
  if (from === undefined) run.counts.streams += 1;
  const identity = verifyStreamOpen(from === undefined ? run : silent(run), log);
  if (identity === undefined) return undefined;
  const { nextSeq, lastHash, closed } = from ?? { nextSeq: 0, lastHash: zeroHash, closed: false };
  const ledger = createSessionLedger(run, from?.ledger);
  const heads = new Map<number, string>();
  for (const { seq, hash } of log.heads) heads.set(seq, hash);
  const walk: StreamWalk = { log, identity, ledger, heads, nextSeq, lastHash, closed };
  await walkSegments(run, walk, { segments: segmentsInOrder(log.segments), from, between });
  await checkManifests(run, walk);
  for (const session of run.closingsOf) {
    const closings = ledger.closings(session);
    if (closings.length > 0) run.closings.set(session, closings);
  }
  return { nextSeq: walk.nextSeq, lastHash: walk.lastHash, closed: walk.closed };
}

interface Way {
  readonly segments: Rows<Logged<SegmentLeaf>>;
  readonly from: WalkState | undefined;
  readonly between: WalkControl['between'];
}

async function walkSegments(run: Verification, walk: StreamWalk, { segments, from, between }: Way): Promise<void> {
  const read = async ({ leaf }: Logged<SegmentLeaf>): Promise<Uint8Array | undefined> => readSegment(run, leaf);
  let done = from?.segments ?? 0;
  let digest = from?.digest ?? '';
  for await (const [logged, bytes] of readAhead(skip(segments, done), segmentsAhead, read)) {
    if (continuesChain(run, walk, logged)) {
      await checkSegmentObject(run, walk, logged, bytes);
      walk.nextSeq = logged.leaf.last + 1;
      walk.lastHash = logged.leaf.lastHash;
    }
    done += 1;
    digest = digestWith(run.crypto, digest, logged.leaf);
    between?.(() => stateOf(walk, done, digest), done === segments.length);
  }
}

function stateOf(walk: StreamWalk, segments: number, digest: string): WalkState {
  const { nextSeq, lastHash, closed } = walk;
  return { segments, digest, nextSeq, lastHash, closed, ledger: walk.ledger.state() };
}

/** Whether the state is of exactly the segments that the log names first. */
export function isStateOf(crypto: Crypto, log: StreamLog, state: WalkState): boolean {
  const segments = segmentsInOrder(log.segments);
  if (segments.length < state.segments) return false;
  let digest = '';
  let left = state.segments;
  for (const { leaf } of segments) {
    if (left === 0) break;
    left -= 1;
    digest = digestWith(crypto, digest, leaf);
  }
  return digest === state.digest;
}

function* skip<Row>(rows: Iterable<Row>, count: number): Generator<Row, undefined> {
  let at = 0;
  for (const row of rows) {
    if (at >= count) yield row;
    at += 1;
  }
}

function silent(run: Verification): Verification {
  return { ...run, bySeverity: noFindings(), onFinding: () => undefined };
}

function digestWith(crypto: Crypto, digest: string, leaf: SegmentLeaf): string {
  return hashLine(crypto, utf8(`${digest}\n${leaf.object}\n${leaf.generation}\n${leaf.sha256}\n`));
}

function continuesChain(run: Verification, walk: StreamWalk, { leaf }: Logged<SegmentLeaf>): boolean {
  const place = { object: leaf.object, line: 1 };
  if (leaf.first < walk.nextSeq) {
    report(run, 'chain.fork', place, `begins at seq ${leaf.first} again: the stream already has it`);
    return false;
  }
  if (leaf.first > walk.nextSeq) {
    report(run, 'chain.gap', place, `begins at seq ${leaf.first}, the segment before ends at ${walk.nextSeq - 1}`);
    walk.ledger.addHole(walk.nextSeq, leaf.first - 1);
  } else if (leaf.firstPrev !== walk.lastHash) {
    report(run, 'chain.broken', place, 'prev is not the hash of the last line of the segment before');
  }
  return true;
}
