/** `v1/log/batch/<firstIndex16>`: leaves in log order under the log's signature. Creating the object is the sequencing. */
import { maxLeafBytes } from '@tachograph/protocol';
import { utf8 } from './bytes.ts';
import { ArchiveError } from './archive-error.ts';
import type { Crypto, Sign } from './crypto.ts';
import { assertLeafText } from './log-leaf.ts';
import { type NoteKey, openNote, parseNote, signNote } from './note.ts';

/** Leaves `firstIndex` to `firstIndex + leaves.length - 1`, as exact JSON texts. */
export interface Batch {
  readonly origin: string;
  readonly firstIndex: number;
  readonly leaves: readonly string[];
}

const magic = 'tachograph/batch/v1';

/** The note text: magic, origin, first index, count, then one leaf a line. Throws `bad_leaf` or `bad_text`. */
export function formatBatch(batch: Batch): string {
  const { origin, firstIndex, leaves } = batch;
  if (origin === '' || origin.includes('\n') || !Number.isSafeInteger(firstIndex) || firstIndex < 0) {
    throw new ArchiveError('bad_text', `batch at index ${firstIndex}`);
  }
  if (leaves.length === 0) throw new ArchiveError('bad_text', 'batch without leaves');
  for (const leaf of leaves) assertLeafText(leaf);
  return `${magic}\n${origin}\n${firstIndex}\n${leaves.length}\n${leaves.join('\n')}\n`;
}

/** Reads a batch's note text; `undefined` when malformed. */
export function parseBatch(text: string): Batch | undefined {
  const match = /^tachograph\/batch\/v1\n([^\n]+)\n(\d{1,16})\n(\d{1,16})\n/.exec(text);
  if (match === null || !text.endsWith('\n')) return undefined;
  const [head, origin = '', index = '', count = ''] = match;
  const leaves = text.slice(head.length, -1).split('\n');
  const firstIndex = toNumber(index);
  if (firstIndex === undefined || toNumber(count) !== leaves.length) return undefined;
  return leaves.every(isLeafText) ? { origin, firstIndex, leaves } : undefined;
}

function toNumber(digits: string): number | undefined {
  if (!/^(0|[1-9]\d{0,15})$/.test(digits)) return undefined;
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : undefined;
}

function isLeafText(leaf: string): boolean {
  return leaf !== '' && (leaf.length <= maxLeafBytes / 3 || utf8(leaf).length <= maxLeafBytes);
}

/** The stored object's text. */
export function signBatch(batch: Batch, key: NoteKey, sign: Sign): string {
  return signNote(formatBatch(batch), key, sign);
}

/** Reads a batch object without verifying its signature; `undefined` when malformed. */
export function parseBatchNote(note: string): Batch | undefined {
  const parsed = parseNote(note);
  return parsed === undefined ? undefined : parseBatch(parsed.text);
}

/** What a batch object is. `unsigned`: by none of the keys; `invalid`: a known key's signature does not hold. */
export type VerifiedBatch =
  | { readonly kind: 'ok'; readonly batch: Batch }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'invalid'; readonly name: string };

/** Verifies a batch object against the log's keys. */
export function verifyBatch(crypto: Crypto, note: string, keys: readonly NoteKey[]): VerifiedBatch {
  const opened = openNote(crypto, note, keys);
  if (opened.kind !== 'ok') return opened;
  const batch = parseBatch(opened.text);
  return batch === undefined ? { kind: 'malformed' } : { kind: 'ok', batch };
}
