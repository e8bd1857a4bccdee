/** A segment's lines: one check for ingest and for offline verification (`archive-format.md`, Segments). */
import { decodeUtf8, parseRecord, type RecordKind, type StoredRecord, zeroHash } from '@tachograph/protocol';
import type { Crypto } from './crypto.ts';
import { hashLine, verifyHead } from './head.ts';
import { fieldsOf } from './json-object.ts';
import { isNewerVersion, newerVersionReason, versionOf } from './format-version.ts';
import { createLineScan, type LineScan, type ScannedLine, timeOfScanned } from './line-scan.ts';
import { forEachLine, type Line } from './lines.ts';

/** What the segment must agree with. */
export interface SegmentExpectation {
  readonly stream: string;
  /** The stream key, SPKI DER. */
  readonly publicKey: Uint8Array;
  /** The last signed seq: within the segment, or that of the line before it when no line of it was signed. */
  readonly signedSeq: number;
  /** Base64 signature over the head at `signedSeq`. */
  readonly sig: string;
  /** First and last seq that the object's name states. */
  readonly first: number;
  readonly last: number;
  /** Hash that the first line's `prev` must have, where the line before is known. */
  readonly firstPrev?: string;
  /** Sees every good line in order, also those before a broken one. Asking for it has every line parsed. */
  readonly onRecord?: (record: StoredRecord, lineHash: string, line: number) => void;
  /** As `onRecord`, of what verification reads. Lines whose `detail` does not matter are scanned, not parsed. */
  readonly onLine?: (line: LineFacts) => void;
}

/** One good line. */
export interface LineFacts {
  /** 1-based. */
  readonly number: number;
  readonly seq: number;
  /** Hex. */
  readonly hash: string;
  readonly kind: RecordKind;
  readonly session: string | undefined;
  /** The record, where the line was parsed: any kind but messages, exchanges, heartbeats and `session.open`. */
  readonly record: StoredRecord | undefined;
}

/** A `session.close` record with its line hash. */
export interface ClosedSession {
  readonly record: StoredRecord;
  readonly lineHash: string;
}

/** What a whole segment holds. */
export interface CheckedSegment {
  readonly kind: 'ok';
  readonly first: number;
  readonly last: number;
  readonly firstPrev: string;
  readonly lastHash: string;
  /** Lines after `signedSeq`. */
  readonly unsignedTail: number;
  readonly firstTime: string;
  readonly lastTime: string;
  readonly sessionsClosed: readonly ClosedSession[];
  /** Blobs that its records name, each once. */
  readonly blobs: readonly { readonly sha256: string; readonly size: number }[];
  /** It ends with `stream.close`. */
  readonly streamClosed: boolean;
}

/** `line`: the first line (1-based) that does not hold; 0 when it is the whole. */
export interface BrokenSegment {
  readonly kind: 'broken';
  readonly line: number;
  readonly reason: string;
}

/** Either all of the segment holds, or the first line that does not is named. */
export type SegmentCheck = CheckedSegment | BrokenSegment;

/** A line that held, and the record where it was parsed. */
interface HeldLine {
  readonly bytes: Uint8Array;
  readonly seq: number;
  readonly record: StoredRecord | undefined;
}

/** Running state of the walk. */
interface Walk {
  readonly crypto: Crypto;
  readonly expect: SegmentExpectation;
  readonly scan: LineScan;
  readonly sessionsClosed: ClosedSession[];
  readonly blobs: Map<string, number>;
  firstPrev: string;
  firstTime: string;
  /** The last line: its time is read when the walk ends. */
  lastLine: HeldLine | undefined;
  lastKind: string;
  nextSeq: number;
  prev: string | undefined;
}

/**
 * Walks the uncompressed lines: well-formed records of one stream, contiguous `seq`, `prev` links, the signature of
 * the head at `signedSeq`, nothing after `stream.close`, and first and last as named. Attacker bytes never throw.
 */
export function checkSegment(crypto: Crypto, bytes: Uint8Array, expect: SegmentExpectation): SegmentCheck {
  const walk = startWalk(crypto, expect);
  let number = 0;
  let reason: string | undefined;
  const whole = forEachLine(bytes, (line) => {
    number = line.number;
    reason = step(walk, line);
    return reason === undefined;
  });
  return whole || reason === undefined ? finish(walk) : { kind: 'broken', line: number, reason };
}

function startWalk(crypto: Crypto, expect: SegmentExpectation): Walk {
  return {
    crypto,
    expect,
    scan: mayScan(expect) ? createLineScan(expect.stream) : () => undefined,
    sessionsClosed: [],
    blobs: new Map(),
    firstPrev: '',
    firstTime: '',
    lastLine: undefined,
    lastKind: '',
    nextSeq: expect.first,
    prev: expect.first === 0 ? zeroHash : expect.firstPrev,
  };
}

function mayScan({ onRecord, firstPrev }: SegmentExpectation): boolean {
  return onRecord === undefined && (firstPrev === undefined || hex64.test(firstPrev));
}

/** Takes one line in; the reason when it does not hold. */
function step(walk: Walk, line: Line): string | undefined {
  if (!line.terminated) return 'torn: the last line lacks its newline';
  const scanned = scan(walk, line.bytes);
  if (scanned !== undefined) return hold(walk, line, scanned, undefined);
  const record = readRecord(line.bytes);
  if (typeof record === 'string') return record;
  const reason = misfit(walk, record);
  if (reason !== undefined) return reason;
  if (line.number === 1) walk.prev = record.prev;
  return hold(walk, line, { kind: record.kind, session: record.session }, record);
}

