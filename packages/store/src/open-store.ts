import { fileURLToPath } from 'node:url';

import { createDirectoryCustody } from './directory-custody.ts';
import { createDirectoryStore } from './directory-store.ts';
import { createGcsCustody } from './gcs-custody.ts';
import { type GcsStoreOptions, createGcsStore } from './gcs-store.ts';
import type { ObjectCustody } from './object-custody.ts';
import type { ObjectStore } from './object-store.ts';
import { StoreError } from './store-error.ts';

/** What a store needs beyond its address. */
export type OpenStoreOptions = Omit<GcsStoreOptions, 'bucket' | 'prefix'>;

/** A parsed store address. */
export type StoreLocation =
  | { readonly kind: 'gcs'; readonly bucket: string; readonly prefix: string }
  | { readonly kind: 'directory'; readonly path: string };

/**
 * Opens `gs://bucket[/prefix]`, `file:///path` or a directory path. `STORAGE_EMULATOR_HOST` is honoured by the client
 * library itself; `apiEndpoint` says the same explicitly. Nothing is contacted yet.
 */
export function openStore(url: string, options: OpenStoreOptions = {}): ObjectStore {
  const location = parseStoreUrl(url);
  if (location.kind === 'directory') return createDirectoryStore(location.path);
  return createGcsStore({ ...options, bucket: location.bucket, prefix: location.prefix });
}

/** Custody of what `openStore` opens at the same address. Nothing is contacted yet. */
export function openCustody(url: string, options: OpenStoreOptions = {}): ObjectCustody {
  const location = parseStoreUrl(url);
  if (location.kind === 'directory') return createDirectoryCustody(location.path);
  return createGcsCustody({ ...options, bucket: location.bucket, prefix: location.prefix });
}

/** Reads a store's address; throws `invalid_url` for other schemes and impossible bucket names. */
export function parseStoreUrl(url: string): StoreLocation {
  const gcs = /^gs:\/\/([^/]*)(?:\/(.*))?$/.exec(url);
  if (gcs !== null) {
    const bucket = gcs[1] ?? '';
    if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(bucket)) throw invalid(url);
    const path = (gcs[2] ?? '').replace(/\/+$/, '');
    return { kind: 'gcs', bucket, prefix: path === '' ? '' : `${path}/` };
  }
  if (url.startsWith('file://')) return { kind: 'directory', path: toPath(url) };
  if (url === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(url)) throw invalid(url);
  return { kind: 'directory', path: url };
}

function toPath(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw invalid(url, error);
  }
}

function invalid(url: string, cause?: unknown): StoreError {
  return new StoreError(
    'invalid_url',
    `expected gs://bucket[/prefix] or a directory, got ${JSON.stringify(url)}`,
    cause,
  );
}
