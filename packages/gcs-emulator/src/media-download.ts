import { createReadStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import type { Request, Response } from 'express';

import { EmulatorError } from './emulator-error.ts';
import { type ObjectVersion, toEtag } from './resources.ts';

interface ByteRange {
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

/** Sends the stored bytes, whole or one range; with `Content-Encoding: gzip`, unpacked for clients that do not take it. */
export async function sendMedia(
  request: Request,
  response: Response,
  version: ObjectVersion,
  path: string,
): Promise<void> {
  // The length on disk, not that in the metadata: a body truncated at rest must arrive truncated, not hang.
  const size = statSync(path).size;
  setObjectHeaders(response, version);
  const storedGzip = version.contentEncoding === 'gzip';
  if (storedGzip && !/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) {
    response.removeHeader('content-encoding');
    await pipeline(createReadStream(path), createGunzip(), response);
    return;
  }
  const range = parseRange(request.headers.range, size);
  if (range !== undefined) {
    response.status(206).set('content-range', `bytes ${range.start}-${range.end}/${size}`);
  }
  response.set('content-length', String(range === undefined ? size : range.end - range.start + 1));
  await pipeline(createReadStream(path, range ?? {}), response);
}

function setObjectHeaders(response: Response, version: ObjectVersion): void {
  const optional = {
    'content-encoding': version.contentEncoding,
    'content-disposition': version.contentDisposition,
    'content-language': version.contentLanguage,
    'cache-control': version.cacheControl,
  };
  for (const [name, value] of Object.entries(optional)) {
    if (value !== undefined) response.setHeader(name, value);
  }
  // setHeader, not express's set: that would add a charset.
  response.setHeader('content-type', version.contentType ?? 'application/octet-stream');
  response.setHeader('etag', toEtag(version.generation, version.metageneration));
  response.setHeader('last-modified', new Date(version.updated).toUTCString());
  response.setHeader('x-goog-generation', String(version.generation));
  response.setHeader('x-goog-metageneration', String(version.metageneration));
  response.setHeader('x-goog-hash', `crc32c=${version.crc32c},md5=${version.md5Hash}`);
  response.setHeader('x-goog-stored-content-encoding', version.contentEncoding ?? 'identity');
  response.setHeader('x-goog-stored-content-length', String(version.size));
  response.setHeader('x-goog-storage-class', version.storageClass);
}

/** One range; several at once are answered whole, as RFC 9110 permits. */
function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const suffix = match[1] === '';
  const start = suffix ? Math.max(size - Number(match[2]), 0) : Number(match[1]);
  const end = suffix || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (start <= end) return { start, end };
  throw new EmulatorError('requestedRangeNotSatisfiable', 'Requested range not satisfiable');
}
