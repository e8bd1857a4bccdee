import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

import type { File } from '@google-cloud/storage';

/** Bytes and the generation that they belong to, from one answer. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly generation: string;
}

/** How a download is sent. */
export interface ReadOptions {
  /** Authorization, where the store asks for any. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  /** Without progress for so long, in ms, the download fails. */
  readonly timeoutMs: number;
  /** Ends the download, and its connection. */
  readonly signal?: AbortSignal;
}

const longestErrorBytes = 64 * 1024;
/** Larger than any object of an archive: no more is set aside on a header's word. */
const longestStatedBytes = 64 * 1024 * 1024;

/**
 * Reads the stored bytes as they are; rejects with an error that carries the HTTP status as `code` where there was
 * one. Not by the client library: its streams cost as much as the download itself. Not by `fetch`: it would unpack
 * what is stored with a content encoding. Nothing is validated: damage at rest must reach the verifier, which names
 * the object and the line.
 */
export async function readStored(file: File, options: ReadOptions): Promise<StoredObject> {
  const response = await answered(file, options);
  const bytes = await collect(response);
  const generation = response.headers['x-goog-generation'];
  if (typeof generation !== 'string') throw new Error('the answer names no generation');
  return { bytes, generation };
}

/** The same in pieces: rejects at once, or the pieces reject later. */
export async function openStored(file: File, options: ReadOptions): Promise<IncomingMessage> {
  return await answered(file, options);
}

async function answered(file: File, options: ReadOptions): Promise<IncomingMessage> {
  const response = await send(mediaUrl(file), await options.headers(), options);
  if (response.statusCode === 200) return response;
  const text = (await collect(response)).subarray(0, longestErrorBytes).toString('utf8');
  throw new HttpError(response.statusCode ?? 0, text);
}

/** What `toGcsFailure` reads: the status, and the text that tells a missing bucket from a missing object. */
class HttpError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

function mediaUrl(file: File): URL {
  const path = `/b/${encodeURIComponent(file.bucket.name)}/o/${encodeURIComponent(file.name)}`;
  const url = new URL(`${file.storage.baseUrl}${path}?alt=media`);
  if (file.generation !== undefined) url.searchParams.set('generation', String(file.generation));
  return url;
}

async function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { timeoutMs, signal }: ReadOptions,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  // Says that packed bytes may come packed; else GCS would unpack them on the way.
  const outgoing: ClientRequest = request(url, {
    headers: { ...headers, 'accept-encoding': 'gzip' },
    ...(signal === undefined ? {} : { signal }),
  });
  outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)));
  outgoing.once('response', resolve).on('error', reject);
  outgoing.end();
  return await promise;
}

/** Into one buffer of the stated length: what is collected in pieces and joined costs the garbage collector more than the download. */
async function collect(response: IncomingMessage): Promise<Buffer> {
  const stated = Number(response.headers['content-length'] ?? 0);
  let bytes: Buffer = Buffer.allocUnsafeSlow(Math.min(Number.isSafeInteger(stated) ? stated : 0, longestStatedBytes));
  let length = 0;
  const parts: AsyncIterable<Buffer> = response;
  for await (const chunk of parts) {
    // Without a stated length, or with one that no object has.
    if (length + chunk.length > bytes.length) bytes = grown(bytes, length + chunk.length);
    length += chunk.copy(bytes, length);
  }
  if (!response.complete) throw new Error('the answer was cut off');
  return bytes.subarray(0, length);
}

function grown(bytes: Buffer, atLeast: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.max(2 * bytes.length, atLeast));
  bytes.copy(larger);
  return larger;
}
