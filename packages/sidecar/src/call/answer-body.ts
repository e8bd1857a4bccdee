/** The body of an answer in one piece. */
import type { IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { Seat } from './answer-room.ts';
import { ByteCollector } from './byte-collector.ts';

export type AnswerBody =
  | { readonly kind: 'complete'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  /** The application broke off. */
  | { readonly kind: 'aborted' };

/** Reads the whole answer; calls back once. An answer over the limit is given up at once. `seat` hears of every byte. */
export function collectAnswer(
  answer: IncomingMessage,
  maxBytes: number,
  done: (body: AnswerBody) => void,
  seat?: Pick<Seat, 'take'>,
): void {
  const bytes = new ByteCollector();
  let settled = false;
  const settle = (body: AnswerBody): void => {
    if (settled) return;
    settled = true;
    done(body);
  };
  answer.on('data', (chunk: Buffer) => {
    if (bytes.length + chunk.length <= maxBytes) {
      bytes.add(chunk);
      return seat?.take(chunk.length);
    }
    settle({ kind: 'too_large' });
    answer.destroy();
    return undefined;
  });
  // The listeners live as long as the answer; what they hold need not.
  answer.once('end', () => settle({ kind: 'complete', bytes: bytes.take() }));
  answer.once('error', () => settle({ kind: 'aborted' }));
  answer.once('close', () => settle({ kind: 'aborted' }));
}

const maxDecodedBytes = 16 * 1024 * 1024;

/** Undoes a content coding that the application chose although `identity` was asked for; `undefined` when it cannot be undone. */
export function decodeAnswer(answer: IncomingMessage, bytes: Buffer): Buffer | undefined {
  const coding = answer.headers['content-encoding']?.toLowerCase();
  const options = { maxOutputLength: maxDecodedBytes };
  try {
    switch (coding) {
      case undefined:
      case 'identity':
        return bytes;
      case 'gzip':
        return gunzipSync(bytes, options);
      case 'deflate':
        return inflateSync(bytes, options);
      case 'br':
        return brotliDecompressSync(bytes, options);
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}
