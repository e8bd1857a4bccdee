import { readFileSync } from 'node:fs';
import { parseSegmentSignature, formatSegmentSignature, type SegmentSignature } from '@tachograph/protocol';
import { parseOpenState, type OpenState } from './open-state.ts';

/** A blob that a record names. */
export interface BlobRef {
  readonly sha256: string;
  readonly size: number;
}

/** What stands beside a sealed segment, in `<name>.sig`. */
export interface SealNote {
  readonly signature: SegmentSignature;
  readonly lastHash: string;
  readonly blobs: readonly BlobRef[];
  /** Wall-clock time of its first record that is no heartbeat. */
  readonly oldestMs: number | undefined;
  /** It ends with `stream.close`. */
  readonly streamClosed: boolean;
  /** What was open at its end; `undefined`: unknown. */
  readonly state: OpenState | undefined;
}

/** A sealed segment in the spool: its bytes never change again. */
export interface SealedSegment extends SealNote {
  /** `<spool>/<stream>`. */
  readonly dir: string;
  readonly stream: string;
  /** File name, in the spool as in the archive. */
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** Size of the `.gz`. */
  readonly bytes: number;
}

export function formatSealNote(note: SealNote): string {
  return JSON.stringify({ ...note, signature: formatSegmentSignature(note.signature) });
}

/** `undefined` when missing or damaged: the segment cannot be shipped. */
export function readSealNote(path: string): SealNote | undefined {
  try {
    return parseSealNote(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function parseSealNote(value: unknown): SealNote | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const signature = parseSegmentSignature(String(fields.get('signature')));
  const [lastHash, blobs, oldestMs] = [fields.get('lastHash'), fields.get('blobs'), fields.get('oldestMs')];
  if (signature === undefined || typeof lastHash !== 'string' || !Array.isArray(blobs) || !blobs.every(isBlob)) {
    return undefined;
  }
  return {
    signature,
    lastHash,
    blobs,
    oldestMs: typeof oldestMs === 'number' ? oldestMs : undefined,
    streamClosed: fields.get('streamClosed') === true,
    state: parseOpenState(fields.get('state')),
  };
}

function isBlob(value: unknown): value is BlobRef {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return typeof fields.get('sha256') === 'string' && typeof fields.get('size') === 'number';
}
