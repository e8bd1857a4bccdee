/** The archive's own objects in an export. */
import type { SegmentLeaf } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { blobKeys, prefixesOf } from '../archive/select-objects.ts';
import { CliError } from '../cli-error.ts';
import type { ZipEntry } from './write-zip.ts';

/** The object under its own name, as stored; by generation where a leaf names one. */
export function objectEntry(store: ObjectStore, name: string, generation?: string): ZipEntry {
  return {
    name,
    async bytes() {
      const named = generation === undefined ? undefined : await store.get(name, { generation });
      const bytes = named ?? (await store.get(name));
      if (bytes === undefined) throw new CliError('not_found', `the archive lacks ${name}: an export would not verify`);
      return bytes;
    },
  };
}

/** Names of the blobs that the segments name: a leaf states a blob's hash, and not its day. */
export async function blobNames(store: ObjectStore, segments: readonly SegmentLeaf[]): Promise<readonly string[]> {
  const wanted = blobKeys(segments);
  const found = new Map<string, string>();
  for (const prefix of prefixesOf([], segments)) {
    for await (const { name } of store.list(prefix)) {
      const key = /^v1\/blobs\/[^/]+\/(.+)$/.exec(name)?.[1] ?? '';
      if (wanted.has(key)) found.set(key, name);
    }
  }
  const absent = [...wanted].find((key) => !found.has(key));
  if (absent !== undefined) throw new CliError('not_found', `the archive lacks the blob ${absent}: pull and verify it`);
  return [...found.values()].toSorted();
}

/** Every key object: there is one for each stream and log key. */
export async function keyNames(store: ObjectStore): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of store.list('v1/keys/')) names.push(name);
  return names;
}
