import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { createGzip, type Gzip } from 'node:zlib';

/** What became of the lines of a raw segment. */
export interface PackedLines {
  /** Hex, of the compressed bytes. */
  readonly sha256: string;
  readonly packedBytes: number;
}

/** One level for ever: sealing the same lines again gives the same bytes and so the same name. */
const gzipOptions = { level: 1, memLevel: 9, chunkSize: 64 * 1024 } as const;

const lf = 0x0a;
const pieceBytes = 256 * 1024;

/**
 * Compresses the first `length` bytes of a file of lines into another file, synced, without holding either in memory.
 * `onPiece` sees the bytes in order, always whole lines; they are gone when it returns. Rejects with Node's errors.
 */
export async function packLines(
  from: { readonly path: string; readonly length: number },
  to: string,
  onPiece: (lines: Buffer) => void,
): Promise<PackedLines> {
  const source = await open(from.path, 'r');
  try {
    const target = await open(to, 'w', 0o600);
    try {
      const packed = await compress(wholeLines(source, from.length), target, onPiece);
      await target.sync();
      return packed;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function compress(
  pieces: AsyncIterable<Buffer>,
  target: FileHandle,
  onPiece: (lines: Buffer) => void,
): Promise<PackedLines> {
  const gzip = createGzip(gzipOptions);
  // A source that fails shows in the drain; so does a full disk, of which the feed sees a broken pipe only.
  const fed = feed(gzip, pieces, onPiece).catch((error: Error) => void gzip.destroy(error));
  try {
    return await drain(gzip, target);
  } finally {
    await fed;
  }
}

async function feed(gzip: Gzip, pieces: AsyncIterable<Buffer>, onPiece: (lines: Buffer) => void): Promise<void> {
  for await (const piece of pieces) {
    onPiece(piece);
    // The piece's memory is used again: it must have been taken.
    await writeTo(gzip, piece);
  }
  gzip.end();
}

async function drain(gzip: Gzip, target: FileHandle): Promise<PackedLines> {
  const sum = createHash('sha256');
  let packedBytes = 0;
  for await (const chunk of gzip as AsyncIterable<Buffer>) {
    sum.update(chunk);
    await writeAll(target, chunk);
    packedBytes += chunk.length;
  }
  return { sha256: sum.digest('hex'), packedBytes };
}

async function writeAll(target: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await target.write(bytes, at)).bytesWritten;
}

function writeTo(gzip: Gzip, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    gzip.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}

/** Pieces of one reused buffer, each ending with a line; the buffer grows for a line that is longer. */
async function* wholeLines(source: FileHandle, length: number): AsyncGenerator<Buffer> {
  let buffer = Buffer.allocUnsafeSlow(Math.min(pieceBytes, length));
  for (let at = 0; at < length;) {
    const read = await readFully(source, buffer, { at, length: Math.min(buffer.length, length - at) });
    const end = at + read.length === length ? read.length : read.lastIndexOf(lf) + 1;
    if (end === 0) {
      buffer = Buffer.allocUnsafeSlow(Math.min(buffer.length * 2, length - at));
      continue;
    }
    yield read.subarray(0, end);
    at += end;
  }
}

async function readFully(
  source: FileHandle,
  buffer: Buffer,
  { at, length }: { readonly at: number; readonly length: number },
): Promise<Buffer> {
  for (let done = 0; done < length;) {
    const { bytesRead } = await source.read(buffer, done, length - done, at + done);
    if (bytesRead === 0) throw new Error(`segment file of ${at + done} bytes, expected ${at + length}`);
    done += bytesRead;
  }
  return buffer.subarray(0, length);
}
