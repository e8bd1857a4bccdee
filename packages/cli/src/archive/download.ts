/** Fetches objects into a directory: in parallel, resumable, checked on the way. */
import { createHash, hash } from 'node:crypto';
import { type ObjectStore, StoreError, toCrc32c } from '@tachograph/store';
import PQueue from 'p-queue';
import { CliError } from '../cli-error.ts';
import { isPlaceable, type PullTarget } from './pull-target.ts';
import type { WantedObject } from './select-objects.ts';

/**
 * What became of one object. `differs`: fetched and kept as evidence, but not the bytes that the log names, or not
 * those of its own checksum. `refused`: its name leads outside of the directory; nothing was written.
 */
export type Fetched =
  | { readonly kind: 'fetched' | 'kept' | 'differs'; readonly name: string; readonly size: number }
  | { readonly kind: 'absent' | 'refused'; readonly name: string };

export interface DownloadOptions {
  readonly from: ObjectStore;
  readonly to: PullTarget;
  readonly wanted: Iterable<WantedObject>;
  readonly concurrency: number;
  readonly onFetched: (fetched: Fetched) => void;
}

/** Damage on the way is not there the next time; damage at rest is. */
const attempts = 3;

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
  const { name } = wanted;
  if (!isPlaceable(name)) return { kind: 'refused', name };
  const present = await to.read(name);
  if (present !== undefined && judge(present, wanted) === 'right') {
    return { kind: 'kept', name, size: present.byteLength };
  }
  if (await fetchInPieces(from, to, wanted)) return { kind: 'fetched', name, size: wanted.size ?? 0 };
  const fetched = await fetchChecked(from, wanted);
  if (fetched === undefined) return { kind: 'absent', name };
  // Damaged bytes are evidence too: they are kept for the verifier, which names the line.
  await to.write(name, fetched.bytes);
  return { kind: fetched.isRight ? 'fetched' : 'differs', name, size: fetched.bytes.byteLength };
}

/** Smaller objects come as fast whole. */
const pieceworthyBytes = 256 * 1024;

/** The way that nothing hinders: from the network to the disk, hashed on the way. Anything else is tried again whole. */
async function fetchInPieces(from: ObjectStore, to: PullTarget, wanted: WantedObject): Promise<boolean> {
  const { name, generation, sha256, size = 0 } = wanted;
  if (from.open === undefined || generation === undefined || sha256 === undefined || size < pieceworthyBytes)
    return false;
  try {
    const pieces = await from.open(name, { generation });
    if (pieces === undefined) return false;
    const digest = createHash('sha256');
    let length = 0;
    return await to.writePieces(name, pieces, {
      piece(piece) {
        digest.update(piece);
        length += piece.byteLength;
      },
      isRight: () => length === size && digest.digest('hex') === sha256,
    });
  } catch (error) {
    if (error instanceof CliError || error instanceof StoreError) throw error;
    return false;
  }
}

interface Checked {
  readonly bytes: Uint8Array;
  readonly isRight: boolean;
}

async function fetchChecked(from: ObjectStore, wanted: WantedObject): Promise<Checked | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const bytes = await getObject(from, wanted);
    if (bytes === undefined) return undefined;
    const verdict = judge(bytes, wanted);
    // Without anything to compare with, what came is what there is.
    if (verdict !== 'wrong') return { bytes, isRight: true };
    if (attempt === attempts || isAsStored(bytes, wanted)) return { bytes, isRight: false };
  }
}

async function getObject(from: ObjectStore, { name, generation }: WantedObject): Promise<Uint8Array | undefined> {
  // Where the named generation is gone, whatever stands there instead is evidence.
  const first = generation === undefined ? undefined : await from.get(name, { generation });
  return first ?? (await from.get(name));
}

/** The leaf's SHA-256 decides where there is one, and makes any checksum idle; else size and CRC-32C of the listing. */
function judge(bytes: Uint8Array, { sha256, size, crc32c }: WantedObject): 'right' | 'wrong' | 'unknown' {
  if (size !== undefined && size !== bytes.byteLength) return 'wrong';
  if (sha256 !== undefined) return sha256 === hash('sha256', bytes, 'hex') ? 'right' : 'wrong';
  if (crc32c === undefined) return 'unknown';
  return crc32c === toCrc32c(bytes) ? 'right' : 'wrong';
}

/** Other bytes than the log names, which came through whole: fetching again changes nothing. */
function isAsStored(bytes: Uint8Array, { sha256, crc32c }: WantedObject): boolean {
  return sha256 !== undefined && crc32c !== undefined && crc32c === toCrc32c(bytes);
}
