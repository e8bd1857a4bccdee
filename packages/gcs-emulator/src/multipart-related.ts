import { EmulatorError } from './emulator-error.ts';

const maxHeaderBytes = 1024 * 1024;

/** The two parts of a multipart upload; `media` must be consumed and ends only at a proper closing boundary. */
export interface MultipartUpload {
  readonly metadataText: string;
  readonly mediaType: string | undefined;
  readonly media: AsyncIterable<Uint8Array>;
}

/** Splits a `multipart/related` body of exactly two parts without holding the media in memory. */
export async function parseMultipartRelated(
  source: AsyncIterable<Uint8Array>,
  contentType: string,
): Promise<MultipartUpload> {
  const match = /;\s*boundary=(?:"([^"]{1,200})"|([^;\s]{1,200}))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) throw malformed('no boundary');
  const reader = new DelimitedReader(source);
  const separator = Buffer.from(`\r\n--${boundary}`);
  await reader.readUntil(Buffer.from(`--${boundary}`));
  await readPartHeader(reader);
  const metadataText = (await reader.readUntil(separator)).toString('utf8');
  const mediaHeader = await readPartHeader(reader);
  const mediaType = /^content-type:[ \t]*(.+?)[ \t]*$/im.exec(mediaHeader)?.[1];
  return { metadataText, mediaType, media: readMedia(reader, separator) };
}

async function readPartHeader(reader: DelimitedReader): Promise<string> {
  return (await reader.readUntil(Buffer.from('\r\n\r\n'))).toString('latin1');
}

async function* readMedia(reader: DelimitedReader, separator: Buffer): AsyncGenerator<Uint8Array> {
  yield* reader.streamUntil(separator);
  const closing = await reader.readExactly(2);
  if (closing.toString('latin1') !== '--') throw malformed('expected two parts');
  await reader.drain();
}

/** Looks for delimiters in a stream of chunks, keeping back only what could be the start of one. */
class DelimitedReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Bytes before the delimiter, which is consumed; bounded, for headers and metadata only. */
  async readUntil(delimiter: Buffer): Promise<Buffer> {
    let at = this.#held.indexOf(delimiter);
    while (at === -1) {
      if (this.#held.length > maxHeaderBytes) throw malformed('metadata part too long');
      await this.#more();
      at = this.#held.indexOf(delimiter);
    }
    return this.#take(at, delimiter.length);
  }

  async *streamUntil(delimiter: Buffer): AsyncGenerator<Uint8Array> {
    let at = this.#held.indexOf(delimiter);
    while (at === -1) {
      const safe = this.#held.length - delimiter.length + 1;
      if (safe > 0) yield this.#take(safe, 0);
      await this.#more();
      at = this.#held.indexOf(delimiter);
    }
    yield this.#take(at, delimiter.length);
  }

  async readExactly(length: number): Promise<Buffer> {
    while (this.#held.length < length) await this.#more();
    return this.#take(length, 0);
  }

  async drain(): Promise<void> {
    while ((await this.#source.next()).done !== true);
  }

  #take(length: number, skip: number): Buffer {
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length + skip);
    return taken;
  }

  async #more(): Promise<void> {
    const next = await this.#source.next();
    if (next.done === true) throw malformed('body ended early');
    this.#held = this.#held.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.#held, next.value]);
  }
}

function malformed(detail: string): EmulatorError {
  return new EmulatorError('parseError', `Malformed multipart body: ${detail}.`);
}
