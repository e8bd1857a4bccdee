/** An archive by its address: `gs://bucket[/prefix]` or a directory. */
import { type ObjectStore, openStore, parseStoreUrl, StoreError } from '@tachograph/store';
import type { ArchiveSource } from '@tachograph/archive';
import { freeBytes } from './free-bytes.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';

/** Options by which every command that reads an archive finds it. */
export interface ArchiveOptions {
  readonly bucket?: string;
  readonly endpoint?: string;
}

/** An opened archive. `isBucket`: the thing itself, not a copy. */
export interface OpenedArchive {
  readonly store: ObjectStore;
  readonly isBucket: boolean;
  readonly address: string;
}

/** Address from `--bucket`, else `TACHO_BUCKET`; endpoint from `--endpoint`, else `STORAGE_EMULATOR_HOST`. */
export function openArchive(context: CliContext, options: ArchiveOptions): OpenedArchive {
  const address = options.bucket ?? context.env['TACHO_BUCKET'];
  if (address === undefined || address === '') {
    throw new CliError('usage', 'expected --bucket gs://… or a directory, or TACHO_BUCKET');
  }
  const store = openStore(address, { apiEndpoint: endpointOf(context, options.endpoint) });
  return { store, address, isBucket: parseStoreUrl(address).kind === 'gcs' };
}

/** Address of an emulator, as a URL; `undefined` for real GCS. */
export function endpointOf(context: CliContext, option: string | undefined): string | undefined {
  const address = option ?? context.env['STORAGE_EMULATOR_HOST'];
  if (address === undefined || address === '') return undefined;
  return /^https?:\/\//.test(address) ? address : `http://${address}`;
}

/** The store as the verifier reads it. Names and generations that no store can hold are objects that do not exist. */
export function toArchiveSource({ store, isBucket }: OpenedArchive): ArchiveSource {
  return {
    authoritative: isBucket,
    release: freeBytes,
    list: (prefix) => store.list(prefix, { versions: true }),
    async get(name, generation) {
      if (generation !== undefined && !/^\d{1,19}$/.test(generation)) return undefined;
      try {
        return await store.get(name, generation === undefined ? {} : { generation });
      } catch (error) {
        if (error instanceof StoreError && error.code === 'invalid_name') return undefined;
        throw error;
      }
    },
  };
}
