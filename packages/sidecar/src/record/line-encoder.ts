import { hash } from 'node:crypto';
import { encodeRecord, type RecordEnvelope } from '@tachograph/archive';
import { zeroHash } from '@tachograph/protocol';
import type { LineDraft } from './recorder.ts';

/** A line that has its place in the chain. */
export interface EncodedLine {
  readonly seq: number;
  readonly hash: string;
  /** With the LF. */
  readonly bytes: number;
}

/** When a record was handed in. */
export interface RecordTime {
  readonly wallMs: number;
  readonly monoNs: number;
}

const initialCapacity = 256 * 1024;
/** What the buffer keeps between batches. */
const keptCapacity = 1024 * 1024;
/** Longer bodies are written behind the rest of their line, so that the line is never one string. */
const separateBodyLength = 4096;

/**
 * Gives drafts their place in the chain and lays their lines one after the other in one buffer, so that a batch
 * is one write and no line is copied. The chain only goes forward: a line that could not be written is written
 * again later, never replaced, so no `seq` ever stands for two different lines.
 */
export class LineEncoder {
  readonly #stream: string;
  #buffer = Buffer.allocUnsafeSlow(initialCapacity);
  #length = 0;
  #nextSeq = 0;
  #prev = zeroHash;
  #timeMs = -1;
  #time = '';

  constructor(stream: string) {
    this.#stream = stream;
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** Hash of the last line. */
  get lastHash(): string {
    return this.#prev;
  }

  get buffer(): Uint8Array {
    return this.#buffer;
  }

  /** Bytes of the batch so far. */
  get length(): number {
    return this.#length;
  }

  /** Empties the batch; a buffer that one huge line has grown is given back. */
  reset(): void {
    this.#length = 0;
    if (this.#buffer.length > keptCapacity) this.#buffer = Buffer.allocUnsafeSlow(initialCapacity);
  }

  /** A copy of the batch, which the next `reset` does not touch. */
  copy(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#length));
  }

  /** Throws what `JSON.stringify` throws on a draft that is no JSON; the chain is then untouched. */
  add(draft: LineDraft, at: RecordTime): EncodedLine {
    const seq = this.#nextSeq;
    const envelope = { stream: this.#stream, seq, prev: this.#prev, time: this.#format(at.wallMs), mono_ns: at.monoNs };
    const start = this.#length;
    let end = start;
    for (const piece of toPieces(envelope, draft)) end = this.#write(piece, end);
    const lineHash = hash('sha256', this.#buffer.subarray(start, end), 'hex');
    this.#buffer[end] = 0x0a;
    this.#length = end + 1;
    this.#nextSeq = seq + 1;
    this.#prev = lineHash;
    return { seq, hash: lineHash, bytes: end + 1 - start };
  }

  /** Writes a piece at `at`, with room for a LF after it; answers its end. */
  #write(piece: Piece, at: number): number {
    this.#reserve(piece, at);
    if (typeof piece === 'string') return at + this.#buffer.write(piece, at, 'utf8');
    this.#buffer.set(piece, at);
    return at + piece.length;
  }

  /** Three bytes a UTF-16 unit is the most that UTF-8 takes; only long texts are worth counting exactly. */
  #reserve(piece: Piece, at: number): void {
    if (at + piece.length * 3 < this.#buffer.length) return;
    const needed = at + Buffer.byteLength(piece) + 1;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, at);
    this.#buffer = grown;
  }

  #format(wallMs: number): string {
    if (wallMs !== this.#timeMs) {
      this.#timeMs = wallMs;
      this.#time = new Date(wallMs).toISOString();
    }
    return this.#time;
  }
}

/** Text, or its UTF-8. */
type Piece = string | Uint8Array;

/** The line of `encodeRecord`. All its texts are made before the first is written: what throws leaves the chain untouched. */
function toPieces(envelope: RecordEnvelope, draft: LineDraft): readonly Piece[] {
  const { body, bodyJson } = draft;
  if (body === undefined || body.length <= separateBodyLength || draft.blob !== undefined) {
    return [encodeRecord(envelope, draft)];
  }
  // `body` is the last field of a line that names no blob.
  const { body: _long, ...rest } = draft;
  // What is sealed is another text.
  const json = bodyJson === undefined || draft.enc !== undefined ? [JSON.stringify(body)] : bodyJson;
  return [`${encodeRecord(envelope, rest).slice(0, -1)},"body":`, ...json, '}'];
}
