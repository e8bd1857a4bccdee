/** A term begins with a batch of its own: what was read before it is all there is, and no earlier leader can add to it. */
import { randomUUID } from 'node:crypto';
import { formatBatch } from '@tachograph/archive';
import type { Leaf } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import { leafHashOf } from './leaf-hash.ts';
import { keyObjectOf } from './key-object.ts';
import type { HeldKeys } from './log-key.ts';
import { placeBatch } from './place-batch.ts';
import { readLog, type ReadLog } from './read-log.ts';
import { signWith } from './sign-note.ts';
import type { WriteOnceOptions } from './write-once.ts';

export interface TakeOverOptions extends WriteOnceOptions {
  readonly keys: HeldKeys;
  readonly clock: Clock;
}

/** A leader that is not yet aware of its end writes once or twice more, not for ever. */
const maxAttempts = 10;

/**
 * Reads the log and takes the next index. Where another leader's last batch came between, the log is read again: a
 * leader that decided on what it read before would refuse what continues that batch.
 */
export async function takeOver(options: TakeOverOptions): Promise<ReadLog> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const read = await readLog(options.store, options.keys);
    const leaf = firstLeafOf(options, read);
    if (await placeFirst(options, read, leaf)) return read;
    options.log.warn('another leader wrote while the log was read; reading it again', { size: read.tree.size });
  }
  throw new ControllerError('internal', 'another process goes on writing the log');
}

async function placeFirst(options: TakeOverOptions, read: ReadLog, leaf: Leaf): Promise<boolean> {
  const { keys } = read;
  const text = JSON.stringify(leaf);
  const index = read.tree.size;
  const batch = formatBatch({ origin: keys.origin, firstIndex: index, leaves: [text] });
  const note = await signWith(options, batch, [keys.active()]);
  if ((await placeBatch(options, { firstIndex: index, note, keys: keys.accepted() })) === 'taken') return false;
  keys.take(leaf);
  const leafHash = leafHashOf(text);
  read.tree.append(leafHash);
  read.hashes.append(leafHash);
  read.batchStarts.push(index);
  read.index.apply(leaf, { index, leafHash: Buffer.from(leafHash).toString('hex') });
  read.keyObjects.push(...[keyObjectOf(leaf, index) ?? []].flat());
  return true;
}

/** `term` makes the bytes of two leaders differ that begin at one moment. */
function firstLeafOf({ clock }: TakeOverOptions, { tree, keys }: ReadLog): Leaf {
  const { signing, origin } = keys.active();
  const { keyId } = signing;
  const at = timeOf(clock);
  if (tree.size > 0) return { v: 1, type: 'log.term', term: randomUUID(), keyId, at };
  const publicKey = Buffer.from(signing.publicKey).toString('base64');
  return { v: 1, type: 'key.log', keyId, publicKey, name: origin, at };
}

function timeOf(clock: Clock): string {
  return new Date(clock.nowMs()).toISOString();
}
