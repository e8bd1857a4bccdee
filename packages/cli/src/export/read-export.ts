/**
 * Reads an exported zip in place: nothing is unpacked to disk. Names, sizes and kinds of its entries are those of an
 * attacker until they are checked.
 */
import { crc32 } from 'node:zlib';
import type { ArchiveSource } from '@tachograph/archive';
import { type Entry, open, type ZipFile } from 'yauzl';
import { isPlaceable } from '../archive/pull-target.ts';
import { CliError } from '../cli-error.ts';

/** An opened export. */
export interface ExportFile {
  /** Its files by name; `list('')` gives all. */
  readonly source: ArchiveSource;
  close(): void;
}

/** What a session export may be at most: a larger one is a bomb or no export. */
const exportLimits = {
  entries: 200_000,
  entryBytes: 64 * 1024 * 1024,
  totalBytes: 64 * 1024 * 1024 * 1024,
  /** Of what one entry unpacks to, against its packed bytes: deflate does no better than 1032. */
  ratio: 1100,
} as const;

/**
 * Opens a zip and checks every entry before any is read. Throws `not_found` when it cannot be read as a zip, and
 * `refused` for names that lead outside, doubled names, links, encryption, and sizes beyond the limits.
 */
export async function openExport(path: string): Promise<ExportFile> {
  const zip = await openZip(path);
  try {
    const entries = await readEntries(zip);
    return { source: toSource(zip, entries), close: () => zip.close() };
  } catch (error) {
    zip.close();
    if (error instanceof CliError) throw error;
    throw new CliError('not_found', `${path}: damaged zip: ${reasonOf(error)}`, { cause: error });
  }
}

async function openZip(path: string): Promise<ZipFile> {
  const { promise, resolve, reject } = Promise.withResolvers<ZipFile>();
  // Names are checked here, as bytes and whole: the library would rewrite backslashes first.
  open(path, { lazyEntries: true, autoClose: false, decodeStrings: false }, (error: Error | null, zip) => {
    if (error === null) resolve(zip);
    else reject(new CliError('not_found', `${path}: not a whole zip: ${reasonOf(error)}`, { cause: error }));
  });
  return await promise;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function readEntries(zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > exportLimits.entries) throw refusal(`more than ${exportLimits.entries} entries`);
  const entries = new Map<string, Entry>();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let total = 0;
  zip.on('entry', (entry: Entry) => {
    try {
      total += entry.uncompressedSize;
      takeEntry(entries, entry, total);
      zip.readEntry();
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)));
    }
  });
  zip.on('error', reject);
  zip.on('end', () => resolve(undefined));
  zip.readEntry();
  await promise;
  return entries;
}

function takeEntry(entries: Map<string, Entry>, entry: Entry, total: number): void {
  const name = checkEntry(entry);
  if (entries.has(name)) throw refusal('two entries of the same name', name);
  if (total > exportLimits.totalBytes) throw refusal(`unpacks to more than ${exportLimits.totalBytes} bytes`);
  entries.set(name, entry);
}

function refusal(reason: string, name?: string): CliError {
  return new CliError('refused', `refused zip: ${reason}${name === undefined ? '' : `: ${JSON.stringify(name)}`}`);
}

function checkEntry(entry: Entry): string {
  const raw = Buffer.from(entry.fileNameRaw);
  const name = raw.toString('utf8');
  const reason = entryFault(entry, name, raw);
  if (reason !== undefined) throw refusal(reason, name);
  return name;
}

const fileTypeMask = 0o170_000;
const regularFile = 0o100_000;

function entryFault(entry: Entry, name: string, raw: Buffer): string | undefined {
  if (!raw.equals(Buffer.from(name)) || !isPlaceable(name)) return 'a name that leads outside of the export';
  // Unix mode of the entry; 0 where the writer states none.
  const type = (entry.externalFileAttributes >>> 16) & fileTypeMask;
  if (type !== 0 && type !== regularFile) return 'a link or another entry that is no file';
  if (entry.isEncrypted()) return 'an encrypted entry';
  return sizeFault(entry);
}

function sizeFault({ compressedSize, uncompressedSize, compressionMethod }: Entry): string | undefined {
  if (compressionMethod !== 0 && compressionMethod !== 8) return 'an entry that is neither stored nor deflated';
  if (uncompressedSize > exportLimits.entryBytes) return `an entry over ${exportLimits.entryBytes} bytes`;
  const isBomb = uncompressedSize > compressedSize * exportLimits.ratio + 1024;
  return isBomb ? 'an entry that claims to unpack to more than deflate can pack' : undefined;
}

/** A copy, not the bucket itself. Bytes whose checksum does not hold are damage, and are given as they are read. */
function toSource(zip: ZipFile, entries: ReadonlyMap<string, Entry>): ArchiveSource {
  return {
    authoritative: false,
    async *list(prefix) {
      await Promise.resolve();
      for (const [name, { uncompressedSize: size }] of entries) {
        if (name.startsWith(prefix)) yield { name, size, generation: '1' };
      }
    },
    async get(name) {
      const entry = entries.get(name);
      return entry === undefined ? undefined : await readEntry(zip, entry, name);
    },
  };
}

async function readEntry(zip: ZipFile, entry: Entry, name: string): Promise<Uint8Array> {
  let bytes: Buffer;
  try {
    bytes = await collectEntry(zip, entry);
  } catch (cause) {
    throw new CliError('refused', `damaged zip: ${JSON.stringify(name)} cannot be unpacked`, { cause });
  }
  if (crc32(bytes) === entry.crc32) return bytes;
  throw new CliError('refused', `damaged zip: the checksum of ${JSON.stringify(name)} does not hold`);
}

/** By events: the library's streams never say that they are closed, which an iterator would wait for. */
async function collectEntry(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  zip.openReadStream(entry, (error: Error | null, stream) => {
    if (error !== null) return reject(error);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('end', () => resolve(Buffer.concat(chunks)));
    return undefined;
  });
  return await promise;
}
