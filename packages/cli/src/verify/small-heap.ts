import { setFlagsFromString } from 'node:v8';

/**
 * From here on V8's nursery stays as large as it is, in this thread and in those that start later. What a line leaves
 * dies at once, so that a large one is only memory: it would grow to 48 MB a thread.
 */
export function keepNurserySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
