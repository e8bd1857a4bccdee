/** C2SP tlog-checkpoint: origin, size, base64 root; then extension lines, which we write none of. */
import { fromBase64, toBase64 } from './bytes.ts';
import { ArchiveError } from './archive-error.ts';
import type { Crypto, Sign } from './crypto.ts';
import { type NoteKey, openNote, parseNote, signNote } from './note.ts';

/** A tree head. `root`: 32 bytes. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** The note text of a checkpoint. Throws `bad_text`. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root } = checkpoint;
  if (origin === '' || origin.includes('\n') || !Number.isSafeInteger(size) || size < 0 || root.length !== 32) {
    throw new ArchiveError('bad_text', `checkpoint of size ${size} with a root of ${root.length} bytes`);
  }
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** Reads a checkpoint's note text; `undefined` when malformed. Extension lines are passed over. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const match = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*$/.exec(text);
  if (match === null) return undefined;
  const [, origin = '', digits = '', encoded = ''] = match;
  const size = Number(digits);
  const root = fromBase64(encoded);
  return Number.isSafeInteger(size) && root !== undefined ? { origin, size, root } : undefined;
}

/** The signed note of a checkpoint: the object `v1/log/checkpoint/<size16>`. */
export function signCheckpoint(checkpoint: Checkpoint, key: NoteKey, sign: Sign): string {
  return signNote(formatCheckpoint(checkpoint), key, sign);
}

/** Reads a checkpoint's note without verifying it; `undefined` when malformed. */
export function parseCheckpointNote(note: string): Checkpoint | undefined {
  const parsed = parseNote(note);
  return parsed === undefined ? undefined : parseCheckpoint(parsed.text);
}

/** A checkpoint that one of `keys` (the log's, of any rotation) signed; `undefined` otherwise. */
export function verifyCheckpoint(crypto: Crypto, note: string, keys: readonly NoteKey[]): Checkpoint | undefined {
  const opened = openNote(crypto, note, keys);
  return opened.kind === 'ok' ? parseCheckpoint(opened.text) : undefined;
}
