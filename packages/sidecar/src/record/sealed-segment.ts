import { readFileSync } from 'node:fs';
import { parseSegmentSignature, formatSegmentSignature, type SegmentSignature } from '@tachograph/protocol';
import { parseOpenState, type OpenState } from './open-state.ts';

/** A blob that a record names. */
export interface BlobRef {
  readonly sha256: string;
  readonly size: number;
}

/** A blob of one segment, with the number of its records that name it. */
export interface NamedBlob extends BlobRef {
  readonly count: number;
}

/** What stands beside a sealed segment, in `<name>.sig`. */
export interface SealNote {
  readonly signature: SegmentSignature;
  readonly lastHash: string;
  /** UTC day of its first record, `YYYY-MM-DD`: where the archive keeps its blobs. */
  readonly day: string;
  readonly blobs: readonly NamedBlob[];
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
  /** Size of the `.gz` and its note: the note of a pod with many open sessions is not small. */
  readonly spoolBytes: number;
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
  const [lastHash, day, blobs, oldestMs] = ['lastHash', 'day', 'blobs', 'oldestMs'].map((name) => fields.get(name));
  if (signature === undefined || typeof lastHash !== 'string' || typeof day !== 'string') return undefined;
  if (!Array.isArray(blobs) || !blobs.every(isBlob)) return undefined;
  return {
    signature,
    lastHash,
    day,
    blobs,
    oldestMs: typeof oldestMs === 'number' ? oldestMs : undefined,
    streamClosed: fields.get('streamClosed') === true,
    state: parseOpenState(fields.get('state')),
  };
}

function isBlob(value: unknown): value is NamedBlob {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  const isCounted = typeof fields.get('size') === 'number' && typeof fields.get('count') === 'number';
  return isCounted && typeof fields.get('sha256') === 'string';
}
