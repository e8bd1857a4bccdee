/** `PUT /v1/blobs/<sha256>`: a masked body over 256 KiB, before the segment that names it. */
import { objectNames } from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';
import { sha256Hex } from '../keys/node-crypto.ts';
import { createObject } from './create-object.ts';
import type { IngestContext } from './ingest-context.ts';

export const maxBlobBytes = 16 * 1024 * 1024;

export interface BlobPlace {
  readonly stream: string;
  /** UTC day of the segment that names it. */
  readonly day: string;
  readonly sha256: string;
}

/** Stores a blob under its stream and day; the same bytes again are `created: false`. */
export async function putBlob(
  context: IngestContext,
  place: BlobPlace,
  bytes: Uint8Array,
): Promise<{ readonly created: boolean }> {
  if (sha256Hex(bytes) !== place.sha256) throw new ControllerError('name_mismatch', 'the bytes have another SHA-256');
  const name = objectNames.blob(place.day, place.stream, place.sha256);
  return createObject(context, { name, bytes, contentType: 'application/json' });
}

/** Refuses with `blob_missing` unless every named blob is stored with its size. */
export async function requireBlobs(
  context: IngestContext,
  place: Omit<BlobPlace, 'sha256'>,
  blobs: readonly { readonly sha256: string; readonly size: number }[],
): Promise<void> {
  for (const { sha256, size } of blobs) {
    const name = objectNames.blob(place.day, place.stream, sha256);
    const stored = await sizeOf(context, name);
    if (stored === undefined) throw new ControllerError('blob_missing', `blob ${sha256} is not stored`);
    if (stored !== size)
      throw new ControllerError('chain_broken', `blob ${sha256} has ${stored} bytes, record says ${size}`);
  }
}

async function sizeOf(context: IngestContext, name: string): Promise<number | undefined> {
  try {
    for await (const entry of context.store.list(name)) if (entry.name === name) return entry.size;
    return undefined;
  } catch (error) {
    throw new ControllerError('unavailable', 'the bucket does not answer', { cause: error, retryAfterMs: 2000 });
  }
}
