import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { splitLines } from '@tachograph/archive';
import { decodeUtf8, parseRecord, type StoredRecord } from '@tachograph/protocol';

/** What the lines must continue. */
export interface ScanFrom {
  readonly stream: string;
  readonly first: number;
  /** Hash of the line before; `undefined`: unknown. */
  readonly prev: string | undefined;
  /** Lines from this one on stand in a later file. */
  readonly limit: number;
}

export interface ScannedLine {
  readonly record: StoredRecord;
  readonly hash: string;
}

/** The good lines at the front of a raw segment, and what lies behind them. */
export interface RawScan {
  readonly lines: readonly ScannedLine[];
  /** Length of the good lines. */
  readonly goodBytes: number;
  /** Length of a last line without its newline: a write that the kill cut off. */
  readonly tornBytes: number;
  /** Length of what is neither: damage, or lines that a later file holds. */
  readonly otherBytes: number;
}

/** Reads a raw segment up to its first line that does not continue the chain. Any bytes are safe. Throws Node's errors when it cannot be read. */
export function scanRaw(path: string, from: ScanFrom): RawScan {
  const bytes = readFileSync(path);
  const lines: ScannedLine[] = [];
  let goodBytes = 0;
  let { prev } = from;
  for (const line of splitLines(bytes)) {
    if (!line.terminated) return { lines, goodBytes, tornBytes: bytes.length - goodBytes, otherBytes: 0 };
    const record = readLine(line.bytes);
    if (record === undefined || !continues(record, from, { seq: from.first + lines.length, prev })) break;
    prev = hash('sha256', line.bytes, 'hex');
    lines.push({ record, hash: prev });
    goodBytes += line.bytes.length + 1;
  }
  return { lines, goodBytes, tornBytes: 0, otherBytes: bytes.length - goodBytes };
}

function readLine(bytes: Uint8Array): StoredRecord | undefined {
  const text = decodeUtf8(bytes);
  return text === undefined ? undefined : parseRecord(text);
}

function continues(record: StoredRecord, from: ScanFrom, at: { seq: number; prev: string | undefined }): boolean {
  if (record.stream !== from.stream || record.seq !== at.seq || record.seq >= from.limit) return false;
  return at.prev === undefined || record.prev === at.prev;
}
