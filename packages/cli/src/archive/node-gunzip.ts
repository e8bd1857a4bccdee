import { createGunzip } from 'node:zlib';
import type { Gunzip } from '@tachograph/archive';

/** Unpacks as far as it goes: a corrupt segment still shows the lines before the damage. */
export const nodeGunzip: Gunzip = async (bytes, limitBytes) => {
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
};
