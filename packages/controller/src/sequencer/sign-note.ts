/** Signatures of the log's keys, also where the key is across the network. */
import { formatNote, type NoteSignature, utf8 } from '@tachograph/archive';
import { describeError } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import type { LogKey } from './log-key.ts';
import type { WriteOnceOptions } from './write-once.ts';

const firstDelayMs = 200;
const maxDelayMs = 10_000;

type Waiting = Pick<WriteOnceOptions, 'timers' | 'log' | 'alive'>;

/** A note signed by all these keys; asks each until it answers. */
export async function signWith(options: Waiting, text: string, keys: readonly LogKey[]): Promise<string> {
  const lines: NoteSignature[] = [];
  for (const { note, signing } of keys) {
    lines.push({ name: note.name, hash: note.hash, signature: await signUntilDone(options, signing, utf8(text)) });
  }
  return formatNote(text, lines);
}

/** The signature; waits and asks again as long as waiting is of use. */
async function signUntilDone(
  { timers, log, alive }: Waiting,
  signer: LogKey['signing'],
  bytes: Uint8Array,
): Promise<Uint8Array> {
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
    try {
      return await signer.sign(bytes);
    } catch (error) {
      log.warn('not signed yet', { keyId: signer.keyId, err: describeError(error) });
    }
    await new Promise<void>((resolve) => timers.after(delayMs, resolve));
    if (!alive()) throw new ControllerError('unavailable', 'the log was closed before it was signed');
  }
}
