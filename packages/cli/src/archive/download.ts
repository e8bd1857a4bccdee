/** Fetches objects into a directory: in parallel, resumable, hashes compared on the way. */
import { hash } from 'node:crypto';
import { type ObjectStore, StoreError, toCrc32c } from '@tachograph/store';
import PQueue from 'p-queue';
import type { WantedObject } from './select-objects.ts';

/** What became of one object. `differs`: fetched, but not the bytes that the log names. */
export type Fetched =
  | { readonly kind: 'fetched' | 'kept'; readonly name: string; readonly size: number }
  | { readonly kind: 'differs' | 'absent'; readonly name: string };

export interface DownloadOptions {
  readonly from: ObjectStore;
  /** The directory. Names are checked by its store: nothing is written outside of it. */
  readonly to: ObjectStore;
  readonly wanted: Iterable<WantedObject>;
  readonly concurrency: number;
  readonly onFetched: (fetched: Fetched) => void;
}

/** Fetches all; an object that is there already with the same bytes is kept. */
export async function download(options: DownloadOptions): Promise<void> {
  const queue = new PQueue({ concurrency: options.concurrency });
  const failures: unknown[] = [];
  for (const wanted of options.wanted) {
    const work = queue.add(async () => options.onFetched(await fetchOne(options, wanted)));
    work.catch((error: unknown) => {
      failures.push(error);
      queue.clear();
    });
    await queue.onSizeLessThan(options.concurrency);
    if (failures.length > 0) break;
  }
  await queue.onIdle();
  if (failures.length > 0) throw failures[0];
}

async function fetchOne({ from, to }: DownloadOptions, wanted: WantedObject): Promise<Fetched> {
  const { name, generation } = wanted;
  const present = await getOrNothing(to, name);
  if (present !== undefined && isSame(present, wanted)) return { kind: 'kept', name, size: present.byteLength };
  const bytes =
    (generation === undefined ? undefined : await from.get(name, { generation })) ?? (await getOrNothing(from, name));
  if (bytes === undefined) return { kind: 'absent', name };
  // Damaged bytes are evidence too: they are kept for the verifier, which names the line.
  await to.put(name, bytes);
  const right = wanted.sha256 === undefined || wanted.sha256 === hash('sha256', bytes, 'hex');
  return right ? { kind: 'fetched', name, size: bytes.byteLength } : { kind: 'differs', name };
}

async function getOrNothing(store: ObjectStore, name: string): Promise<Uint8Array | undefined> {
  try {
    return await store.get(name);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'invalid_name') return undefined;
    throw error;
  }
}

/** Only hashes decide; without one the object is fetched again. */
function isSame(present: Uint8Array, wanted: WantedObject): boolean {
  if (wanted.sha256 !== undefined) return wanted.sha256 === hash('sha256', present, 'hex');
  return wanted.crc32c !== undefined && wanted.crc32c === toCrc32c(present);
}
