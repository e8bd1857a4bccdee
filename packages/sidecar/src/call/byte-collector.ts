/** Bytes of one body as they come. */

/** Up to this they are joined at the end. */
const joinedBytes = 256 * 1024;
const stepBytes = 256 * 1024;
/** Address space, not memory; more is taken where a limit is set higher than usual. */
const reservedBytes = 17 * 1024 * 1024;

/** Longer bodies grow where they are: to copy many megabytes at once would hold up other calls. */
export class ByteCollector {
  private chunks: Buffer[] = [];
  private room: ArrayBuffer | undefined;
  length = 0;

  add(chunk: Buffer): void {
    const at = this.length;
    this.length += chunk.length;
    if (this.length <= joinedBytes) this.chunks.push(chunk);
    else Buffer.from(this.reserve(at)).set(chunk, at);
  }

  /** The first bytes that came; undefined where none did. */
  get first(): Buffer | undefined {
    return this.room === undefined ? this.chunks[0] : Buffer.from(this.room, 0, joinedBytes);
  }

  /** All of them; the collector is empty then. One chunk, the usual case, is not copied. */
  take(): Buffer {
    const { chunks, room, length } = this;
    this.chunks = [];
    this.room = undefined;
    this.length = 0;
    if (room !== undefined) return Buffer.from(room, 0, length);
    const [only] = chunks;
    return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, length);
  }

  /** Room for all that has come, with the first `filled` bytes in it. */
  private reserve(filled: number): ArrayBuffer {
    const needed = Math.ceil(this.length / stepBytes) * stepBytes;
    const { room } = this;
    if (room !== undefined && needed <= room.maxByteLength) {
      if (needed > room.byteLength) room.resize(needed);
      return room;
    }
    const before = room === undefined ? Buffer.concat(this.chunks) : Buffer.from(room, 0, filled);
    const grown = new ArrayBuffer(needed, { maxByteLength: Math.max(reservedBytes, needed * 2) });
    Buffer.from(grown).set(before);
    this.chunks = [];
    this.room = grown;
    return grown;
  }
}
