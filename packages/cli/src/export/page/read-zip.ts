/** A zip's files, from its bytes, with what a browser has. Refuses what an export never is. */

/** Reads one file of the zip. */
export type ZipReader = () => Promise<Uint8Array>;

/** A zip that is no export of ours, or damaged; the message is for the person who opened it. */
export class ZipFault extends Error {
  override readonly name = 'ZipFault';
}

const maxEntryBytes = 64 * 1024 * 1024;
const endSize = 22;

/** The files by name. Throws `ZipFault`. Nothing is unpacked until it is read. */
export function readZip(bytes: Uint8Array): ReadonlyMap<string, ZipReader> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || at === 0xffffffff) throw new ZipFault('this page reads no zip64: use tacho verify');
  const files = new Map<string, ZipReader>();
  for (let i = 0; i < count; i += 1) {
    const entry = readEntry(bytes, view, at);
    if (files.has(entry.name)) throw new ZipFault(`two files of the name ${entry.name}`);
    files.set(entry.name, entry.read);
    at = entry.next;
  }
  return files;
}

function findEnd(view: DataView): number {
  for (let at = view.byteLength - endSize; at >= Math.max(0, view.byteLength - 65_557); at -= 1) {
    if (view.getUint32(at, true) === 0x06054b50) return at;
  }
  throw new ZipFault('not a whole zip');
}

interface Entry {
  readonly name: string;
  readonly read: ZipReader;
  readonly next: number;
}

function readEntry(bytes: Uint8Array, view: DataView, at: number): Entry {
  if (at + 46 > view.byteLength || view.getUint32(at, true) !== 0x02014b50) throw new ZipFault('damaged zip');
  const short = (offset: number): number => view.getUint16(at + offset, true);
  const long = (offset: number): number => view.getUint32(at + offset, true);
  const [method, packed, size] = [short(10), long(20), long(24)];
  const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + short(28)));
  const fileType = (long(38) >>> 16) & 0o170_000;
  if (!isPlain(name)) throw new ZipFault(`a name that leads outside of the export: ${name}`);
  if (fileType !== 0 && fileType !== 0o100_000) throw new ZipFault(`a link or another entry that is no file: ${name}`);
  if ((short(8) & 1) === 1 || (method !== 0 && method !== 8)) throw new ZipFault(`cannot be read: ${name}`);
  if (size > maxEntryBytes) throw new ZipFault(`unpacks to more than ${maxEntryBytes} bytes: ${name}`);
  const local = long(42);
  const read = async (): Promise<Uint8Array> => {
    const data = dataOf(bytes, view, local, packed);
    const unpacked = method === 0 ? data : await inflate(data, 'deflate-raw', size);
    if (unpacked.length !== size) throw new ZipFault(`damaged zip: ${name}`);
    return unpacked;
  };
  return { name, read, next: at + 46 + short(28) + short(30) + short(32) };
}

function isPlain(name: string): boolean {
  const parts = name.split('/');
  return !/[\\\p{Cc}]/u.test(name) && parts.every((part) => part !== '' && part !== '.' && part !== '..');
}

function dataOf(bytes: Uint8Array, view: DataView, local: number, packed: number): Uint8Array {
  if (local + 30 > view.byteLength || view.getUint32(local, true) !== 0x04034b50) throw new ZipFault('damaged zip');
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packed > view.byteLength) throw new ZipFault('damaged zip');
  return bytes.subarray(start, start + packed);
}

/** Unpacks as far as it goes, and no further than `limit` bytes. */
export async function inflate(
  bytes: Uint8Array,
  format: 'gzip' | 'deflate-raw',
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([Uint8Array.from(bytes)]).stream().pipeThrough(new DecompressionStream(format));
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limit) break;
    }
  } catch {
    // What came before the damage is evidence too.
  }
  const joined = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}
