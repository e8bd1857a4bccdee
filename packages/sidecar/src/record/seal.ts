import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { splitLines } from '@tachograph/archive';
import { dayOf, parseRecord, segmentFileName, type StoredRecord } from '@tachograph/protocol';
import { syncDir, writeDurably } from './durable-file.ts';
import { packLines } from './pack-lines.ts';
import type { RawSegment } from './segment-file.ts';
import { formatSealNote, type NamedBlob, type SealedSegment, type SealNote } from './sealed-segment.ts';

const lf = 0x0a;

/**
 * Compresses a raw segment, makes the result durable under its final name, and only then removes the raw files.
 * The signature is durable before the segment has its name, so that a sealed segment can always be shipped.
 */
export async function sealSegment(raw: RawSegment, keyId: string): Promise<SealedSegment> {
  // Its name is not known before its last byte; the ending is that of leftovers, which a later start removes.
  const temporary = `${raw.names.lines}.gz.tmp`;
  try {
    const sealed = await sealInto(temporary, raw, keyId);
    await removeRaw(raw);
    return sealed;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function sealInto(temporary: string, raw: RawSegment, keyId: string): Promise<SealedSegment> {
  const contents = new Contents();
  const from = { path: raw.names.lines, length: raw.bytes };
  const packed = await packLines(from, temporary, (lines) => contents.add(lines));
  const { stream, last } = raw;
  const first = raw.names.first;
  const name = segmentFileName({ stream, first, last, sha16: packed.sha256.slice(0, 16) });
  const dir = dirname(raw.names.lines);
  const note = noteOf(raw, keyId, contents);
  const noteText = formatSealNote(note);
  await writeDurably(join(dir, `${name}.sig`), noteText);
  await rename(temporary, join(dir, name));
  await syncDir(dir);
  return { dir, stream, name, first, last, spoolBytes: packed.packedBytes + noteText.length, ...note };
}

function noteOf({ head, lastHash, oldestMs, state }: RawSegment, keyId: string, contents: Contents): SealNote {
  return {
    signature: { keyId, seq: head.seq, sig: head.sig },
    lastHash,
    day: dayOf(contents.first?.time ?? ''),
    blobs: contents.blobs,
    oldestMs,
    streamClosed: contents.last?.kind === 'stream.close',
    state,
  };
}

/** What a segment's note says of its lines. */
class Contents {
  first: StoredRecord | undefined;
  #lastLine = Buffer.alloc(0);
  readonly #blobs = new Map<string, NamedBlob>();

  /** Whole lines, in order. */
  add(lines: Buffer): void {
    this.first ??= recordAt(lines, 0);
    // Parsed once: a line may be long, and a segment has many pieces. The piece's memory is used again.
    this.#lastLine = Buffer.from(lines.subarray(lines.lastIndexOf(lf, -2) + 1));
    countBlobs(lines, this.#blobs);
  }

  get last(): StoredRecord | undefined {
    return this.#lastLine.length === 0 ? undefined : recordAt(this.#lastLine, 0);
  }

  get blobs(): readonly NamedBlob[] {
    return [...this.#blobs.values()];
  }
}

/** Also after a restart that found the sealed twin. */
export async function removeRaw(raw: Pick<RawSegment, 'names'>): Promise<void> {
  const { lines, heads, state } = raw.names;
  for (const path of [lines, heads, state]) await rm(path, { force: true });
}

const blobMark = Buffer.from(',"blob":{"sha256":"');

/** Quotes inside bodies are escaped, so most pieces are one search. */
function countBlobs(lines: Buffer, found: Map<string, NamedBlob>): void {
  if (!lines.includes(blobMark)) return;
  for (const line of splitLines(lines)) {
    const blob = parseRecord(Buffer.from(line.bytes).toString())?.blob;
    if (blob === undefined) continue;
    const { sha256, size } = blob;
    found.set(sha256, { sha256, size, count: (found.get(sha256)?.count ?? 0) + 1 });
  }
}

function recordAt(lines: Buffer, start: number): StoredRecord | undefined {
  return parseRecord(lines.subarray(start, lines.indexOf(lf, start)).toString());
}
