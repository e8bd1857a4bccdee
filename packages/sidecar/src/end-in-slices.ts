import type { Writable } from 'node:stream';

/** What one write copies into the kernel at most: a socket takes many megabytes at once, and others would wait. */
const sliceBytes = 512 * 1024;

/** As `end(body)`, with turns of the event loop between the slices of a long one. It must not change meanwhile. */
export function endInSlices(stream: Writable, body: Uint8Array | string | undefined): void {
  if (body === undefined || typeof body === 'string' || body.length <= sliceBytes) return void stream.end(body);
  const long = body;
  const next = (at: number): void => {
    const end = at + sliceBytes;
    if (stream.destroyed) return;
    if (end >= long.length) return void stream.end(long.subarray(at));
    stream.write(long.subarray(at, end), (error) => {
      if (error === null || error === undefined) setImmediate(next, end);
    });
  };
  return next(0);
}
