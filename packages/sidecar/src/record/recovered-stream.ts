import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hashLine } from '@tachograph/archive';
import { parseSegmentFileName, zeroHash, type SegmentSignature } from '@tachograph/protocol';
import { readArchivedMark } from './archived-mark.ts';
import { nodeCrypto } from './node-crypto.ts';
import { OpenStateReplay, parseOpenState, type OpenState, type SessionSummary } from './open-state.ts';
import type { OpenRequest } from './open-requests.ts';
import { scanRaw, type RawScan } from './raw-scan.ts';
import { removeRaw, sealSegment } from './seal.ts';
import { readSealNote, type SealedSegment } from './sealed-segment.ts';
import { parseRawName, resumedFile, type RawNames } from './spool-layout.ts';
import { lastGoodHead, readHeads } from './stored-heads.ts';
import { readStreamFile, type StreamFacts } from './stream-file.ts';
import type { SignedHead } from './stream-key.ts';

/** The end of an earlier stream, as far as the spool knows it. */
export interface StreamEnd {
  readonly seq: number;
  readonly hash: string;
}

/** An earlier stream, made ready to be shipped. */
export interface RecoveredStream {
  readonly stream: string;
  readonly dir: string;
  readonly facts: StreamFacts;
  readonly end: StreamEnd | undefined;
  /** It ended with `stream.close`. */
  readonly closed: boolean;
  /** A later stream has recorded how it ended. */
  readonly resumed: boolean;
  readonly sealed: readonly SealedSegment[];
  /** Lines after the last signed head. */
  readonly unsignedTail: number;
  readonly tornBytes: number;
  /** Bytes that did not continue the chain; kept beside as `.damaged`. */
  readonly damagedBytes: number;
  /** `false`: requests and sessions that were open before the files found are not known. */
  readonly stateKnown: boolean;
  /** Lines that no signed head leads to: they stay as they are, because nobody could check them. */
  readonly unsignable: boolean;
  readonly requests: readonly OpenRequest[];
  readonly sessions: readonly SessionSummary[];
}

/** Repairs, seals and sums up what an earlier stream left. `undefined`: it never had a line. Rejects with Node's errors. */
export async function recoverStream(dir: string): Promise<RecoveredStream | undefined> {
  const facts = readStreamFile(dir);
  if (facts === undefined) return undefined;
  const recovery = new StreamRecovery(dir, facts);
  await recovery.run();
  return recovery.result();
}

/** Sealed segments of a directory, in order. Leftovers of an interrupted seal are removed. */
export async function readSealed(dir: string, stream: string): Promise<SealedSegment[]> {
  const sealed: SealedSegment[] = [];
  for (const file of readdirSync(dir).toSorted()) {
    if (file.endsWith('.tmp')) await rm(join(dir, file), { force: true });
    const name = parseSegmentFileName(file);
    if (name === undefined || name.stream !== stream) continue;
    const note = readSealNote(join(dir, `${file}.sig`));
    if (note === undefined) continue;
    const spoolBytes = statSync(join(dir, file)).size + statSync(join(dir, `${file}.sig`)).size;
    sealed.push({ dir, stream, name: file, first: name.first, last: name.last, spoolBytes, ...note });
  }
  return sealed;
}

class StreamRecovery {
  readonly #dir: string;
  readonly #facts: StreamFacts;
  #sealed: SealedSegment[] = [];
  #end: StreamEnd | undefined;
  #closed = false;
  #replay: OpenStateReplay | undefined;
  #stateKnown = true;
  /** The newest head whose signature is known: at first that of the opening. */
  #signed: SignedHead;
  #unsignedTail = 0;
  #unsignable = false;
  #tornBytes = 0;
  #damagedBytes = 0;

  constructor(dir: string, facts: StreamFacts) {
    this.#dir = dir;
    this.#facts = facts;
    // Synced before the first line, unlike the heads beside the lines, which a crash of the node can take.
    this.#signed = { seq: 0, hash: hashLine(nodeCrypto, Buffer.from(facts.line)), sig: facts.sig };
  }

  async run(): Promise<void> {
    this.#sealed = await readSealed(this.#dir, this.#facts.stream);
    this.#startFrom(this.#sealed.at(-1) ?? readArchivedMark(this.#dir));
    const raws = this.#raws();
    for (const [i, raw] of raws.entries()) {
      await this.#take(raw, raws[i + 1]?.first ?? Number.MAX_SAFE_INTEGER);
    }
  }

