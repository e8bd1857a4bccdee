/** Creating a batch object is the act of sequencing: the first whole batch under an index's name holds that index. */
import { parseBatchNote, verifyBatch, type NoteKey } from '@tachograph/archive';
import { objectNames } from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';
import { nodeCrypto } from '../keys/node-crypto.ts';
import { readUntilKnown, writeOnce, type WriteOnceOptions } from './write-once.ts';

/** Names for one index, when junk takes them. */
const maxTries = 100;

export interface BatchObject {
  readonly firstIndex: number;
  readonly note: string;
  /** The keys under which a batch counts. */
  readonly keys: readonly NoteKey[];
}

/**
 * Stores a batch. `taken`: another batch that verifies holds the index, so another leader wrote it. Bytes that do not
 * verify are passed over by a further name, `<firstIndex16>-<try>`.
 */
export async function placeBatch(options: WriteOnceOptions, batch: BatchObject): Promise<'done' | 'taken'> {
  for (let attempt = 0; attempt < maxTries; attempt += 1) {
    const name = batchName(batch.firstIndex, attempt);
    const { kind } = await writeOnce(options, name, Buffer.from(batch.note));
    if (kind !== 'conflict') return 'done';
    const stored = Buffer.from((await readUntilKnown(options, name)) ?? []).toString('utf8');
    if (isBatchAt(stored, batch)) return 'taken';
    options.log.error('a batch name is taken by bytes that do not verify', { object: name });
  }
  throw new ControllerError('internal', `${maxTries} names at log index ${batch.firstIndex} are taken`);
}

/** Name of a batch object; `attempt` above 0 where junk has taken the ones before. */
export function batchName(firstIndex: number, attempt: number): string {
  return `${objectNames.batch(firstIndex)}${attempt === 0 ? '' : `-${attempt}`}`;
}

/** Index that a batch object's name states; `undefined` for other names. */
export function indexOfBatchName(name: string): number | undefined {
  const [, digits] = /^v1\/log\/batch\/(\d{16})(?:-\d{1,4})?$/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Whether these are a batch of this log at this index, under one of the keys. */
export function isBatchAt(note: string, { firstIndex, keys }: Omit<BatchObject, 'note'>): boolean {
  const opened = verifyBatch(nodeCrypto, note, keys);
  return opened.kind === 'ok' && opened.batch.firstIndex === firstIndex && keys.some(isNamed(opened.batch.origin));
}

/** Whether these claim to be a batch of this log at this index, whoever signed them. */
export function claimsIndex(note: string, { firstIndex, keys }: Omit<BatchObject, 'note'>): boolean {
  const batch = parseBatchNote(note);
  return batch !== undefined && batch.firstIndex === firstIndex && keys.some(isNamed(batch.origin));
}

function isNamed(origin: string): (key: NoteKey) => boolean {
  return ({ name }) => name === origin;
}
