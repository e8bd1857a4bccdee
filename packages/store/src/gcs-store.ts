import type { Readable } from 'node:stream';

import type { File, GetFilesOptions, SaveOptions } from '@google-cloud/storage';

import { asBuffer, toCrc32c } from './crc32c.ts';
import { createSettled } from './create-settled.ts';
import { type GcsConnection, type LazyBucket, authorization, defaultTimeoutMs, lazyBucket } from './gcs-connection.ts';
import { isTransient, toGcsFailure, toStoreError } from './gcs-failure.ts';
import { type ReadOptions, type StoredObject, openStored, readStored } from './gcs-read.ts';
import type { CreateOutcome, ObjectEntry, ObjectStore } from './object-store.ts';
import { type RetrySettings, defaultRetry, retrying } from './retry.ts';
import { StoreError } from './store-error.ts';
import { withTimeout } from './timeout.ts';

/** Up to here one request carries the object; above, the upload is resumable. */
const singleRequestBytes = 8 * 1024 * 1024;

/** Which bucket, how to reach it, how patiently. */
export interface GcsStoreOptions extends GcsConnection {
  readonly bucket: string;
  /** Put before every name, and taken off again in listings; ends in `/` or is empty. */
  readonly prefix?: string | undefined;
  readonly retry?: Partial<RetrySettings> | undefined;
}

/** An object store in one GCS bucket (or an emulator's). Makes no request until it is used. */
export function createGcsStore(options: GcsStoreOptions): ObjectStore {
  const bucket = lazyBucket(options, options.bucket);
  const headers = async (): Promise<Readonly<Record<string, string>>> =>
    await authorization((await bucket()).storage, options);
  return new GcsStore(bucket, options, headers);
}

class GcsStore implements ObjectStore {
  readonly #bucket: LazyBucket;
  readonly #prefix: string;
  readonly #retry: RetrySettings;
  readonly #timeoutMs: number;
  readonly #headers: ReadOptions['headers'];

  constructor(bucket: LazyBucket, options: GcsStoreOptions, headers: ReadOptions['headers']) {
    this.#headers = headers;
    this.#bucket = bucket;
    this.#prefix = options.prefix ?? '';
    this.#retry = { ...defaultRetry, ...options.retry };
    this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  }

  async create(name: string, bytes: Uint8Array, options: { contentType?: string } = {}): Promise<CreateOutcome> {
    const file = await this.#file(name);
    return await createSettled({
      bytes,
      what: `create ${name}`,
      retry: this.#retry,
      upload: async () => {
        await this.#save(file, bytes, { ...toSaveOptions(bytes, options), preconditionOpts: { ifGenerationMatch: 0 } });
        return String(file.metadata.generation);
      },
      readBack: async () => await this.#read(file),
    });
  }

  async get(name: string, options: { generation?: string } = {}): Promise<Uint8Array | undefined> {
    const file = await this.#file(name, options.generation);
    try {
      const stored = await retrying(this.#retry, async () => await this.#read(file), isTransient);
      return stored?.bytes;
    } catch (error) {
      throw toStoreError(error, `get ${name}`);
    }
  }

  async open(name: string, options: { generation?: string } = {}): Promise<Readable | undefined> {
    const file = await this.#file(name, options.generation);
    const reading = { headers: this.#headers, timeoutMs: this.#timeoutMs };
    try {
      return await retrying(this.#retry, async () => await openStored(file, reading), isTransient);
    } catch (error) {
      if (toGcsFailure(error).kind === 'no-object') return undefined;
      throw toStoreError(error, `get ${name}`);
    }
  }

  async *list(prefix: string, options: { startOffset?: string; versions?: boolean } = {}): AsyncGenerator<ObjectEntry> {
    let query: GetFilesOptions | null = {
      prefix: this.#prefix + prefix,
      ...(options.startOffset === undefined ? {} : { startOffset: this.#prefix + options.startOffset }),
      ...(options.versions === true ? { versions: true } : {}),
    };
    while (query !== null) {
      const [files, next]: Page = await this.#page(query, prefix);
      for (const file of files) yield toEntry(file, this.#prefix);
      query = next;
    }
  }

  async put(name: string, bytes: Uint8Array, options: { contentType?: string } = {}): Promise<void> {
    const file = await this.#file(name);
    const save = async (): Promise<void> => await this.#save(file, bytes, toSaveOptions(bytes, options));
    try {
      await retrying(this.#retry, save, isTransient);
    } catch (error) {
      throw toStoreError(error, `put ${name}`);
    }
  }

  async #file(name: string, generation?: string): Promise<File> {
    const full = this.#prefix + name;
    const size = Buffer.byteLength(full);
    if (name === '' || size > 1024 || /[\r\n]/.test(full) || !full.isWellFormed()) {
      throw new StoreError('invalid_name', `expected a name of 1 to 1024 bytes without line breaks, got ${size} bytes`);
    }
    return (await this.#bucket()).file(full, generation === undefined ? {} : { generation });
  }

  async #save(file: File, bytes: Uint8Array, options: SaveOptions): Promise<void> {
    // The library can lose an error of a broken connection; the limit here makes sure that every call ends.
    await withTimeout(file.save(asBuffer(bytes), options), this.#timeoutMs + 1_000);
  }

  async #read(file: File): Promise<StoredObject | undefined> {
    const abort = new AbortController();
    try {
      const options = { headers: this.#headers, timeoutMs: this.#timeoutMs, signal: abort.signal };
      return await withTimeout(readStored(file, options), this.#timeoutMs + 1_000);
    } catch (error) {
      // An answer that trickles in would go on doing so, beside the next attempt.
      abort.abort();
      if (toGcsFailure(error).kind === 'no-object') return undefined;
      throw error;
    }
  }

  async #page(query: GetFilesOptions, prefix: string): Promise<Page> {
    const bucket = await this.#bucket();
    try {
      return await retrying(
        this.#retry,
        async () => {
          // Said anew for every page: the library drops it from the query that it hands back.
          const onePage = { ...query, autoPaginate: false };
          const [files, next] = await withTimeout(bucket.getFiles(onePage), this.#timeoutMs + 1_000);
          return [files, isQuery(next) ? next : null];
        },
        isTransient,
      );
    } catch (error) {
      throw toStoreError(error, `list ${prefix}`);
    }
  }
}

type Page = readonly [readonly File[], GetFilesOptions | null];

function isQuery(value: unknown): value is GetFilesOptions {
  return typeof value === 'object' && value !== null && 'pageToken' in value;
}

function toSaveOptions(bytes: Uint8Array, options: { contentType?: string }): SaveOptions {
  return {
    resumable: bytes.byteLength > singleRequestBytes,
    // Sent first, the checksum is checked by GCS before it commits. The library's own check comes after the commit
    // and tries to delete, which a locked bucket refuses (archive.md §1, "Checksum mismatch").
    validation: false,
    metadata: { contentType: options.contentType ?? 'application/octet-stream', crc32c: toCrc32c(bytes) },
  };
}

function toEntry(file: File, prefix: string): ObjectEntry {
  const { size, generation, crc32c, timeDeleted, timeCreated } = file.metadata;
  return {
    name: file.name.slice(prefix.length),
    size: Number(size),
    generation: String(generation),
    timeCreated: String(timeCreated),
    ...(crc32c === undefined ? {} : { crc32c }),
    ...(timeDeleted === undefined ? {} : { noncurrent: true }),
  };
}
