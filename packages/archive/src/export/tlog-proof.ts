/** C2SP tlog-proof: that one entry stands in a checkpointed log, in one text. */
import { fromBase64, toBase64 } from '../bytes.ts';
import { ArchiveError } from '../archive-error.ts';

/** `checkpoint`: the signed note, verbatim. `hashes`: from the leaf's sibling up. */
export interface TlogProof {
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  readonly checkpoint: string;
}

const magic = 'c2sp.org/tlog-proof@v1';
/** A tree of 2^53 leaves has no longer path. */
const maxHashes = 64;

/** The proof's text. Throws `out_of_range` for an index that is none. */
export function formatTlogProof({ index, hashes, checkpoint }: TlogProof): string {
  if (!Number.isSafeInteger(index) || index < 0) throw new ArchiveError('out_of_range', `leaf ${index}`);
  return `${magic}\nindex ${index}\n${hashes.map((hash) => `${toBase64(hash)}\n`).join('')}\n${checkpoint}`;
}

/** Reads a proof; `undefined` when malformed. Extra data is passed over: nothing authenticates it. */
export function parseTlogProof(text: string): TlogProof | undefined {
  const end = text.indexOf('\n\n');
  const lines = end < 0 ? [] : text.slice(0, end).split('\n');
  if (lines.shift() !== magic) return undefined;
  if (lines[0]?.startsWith('extra ') === true) lines.shift();
  const index = toIndex(lines.shift() ?? '');
  const hashes = lines.map(fromBase64).filter((hash) => hash?.length === 32);
  if (index === undefined || hashes.length !== lines.length || hashes.length > maxHashes) return undefined;
  return { index, hashes: hashes.filter((hash) => hash !== undefined), checkpoint: text.slice(end + 2) };
}

function toIndex(line: string): number | undefined {
  const digits = /^index (0|[1-9]\d{0,15})$/.exec(line)?.[1];
  const index = Number(digits);
  return digits !== undefined && Number.isSafeInteger(index) ? index : undefined;
}
