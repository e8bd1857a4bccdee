import { createGunzip, gunzipSync } from 'node:zlib';
import type { Gunzip, Unzipped } from '@tachograph/archive';
import { freeBytes } from './free-bytes.ts';

/** At once where the stream is whole; else as far as it goes, so that a corrupt segment shows the lines before the damage. */
export const nodeGunzip: Gunzip = async (bytes, limitBytes) => {
  try {
    const size = Math.min(statedSize(bytes), limitBytes);
    const unzipped = gunzipSync(bytes, { maxOutputLength: limitBytes, chunkSize: size + 64 });
    return { bytes: unzipped, complete: true, release: () => freeBytes(unzipped) };
  } catch {
    return await gunzipPrefix(bytes, limitBytes);
  }
};

/** What the trailer says of the unpacked size: a hint that spares copies, believed only within the limit. */
function statedSize(bytes: Uint8Array): number {
  if (bytes.length < 18) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4).getUint32(0, true);
}

async function gunzipPrefix(bytes: Uint8Array, limitBytes: number): Promise<Unzipped> {
  const chunks: Buffer[] = [];
  let size = 0;
  const stream = createGunzip();
  try {
    stream.end(bytes);
    const parts: AsyncIterable<Buffer> = stream;
    for await (const chunk of parts) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limitBytes) return { bytes: Buffer.concat(chunks).subarray(0, limitBytes), complete: false };
    }
    return { bytes: Buffer.concat(chunks), complete: true };
  } catch {
    return { bytes: Buffer.concat(chunks), complete: false };
  } finally {
    stream.destroy();
  }
}
