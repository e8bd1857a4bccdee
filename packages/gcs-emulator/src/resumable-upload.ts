import { randomUUID } from 'node:crypto';
import { createReadStream, existsSync, rmSync, statSync, truncateSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { readJson, writeJsonAtomic } from './atomic-file.ts';
import { EmulatorError } from './emulator-error.ts';
import { isFields } from './json-fields.ts';
import type { MetadataPatch } from './object-metadata.ts';
import type { Preconditions } from './preconditions.ts';
import { BodyDigest, type ClaimedHashes, type ReceivedBody } from './received-body.ts';

/** A resumable upload between its start and its last byte; kept on disk, so that it survives a restart. */
export interface UploadSession {
  readonly id: string;
  readonly bucket: string;
  readonly name: string;
  readonly preconditions: Preconditions;
  readonly patch: MetadataPatch;
  readonly claimed: ClaimedHashes;
  /** Whoever holds the session's address acts for the principal that started it. */
  readonly authorization?: string | undefined;
  /** Set once the object exists, so that a client that lost the answer can ask again. */
  readonly finishedGeneration?: number;
}

/** `Content-Range` of one chunk: where it starts, and the total when the client knows it. */
export interface ChunkRange {
  readonly kind: 'chunk' | 'query';
  readonly start: number;
  readonly end: number | undefined;
  readonly total: number | undefined;
}

/** The resumable uploads under one directory: `<id>.json` and the bytes so far in `<id>.part`. */
export class UploadSessions {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  start(session: Omit<UploadSession, 'id'>): UploadSession {
    const started = { ...session, id: randomUUID() };
    this.save(started);
    return started;
  }

  save(session: UploadSession): void {
    writeJsonAtomic(this.#path(session.id, 'json'), session);
  }

  find(id: unknown): UploadSession | undefined {
    if (typeof id !== 'string' || !/^[0-9a-f-]{36}$/.test(id)) return undefined;
    return readJson(this.#path(id, 'json'), isUploadSession);
  }

  remove(session: UploadSession): void {
    rmSync(this.#path(session.id, 'part'), { force: true });
    rmSync(this.#path(session.id, 'json'), { force: true });
  }

  receivedBytes(session: UploadSession): number {
    const path = this.#path(session.id, 'part');
    return existsSync(path) ? statSync(path).size : 0;
  }

  /** Appends a chunk; bytes that were received before the connection broke stay, as in GCS. */
  async append(session: UploadSession, range: ChunkRange, source: AsyncIterable<Uint8Array>): Promise<number> {
    const have = this.receivedBytes(session);
    if (range.start > have) throw new EmulatorError('invalid', `Invalid request. Expected bytes from ${have}.`);
    const path = this.#path(session.id, 'part');
    // A client may send again what arrived already: the overlap is rewritten, not appended twice.
    if (range.start < have) truncateSync(path, range.start);
    const handle = await open(path, 'a');
    try {
      for await (const chunk of source) await handle.write(chunk);
    } finally {
      await handle.close();
    }
    return this.receivedBytes(session);
  }

  /** Hashes the whole body once it is complete. */
  async finish(session: UploadSession): Promise<ReceivedBody> {
    const path = this.#path(session.id, 'part');
    const digest = new BodyDigest();
    const bytes: AsyncIterable<Buffer> = createReadStream(path);
    for await (const chunk of bytes) digest.update(chunk);
    return { path, ...digest.finish() };
  }

  #path(id: string, extension: 'json' | 'part'): string {
    return join(this.#directory, `${id}.${extension}`);
  }
}

/**
 * Reads `bytes 0-99/200`, `bytes 0-99/*`, `bytes 0-*` + `/*` or `/200` (a stream of unknown length), and the status query
 * `bytes *` + `/*` or `/200`. Without a header the request carries everything.
 */
export function parseContentRange(header: string | undefined): ChunkRange {
  if (header === undefined) return { kind: 'chunk', start: 0, end: undefined, total: undefined };
  const query = /^bytes \*\/(\d{1,15}|\*)$/.exec(header);
  if (query !== null) return { kind: 'query', start: 0, end: undefined, total: toCount(query[1]) };
  const chunk = /^bytes (\d{1,15})-(\d{1,15}|\*)\/(\d{1,15}|\*)$/.exec(header);
  if (chunk === null) throw new EmulatorError('invalid', 'Failed to parse Content-Range header.');
  return { kind: 'chunk', start: Number(chunk[1]), end: toCount(chunk[2]), total: toCount(chunk[3]) };
}

/** Whether `have` bytes are the whole object: the total is reached, or an open-ended stream has ended. */
export function isComplete(range: ChunkRange, have: number): boolean {
  if (range.total !== undefined) return have >= range.total;
  return range.kind === 'chunk' && range.end === undefined;
}

function isUploadSession(value: unknown): value is UploadSession {
  return isFields(value) && typeof value['id'] === 'string' && typeof value['bucket'] === 'string';
}

function toCount(text: string | undefined): number | undefined {
  return text === undefined || text === '*' ? undefined : Number(text);
}