/** What a scan alone can tell of the line, where nothing but its place in the chain is asked of it. */
function scan(walk: Walk, bytes: Uint8Array): ScannedLine | undefined {
  const { prev, nextSeq, lastKind, expect } = walk;
  if (prev === undefined || nextSeq === 0 || nextSeq > expect.last || lastKind === 'stream.close') return undefined;
  return walk.scan(bytes, nextSeq, prev);
}

/** A line that fits: its hash, its signature, its facts. `walk.prev` is still the hash of the line before. */
function hold(
  walk: Walk,
  { number, bytes }: Line,
  { kind, session }: ScannedLine,
  record: StoredRecord | undefined,
): string | undefined {
  const seq = walk.nextSeq;
  const hash = hashLine(walk.crypto, bytes);
  const held = { bytes, seq, record };
  if (number === 1) {
    walk.firstPrev = walk.prev ?? '';
    walk.firstTime = timeOf(held);
  }
  if (!signatureHolds(walk, number, seq, hash)) return 'the head signature does not hold';
  if (record !== undefined) takeRecord(walk, record, hash, number);
  walk.prev = hash;
  walk.nextSeq = seq + 1;
  walk.lastLine = held;
  walk.lastKind = kind;
  walk.expect.onLine?.({ number, seq, hash, kind, session, record });
  return undefined;
}

function timeOf({ bytes, seq, record }: HeldLine): string {
  return record === undefined ? timeOfScanned(bytes, seq) : record.time;
}

function takeRecord(walk: Walk, record: StoredRecord, lineHash: string, number: number): void {
  if (record.kind === 'session.close') walk.sessionsClosed.push({ record, lineHash });
  if (record.blob !== undefined) walk.blobs.set(record.blob.sha256, record.blob.size);
  walk.expect.onRecord?.(record, lineHash, number);
}

/** The record, or why there is none. */
function readRecord(bytes: Uint8Array): StoredRecord | string {
  const text = decodeUtf8(bytes) ?? '';
  const record = parseRecord(text);
  if (record === undefined) return newerVersion(text) ?? notRecord;
  if (!isText(record.session)) return notRecord;
  return record.blob === undefined || isBlob(record.blob) ? record : notRecord;
}

const notRecord = 'not a record';
const hex64 = /^[0-9a-f]{64}$/;

/** A later format may say anything but that this version understands it. */
function newerVersion(text: string): string | undefined {
  const version = versionOf(text);
  return isNewerVersion(version) ? newerVersionReason(version) : undefined;
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

/** The parser of `protocol` reads the envelope; what this walk hands on is checked here. */
function isBlob(value: unknown): boolean {
  const fields = fieldsOf(value);
  const sha256 = fields.get('sha256');
  return typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) && Number.isSafeInteger(fields.get('size'));
}

function misfit(walk: Walk, record: StoredRecord): string | undefined {
  if (record.stream !== walk.expect.stream) return 'another stream';
  if (record.seq !== walk.nextSeq) return `seq ${record.seq}, expected ${walk.nextSeq}`;
  if (walk.prev !== undefined && record.prev !== walk.prev)
    return 'prev is not the hash of the line before: one of the two was altered';
  if ((record.seq === 0) !== (record.kind === 'stream.open')) return 'stream.open stands at seq 0 and only there';
  if (walk.lastKind === 'stream.close') return 'a record after stream.close';
  if (record.seq > walk.expect.last) return `seq ${record.seq} after the named last ${walk.expect.last}`;
  return undefined;
}

function signatureHolds(walk: Walk, line: number, seq: number, lineHash: string): boolean {
  const { signedSeq, first } = walk.expect;
  if (seq === signedSeq) return signedAt(walk, lineHash);
  if (line > 1 || signedSeq >= first) return true;
  // A sidecar signs at every seal, so that at most one recovered segment is wholly unsigned.
  return signedSeq === first - 1 && signedAt(walk, walk.firstPrev);
}

function signedAt(walk: Walk, hash: string): boolean {
  const { publicKey, stream, signedSeq, sig } = walk.expect;
  return verifyHead(walk.crypto, publicKey, { stream, seq: signedSeq, hash }, sig);
}

function finish(walk: Walk): SegmentCheck {
  const { first, last, signedSeq } = walk.expect;
  if (walk.nextSeq === first || walk.prev === undefined) return { kind: 'broken', line: 0, reason: 'no lines' };
  const reached = walk.nextSeq - 1;
  if (reached !== last) return { kind: 'broken', line: 0, reason: `ends at seq ${reached}, named last is ${last}` };
  if (signedSeq > last) return { kind: 'broken', line: 0, reason: `signed seq ${signedSeq} after the last ${last}` };
  return {
    kind: 'ok',
    first,
    last,
    firstPrev: walk.firstPrev,
    lastHash: walk.prev,
    unsignedTail: last - signedSeq,
    firstTime: walk.firstTime,
    lastTime: walk.lastLine === undefined ? '' : timeOf(walk.lastLine),
    sessionsClosed: walk.sessionsClosed,
    blobs: [...walk.blobs].map(([sha256, size]) => ({ sha256, size })),
    streamClosed: walk.lastKind === 'stream.close',
  };
}
