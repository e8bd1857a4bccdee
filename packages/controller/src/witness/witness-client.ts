/** One witness, as C2SP tlog-witness says: it is shown every checkpoint with a proof, and cosigns what extends the last. */
import {
  type Note,
  type NoteKey,
  type NoteSignature,
  parseNote,
  toBase64,
  verifyCosignature,
} from '@tachograph/archive';
import { describeError, type Logger } from '@tachograph/service';
import { readAnswer } from '../http/read-answer.ts';
import { nodeCrypto } from '../keys/node-crypto.ts';

/** A witness as configured. `key` is of type 0x04. */
export interface WitnessAddress {
  readonly key: NoteKey;
  /** Submission prefix, without `/add-checkpoint`. */
  readonly url: string;
}

/** A signed checkpoint that wants cosignatures. */
export interface Uncosigned {
  readonly note: string;
  readonly size: number;
  /** Consistency proof from an earlier size of the log to this one. */
  proofFrom(oldSize: number): Promise<readonly Uint8Array[]>;
}

/** How asking ended. `ahead`: it has seen a larger log than this one, or another tree of this size. */
export type WitnessResult = 'cosigned' | 'ahead' | 'refused' | 'invalid' | 'unreachable';

export interface WitnessClient {
  readonly name: string;
  cosign(
    checkpoint: Uncosigned,
    signal: AbortSignal,
  ): Promise<{ readonly result: WitnessResult; readonly signature?: NoteSignature }>;
}

const maxAnswerBytes = 16 * 1024;
/** The first tells the size that the witness is at, where another process spoke to it last. */
const maxTries = 3;

export function createWitnessClient(address: WitnessAddress, log: Logger): WitnessClient {
  const { key, url } = address;
  let known = 0;
  const cosign: WitnessClient['cosign'] = async (checkpoint, signal) => {
    for (let attempt = 1; attempt <= maxTries; attempt += 1) {
      // The proof is read from the bucket, which may be slow too: a checkpoint waits for neither.
      const answer = await post(url, await unlessAborted(requestOf(checkpoint, known), signal), signal);
      if (answer.status !== 409) {
        const judged = judge(address, checkpoint, answer);
        if (judged.result === 'cosigned') known = checkpoint.size;
        else log.warn('a witness did not cosign', { witness: key.name, status: answer.status, result: judged.result });
        return judged;
      }
      const size = parseSize(answer.text);
      if (size === undefined || size > checkpoint.size || size === known) {
        log.error('a witness has seen another log than this one', { witness: key.name, size, own: checkpoint.size });
        return { result: 'ahead' };
      }
      known = size;
    }
    return { result: 'refused' };
  };
  return {
    name: key.name,
    async cosign(checkpoint, signal) {
      try {
        return await cosign(checkpoint, signal);
      } catch (error) {
        log.warn('a witness was not reached', { witness: key.name, err: describeError(error) });
        return { result: 'unreachable' };
      }
    },
  };
}

async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(new Error('given up', { cause: signal.reason }));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function requestOf(checkpoint: Uncosigned, oldSize: number): Promise<string> {
  // From the empty tree there is nothing to prove.
  const proof = oldSize === 0 ? [] : await checkpoint.proofFrom(oldSize);
  return `old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${checkpoint.note}`;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function post(url: string, body: string, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(`${url.replace(/\/+$/, '')}/add-checkpoint`, {
    method: 'POST',
    body,
    signal,
    redirect: 'error',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
  return { status: response.status, text: await readAnswer(response, maxAnswerBytes) };
}

/** Only a signature of the configured key over exactly this checkpoint is used. */
function judge(
  { key }: WitnessAddress,
  checkpoint: Uncosigned,
  { status, text }: Answer,
): { readonly result: WitnessResult; readonly signature?: NoteSignature } {
  if (status !== 200) return { result: 'refused' };
  const signed = parseNote(checkpoint.note);
  const answered = signed === undefined ? undefined : parseNote(`${signed.text}\n${text}`);
  const signature = answered?.signatures.find((line) => holds(answered, line, key));
  return signature === undefined ? { result: 'invalid' } : { result: 'cosigned', signature };
}

function holds(note: Note, line: NoteSignature, key: NoteKey): boolean {
  return verifyCosignature(nodeCrypto, { text: note.text, signatures: [line] }, key) !== undefined;
}

function parseSize(text: string): number | undefined {
  const [, digits] = /^(0|[1-9]\d{0,15})\n$/.exec(text) ?? [];
  return digits === undefined || !Number.isSafeInteger(Number(digits)) ? undefined : Number(digits);
}