  result(): RecoveredStream | undefined {
    const { stream } = this.#facts;
    return {
      stream,
      dir: this.#dir,
      facts: this.#facts,
      end: this.#end,
      closed: this.#closed,
      resumed: existsSync(resumedFile(this.#dir)),
      sealed: this.#sealed,
      unsignedTail: this.#unsignedTail,
      tornBytes: this.#tornBytes,
      damagedBytes: this.#damagedBytes,
      stateKnown: this.#stateKnown,
      unsignable: this.#unsignable,
      requests: this.#replay?.requests ?? [],
      sessions: this.#replay?.summaries ?? [],
    };
  }

  #startFrom(
    known:
      | {
          last: number;
          lastHash: string;
          signature: SegmentSignature | undefined;
          streamClosed: boolean;
          state: OpenState | undefined;
        }
      | undefined,
  ): void {
    if (known === undefined) return;
    const { last, lastHash, signature } = known;
    this.#end = { seq: last, hash: lastHash };
    if (signature?.seq === last) this.#signed = { seq: last, hash: lastHash, sig: signature.sig };
    this.#closed = known.streamClosed;
    this.#adoptState(known.state);
  }

  #adoptState(state: OpenState | undefined): OpenStateReplay {
    this.#stateKnown = state !== undefined;
    this.#replay = new OpenStateReplay(state ?? { requests: [], sessions: [] });
    return this.#replay;
  }

  /** In the order of their first line; of two with the same first line the later try. */
  #raws(): RawNames[] {
    const found = readdirSync(this.#dir)
      .map((file) => parseRawName(this.#dir, file))
      .filter((raw) => raw !== undefined);
    return found.toSorted((a, b) => a.first - b.first || a.attempt - b.attempt);
  }

  /** Seals one raw segment. `limit`: where the next file begins; lines from there on never were anyone's answer. */
  async #take(raw: RawNames, limit: number): Promise<void> {
    const end = this.#end ?? { seq: -1, hash: zeroHash };
    // Its sealed twin is there, or a later try holds all of it.
    if (raw.first <= end.seq || raw.first >= limit) return removeRaw({ names: raw });
    const isFollowing = raw.first === end.seq + 1;
    const prev = isFollowing ? end.hash : undefined;
    const scan = scanRaw(raw.lines, { stream: this.#facts.stream, first: raw.first, prev, limit });
    this.#setAside(raw, scan, limit);
    if (scan.lines.length === 0) return removeRaw({ names: raw });
    const replay = this.#replayFor(raw, isFollowing);
    for (const { record, hash } of scan.lines) replay.observe(record, hash);
    return this.#seal(raw, scan);
  }

  #replayFor(raw: RawNames, isFollowing: boolean): OpenStateReplay {
    if (this.#replay !== undefined && isFollowing) return this.#replay;
    return this.#adoptState(readState(raw.state, raw.first));
  }

  async #seal(raw: RawNames, scan: RawScan): Promise<void> {
    const last = scan.lines.at(-1);
    if (last === undefined) return;
    const { seq, kind } = last.record;
    const head = this.#headOf(raw, scan);
    this.#end = { seq, hash: last.hash };
    this.#closed = kind === 'stream.close';
    this.#signed = head ?? this.#signed;
    this.#unsignable ||= head === undefined;
    if (head === undefined) return;
    this.#unsignedTail = seq - head.seq;
    const oldest = scan.lines.find((line) => line.record.kind !== 'heartbeat');
    const segment = {
      names: raw,
      stream: this.#facts.stream,
      last: seq,
      lastHash: last.hash,
      bytes: scan.goodBytes,
      head,
      oldestMs: oldest === undefined ? undefined : Date.parse(oldest.record.time),
      state: this.#replay?.state ?? { requests: [], sessions: [] },
    };
    this.#sealed.push(await sealSegment(segment, this.#facts.keyId));
  }

  #headOf(raw: RawNames, scan: RawScan): SignedHead | undefined {
    const firstPrev = scan.lines[0]?.record.prev;
    const hashOf = (seq: number): string | undefined =>
      seq === raw.first - 1 ? firstPrev : scan.lines[seq - raw.first]?.hash;
    const stored = readHeads(raw.heads);
    return lastGoodHead([this.#signed, ...stored], this.#facts, hashOf);
  }

  /** A torn last line is cut off: its caller never got an answer. Damage is kept beside, for people to look at. */
  #setAside(raw: RawNames, scan: RawScan, limit: number): void {
    this.#tornBytes += scan.tornBytes;
    const isRepeated = limit === raw.first + scan.lines.length;
    if (scan.otherBytes > 0 && !isRepeated) {
      this.#damagedBytes += scan.otherBytes;
      const rest = readFileSync(raw.lines).subarray(scan.goodBytes);
      writeFileSync(join(this.#dir, `${basename(raw.lines)}.damaged`), rest, { mode: 0o600 });
    }
    if (scan.tornBytes + scan.otherBytes > 0) truncateSync(raw.lines, scan.goodBytes);
  }
}

/** Before a stream's first line nothing was open; later a missing state means: not known. */
function readState(path: string, first: number): OpenState | undefined {
  try {
    return parseOpenState(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return first === 0 ? { requests: [], sessions: [] } : undefined;
  }
}
