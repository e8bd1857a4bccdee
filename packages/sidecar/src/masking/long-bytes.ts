/** The bytes of a long message on their way: they are handed to the masking thread and back, never copied. */
import { decodeUtf8 } from '@tachograph/protocol';

/** Longer messages, in bytes, are read and masked from their bytes: their text is made in the masking thread only. */
export class LongBytes {
  /** Keyed digest of the bytes, for the record. */
  readonly hmac: string;
  readonly length: number;
  private bytes: Buffer | undefined;

  constructor(bytes: Buffer, hmac: string) {
    this.bytes = isAlone(bytes) ? bytes : Buffer.from(new Uint8Array(bytes).buffer);
    this.length = bytes.length;
    this.hmac = hmac;
  }

  /** For the thread, which becomes their owner. */
  lend(): Uint8Array<ArrayBuffer> {
    const bytes = this.buffer;
    this.bytes = undefined;
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  takeBack({ buffer, byteOffset, length }: Uint8Array<ArrayBuffer>): void {
    this.bytes = Buffer.from(buffer, byteOffset, length);
  }

  /** Throws a `RangeError` while the thread has them, and after a thread that ended with them. */
  get buffer(): Buffer<ArrayBuffer> {
    if (this.bytes === undefined || !(this.bytes.buffer instanceof ArrayBuffer))
      throw new RangeError('bytes of a long message expected, got none: they are in the masking thread');
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  }

  /** Their text, made on this thread: for what cannot be done from the bytes. They are UTF-8, as the thread has found. */
  text(): string {
    return decodeUtf8(this.buffer) ?? '';
  }
}

/** Nothing else lives in their memory, and not much of it is unused. */
function isAlone({ buffer, length }: Buffer): boolean {
  return buffer instanceof ArrayBuffer && buffer.byteLength <= 2 * length;
}

/** A text that may have to be made from bytes first. */
export type LazyText = string | (() => string);

export function textOf(text: LazyText): string {
  return typeof text === 'string' ? text : text();
}
