import { readFileSync } from 'node:fs';
import { formatSegmentSignature, parseSegmentSignature, type SegmentSignature } from '@tachograph/protocol';
import { parseOpenState } from './open-state.ts';
import { writeDurably } from './durable-file.ts';
import type { SealNote } from './sealed-segment.ts';
import { archivedFile } from './spool-layout.ts';

/** How far a stream is archived: outlives its segments, so that the next stream can name where this one ended. */
export interface ArchivedMark extends Pick<SealNote, 'lastHash' | 'streamClosed' | 'state'> {
  readonly last: number;
  /** `undefined` in a mark of an earlier version. */
  readonly signature: SegmentSignature | undefined;
}

export async function writeArchivedMark(dir: string, mark: ArchivedMark): Promise<void> {
  const { last, lastHash, streamClosed, state } = mark;
  const signature = mark.signature === undefined ? undefined : formatSegmentSignature(mark.signature);
  await writeDurably(archivedFile(dir), JSON.stringify({ last, lastHash, signature, streamClosed, state }));
}

/** `undefined` when nothing was archived. */
export function readArchivedMark(dir: string): ArchivedMark | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(archivedFile(dir), 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const fields = new Map<string, unknown>(Object.entries(value));
    const [last, lastHash] = [fields.get('last'), fields.get('lastHash')];
    if (!Number.isSafeInteger(last) || typeof lastHash !== 'string') return undefined;
    const streamClosed = fields.get('streamClosed') === true;
    const signature = parseSegmentSignature(String(fields.get('signature')));
    return { last: Number(last), lastHash, signature, streamClosed, state: parseOpenState(fields.get('state')) };
  } catch {
    return undefined;
  }
}
