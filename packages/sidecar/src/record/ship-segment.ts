import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ShipAnswer } from '../controller-client/answers.ts';
import type { SealedSegment } from './sealed-segment.ts';
import type { ShippingPort } from './shipping-port.ts';

/** Blobs of one segment that the controller has taken. */
export type ShippedBlobs = Set<string>;

/** Ships a segment's blobs and then the segment. One file at a time is in memory. Rejects with Node's errors when one cannot be read. */
export async function shipSegment(
  port: ShippingPort,
  segment: SealedSegment,
  blobs: { readonly pathOf: (sha256: string) => string; readonly shipped: ShippedBlobs },
): Promise<ShipAnswer> {
  const { stream, day, name, signature } = segment;
  for (const { sha256 } of segment.blobs) {
    if (blobs.shipped.has(sha256)) continue;
    const answer = await port.putBlob({ stream, day, sha256 }, await readFile(blobs.pathOf(sha256)));
    if (answer.kind !== 'stored') return answer;
    blobs.shipped.add(sha256);
  }
  const answer = await port.putSegment(name, await readFile(join(segment.dir, name)), signature);
  // It does not have what it once took: everything again.
  if (answer.kind === 'blob_missing') blobs.shipped.clear();
  return answer;
}
