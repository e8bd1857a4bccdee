/** What a leader does about keys that were added to those it holds, or taken away (`archive-format.md`, Keys). */
import { keyRotationText, type Leaf } from '@tachograph/protocol';
import type { Clock, Logger } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import type { LogKey } from './log-key.ts';
import type { TransparencyLog } from './transparency-log.ts';

/** Names a new key in the log, and says of keys that are gone that they are retired. Resolves when that is durable. */
export async function followKeys(log: TransparencyLog, clock: Clock, logger: Logger): Promise<void> {
  await log.keys.reload();
  const due = log.keys.due();
  if (due !== undefined) {
    await log.write(await rotationLeaf(log.keys.active(), due, clock));
    logger.info('the log has a new key', { keyId: due.signing.keyId, vkey: due.vkey });
  }
  for (const keyId of log.keys.orphans()) {
    await log.write({ v: 1, type: 'key.retired', keyId, at: timeOf(clock) });
    logger.info('a key of the log is retired', { keyId });
  }
}

/** Old and new key both sign: the one hands over, the other shows that it exists. */
async function rotationLeaf(old: LogKey, fresh: LogKey, clock: Clock): Promise<Leaf> {
  const [oldKeyId, newKeyId] = [old.signing.keyId, fresh.signing.keyId];
  if (old.origin !== fresh.origin) throw new ControllerError('internal', 'a log key is named for another log');
  const text = keyRotationText({ name: fresh.origin, oldKeyId, newKeyId });
  const sigOf = async ({ signing }: LogKey): Promise<string> =>
    Buffer.from(await signing.sign(text)).toString('base64');
  return {
    v: 1,
    type: 'key.log',
    keyId: newKeyId,
    publicKey: Buffer.from(fresh.signing.publicKey).toString('base64'),
    name: fresh.origin,
    signedBy: [
      { keyId: oldKeyId, sig: await sigOf(old) },
      { keyId: newKeyId, sig: await sigOf(fresh) },
    ],
    at: timeOf(clock),
  };
}

function timeOf(clock: Clock): string {
  return new Date(clock.nowMs()).toISOString();
}
