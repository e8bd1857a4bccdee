import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Refused, Retry, ShipAnswer } from '../controller-client/answers.ts';
import type { SealedSegment } from './sealed-segment.ts';
import type { SessionKeys } from './session-keys.ts';
import type { ShippingPort } from './shipping-port.ts';

/** Blobs of one segment that the controller has taken. */
export type ShippedBlobs = Set<string>;

export interface ShippedWith {
  readonly pathOf: (sha256: string) => string;
  readonly shipped: ShippedBlobs;
  readonly keys: SessionKeys | undefined;
}

/**
 * Ships what a segment's bodies are sealed with, its blobs and then the segment. One file at a time is in memory. Rejects
 * with Node's errors when one cannot be read.
 */
export async function shipSegment(
  port: ShippingPort,
  segment: SealedSegment,
  { keys, ...blobs }: ShippedWith,
): Promise<ShipAnswer> {
  const { stream, day, name, signature } = segment;
  const refused = await shipKeys(port, stream, keys);
  if (refused !== undefined) return refused;
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

/** `undefined`: the controller has every key of the stream. */
async function shipKeys(
  port: ShippingPort,
  stream: string,
  keys: SessionKeys | undefined,
): Promise<Retry | Refused | undefined> {
  for (const [session, request] of keys?.waiting() ?? []) {
    if (request.stream !== stream) continue;
    const answer = await port.putSessionKey(session, request);
    if (answer.kind !== 'stored') return answer;
    await keys?.stored(session);
  }
  return undefined;
}
