import { hash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { splitLines } from '@tachograph/archive';
import { dayOf, parseRecord, segmentFileName, type StoredRecord } from '@tachograph/protocol';
import { writeDurably } from './durable-file.ts';
import type { RawSegment } from './segment-file.ts';
import { formatSealNote, type NamedBlob, type SealedSegment, type SealNote } from './sealed-segment.ts';

const lf = 0x0a;

const compress = promisify(gzip);

/** One level for ever: sealing the same lines again gives the same bytes and so the same name. */
const gzipOptions = { level: 1, memLevel: 9, chunkSize: 256 * 1024 } as const;

/**
 * Compresses a raw segment, makes the result durable under its final name, and only then removes the raw files.
 * The signature is durable before the segment has its name, so that a sealed segment can always be shipped.
 */
export async function sealSegment(raw: RawSegment, keyId: string): Promise<SealedSegment> {
  const lines = await readExactly(raw.names.lines, raw.bytes);
  const packed = await compress(lines, gzipOptions);
  const { stream, last, head } = raw;
  const first = raw.names.first;
  const sha16 = hash('sha256', packed, 'hex').slice(0, 16);
  const name = segmentFileName({ stream, first, last, sha16 });
  const dir = dirname(raw.names.lines);
  const signature = { keyId, seq: head.seq, sig: head.sig };
  const note: SealNote = {
    signature,
    lastHash: raw.lastHash,
    day: dayOf(recordAt(lines, 0)?.time ?? ''),
    blobs: blobsOf(lines),
    oldestMs: raw.oldestMs,
    streamClosed: recordAt(lines, lines.lastIndexOf(lf, -2) + 1)?.kind === 'stream.close',
    state: raw.state,
  };
  const noteText = formatSealNote(note);
  await writeDurably(join(dir, `${name}.sig`), noteText);
  await writeDurably(join(dir, name), packed);
  await removeRaw(raw);
  return { dir, stream, name, first, last, spoolBytes: packed.length + noteText.length, ...note };
}

/** Also after a restart that found the sealed twin. */
export async function removeRaw(raw: Pick<RawSegment, 'names'>): Promise<void> {
  const { lines, heads, state } = raw.names;
  for (const path of [lines, heads, state]) await rm(path, { force: true });
}

async function readExactly(path: string, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(length);
    let at = 0;
    while (at < length) {
      const { bytesRead } = await file.read(buffer, at, length - at, at);
      if (bytesRead === 0) throw new Error(`segment file of ${at} bytes, expected ${length}`);
      at += bytesRead;
    }
    return buffer;
  } finally {
    await file.close();
  }
}

const blobMark = Buffer.from(',"blob":{"sha256":"');

/** Blobs that the lines name. Quotes inside bodies are escaped, so most segments are one search. */
export function blobsOf(lines: Uint8Array): readonly NamedBlob[] {
  const buffer = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  if (!buffer.includes(blobMark)) return [];
  const found = new Map<string, NamedBlob>();
  for (const line of splitLines(buffer)) {
    const blob = parseRecord(Buffer.from(line.bytes).toString())?.blob;
    if (blob === undefined) continue;
    const { sha256, size } = blob;
    found.set(sha256, { sha256, size, count: (found.get(sha256)?.count ?? 0) + 1 });
  }
  return [...found.values()];
}

function recordAt(lines: Buffer, start: number): StoredRecord | undefined {
  return parseRecord(lines.subarray(start, lines.indexOf(lf, start)).toString());
}
