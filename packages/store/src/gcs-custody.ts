import type { File, GetFilesOptions } from '@google-cloud/storage';

import { type LazyBucket, defaultTimeoutMs, lazyBucket } from './gcs-connection.ts';
import { isTransient, reasonOf, toGcsFailure, toStoreError } from './gcs-failure.ts';
import type { GcsStoreOptions } from './gcs-store.ts';
import type { CustodyDeed, DeleteOutcome, ObjectCustody, ObjectState } from './object-custody.ts';
import { type RetrySettings, defaultRetry, retrying } from './retry.ts';
import { withTimeout } from './timeout.ts';

/** Custody of one GCS bucket (or an emulator's). Makes no request until it is used. */
export function createGcsCustody(options: GcsStoreOptions): ObjectCustody {
  return new GcsCustody(lazyBucket(options, options.bucket), options);
}

const permissionOf: Readonly<Record<CustodyDeed, string>> = {
  hold: 'storage.objects.update',
  delete: 'storage.objects.delete',
};

class GcsCustody implements ObjectCustody {
  readonly #bucket: LazyBucket;
  readonly #prefix: string;
  readonly #retry: RetrySettings;
  readonly #timeoutMs: number;

  constructor(bucket: LazyBucket, options: GcsStoreOptions) {
    this.#bucket = bucket;
    this.#prefix = options.prefix ?? '';
    this.#retry = { ...defaultRetry, ...options.retry };
    this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  }

  async may(deed: CustodyDeed): Promise<boolean> {
    const permission = permissionOf[deed];
    return await this.#call(`ask for ${permission}`, async () => {
      const [held] = await (await this.#bucket()).iam.testPermissions([permission]);
      return held[permission] === true;
    });
  }

  async *list(prefix: string): AsyncGenerator<ObjectState> {
    let query: GetFilesOptions | undefined = { prefix: this.#prefix + prefix, versions: true };
    while (query !== undefined) {
      const page: GetFilesOptions = { ...query, autoPaginate: false };
      const [files, next]: [File[], GetFilesOptions | undefined] = await this.#call(`list ${prefix}`, async () => {
        const [found, following] = await (await this.#bucket()).getFiles(page);
        return [found, following === null || following === undefined ? undefined : (following satisfies object)];
      });
      for (const file of files) yield this.#toState(file);
      query = next;
    }
  }

  async objectState(name: string, generation: string): Promise<ObjectState | undefined> {
    const file = await this.#file(name, generation);
    const found = await this.#unlessAbsent(`look at ${name}`, async () => {
      await file.getMetadata();
    });
    return found === 'absent' ? undefined : this.#toState(file);
  }

  async setHold(name: string, generation: string, held: boolean): Promise<'done' | 'absent'> {
    const file = await this.#file(name, generation);
    return await this.#unlessAbsent(`${held ? 'hold' : 'release'} ${name}`, async () => {
      await file.setMetadata({ temporaryHold: held });
    });
  }

  async deleteGeneration(name: string, generation: string): Promise<DeleteOutcome> {
    const file = await this.#file(name, generation);
    try {
      const outcome = await this.#unlessAbsent(`delete ${name}`, async () => {
        await file.delete();
      });
      return outcome === 'done' ? 'deleted' : 'absent';
    } catch (error) {
      const refusal = refusals[reasonOf(error) ?? ''];
      if (refusal === undefined) throw error;
      return refusal;
    }
  }

  async #file(name: string, generation: string): Promise<File> {
    return (await this.#bucket()).file(this.#prefix + name, { generation });
  }

  async #unlessAbsent(what: string, work: () => Promise<void>): Promise<'done' | 'absent'> {
    return await this.#call(what, async () => {
      try {
        await work();
        return 'done';
      } catch (error) {
        if (toGcsFailure(error).kind === 'no-object') return 'absent';
        throw error;
      }
    });
  }

  async #call<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await retrying(this.#retry, async () => await withTimeout(work(), this.#timeoutMs + 1_000), isTransient);
    } catch (error) {
      throw toStoreError(error, what);
    }
  }

  #toState(file: File): ObjectState {
    const { generation, timeCreated, timeDeleted, temporaryHold, eventBasedHold, retentionExpirationTime } =
      file.metadata;
    return {
      name: file.name.slice(this.#prefix.length),
      generation: String(generation),
      timeCreated: String(timeCreated),
      held: temporaryHold === true || eventBasedHold === true,
      ...(retentionExpirationTime === undefined ? {} : { retainedUntil: retentionExpirationTime }),
      ...(timeDeleted === undefined ? {} : { noncurrent: true }),
    };
  }
}

const refusals: Readonly<Record<string, DeleteOutcome>> = {
  objectUnderActiveHold: 'held',
  retentionPolicyNotMet: 'retained',
};
