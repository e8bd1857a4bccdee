import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';

import { crc32c, toCrc32cText } from './crc32c.ts';
import { EmulatorError } from './emulator-error.ts';

/** A body that has arrived completely and lies on disk, not yet part of any object. */
export interface ReceivedBody {
  readonly path: string;
  readonly size: number;
  /** Base64, as the JSON API has it. */
  readonly crc32c: string;
  readonly md5Hash: string;
}

/** Streams a body to `path`, hashing on the way; memory stays at one chunk. Removes the file when the body breaks off. */
export async function receiveBody(source: AsyncIterable<Uint8Array>, path: string): Promise<ReceivedBody> {
  const handle = await open(path, 'wx');
  const digest = new BodyDigest();
  try {
    for await (const chunk of source) {
      digest.update(chunk);
      await handle.write(chunk);
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return { path, ...digest.finish() };
}

/** Size, CRC-32C and MD5 in one pass. */
export class BodyDigest {
  readonly #md5 = createHash('md5');
  #crc = 0;
  #size = 0;

  update(chunk: Uint8Array): void {
    this.#md5.update(chunk);
    this.#crc = crc32c(chunk, this.#crc);
    this.#size += chunk.length;
  }

  finish(): Omit<ReceivedBody, 'path'> {
    return { size: this.#size, crc32c: toCrc32cText(this.#crc), md5Hash: this.#md5.digest('base64') };
  }
}

/** The hashes that a client may send along, in metadata or in `x-goog-hash`. */
export interface ClaimedHashes {
  readonly crc32c?: string | undefined;
  readonly md5Hash?: string | undefined;
}

/** Throws 400 `invalid` when a claimed hash is not that of the bytes received; nothing is stored then. */
export function checkClaimedHashes(body: ReceivedBody, claimed: ClaimedHashes): void {
  if (claimed.crc32c !== undefined && claimed.crc32c !== body.crc32c) {
    throw new EmulatorError(
      'invalid',
      `Provided CRC32C "${claimed.crc32c}" doesn't match calculated CRC32C "${body.crc32c}".`,
    );
  }
  if (claimed.md5Hash !== undefined && claimed.md5Hash !== body.md5Hash) {
    throw new EmulatorError(
      'invalid',
      `Provided MD5 hash "${claimed.md5Hash}" doesn't match calculated MD5 hash "${body.md5Hash}".`,
    );
  }
}

/** Reads `x-goog-hash: crc32c=…,md5=…` (one header or several) and `content-md5`. */
export function parseHashHeaders(headers: NodeJS.Dict<string | string[]>): ClaimedHashes {
  const parts = [headers['x-goog-hash'] ?? []].flat().flatMap((value) => value.split(','));
  const named = (name: string): string | undefined =>
    parts
      .map((part) => part.trim())
      .find((part) => part.startsWith(`${name}=`))
      ?.slice(name.length + 1);
  const contentMd5 = headers['content-md5'];
  return {
    crc32c: named('crc32c'),
    md5Hash: named('md5') ?? (typeof contentMd5 === 'string' ? contentMd5 : undefined),
  };
}
