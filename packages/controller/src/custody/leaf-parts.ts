/** Long object lists in leaves that each fit into the log. */
import type { ObjectRef } from './custody-log.ts';

/** Well below the 65,535 bytes of a leaf: the rest is for who, why and what. */
const listBytes = 48 * 1024;

/** Splits a list; never empty, so that there is always a first leaf. */
export function toParts(objects: readonly ObjectRef[]): readonly (readonly ObjectRef[])[] {
  const parts: ObjectRef[][] = [[]];
  let bytes = 0;
  for (const one of objects) {
    const size = Buffer.byteLength(JSON.stringify(one)) + 1;
    if (bytes + size > listBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(one);
    bytes += size;
  }
  return parts;
}
