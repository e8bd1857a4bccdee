/** Bytes of one body as they come. Joined piece by piece: many megabytes at once would hold up other calls. */

/** Up to this they are joined at the end. */
const joinedBytes = 256 * 1024;
const firstCapacity = 1024 * 1024;

export class ByteCollector {
  private readonly announced: number;
  private chunks: Buffer[] = [];
  private joined: Buffer | undefined;
  length = 0;

  /** `announced`: the length that the sender says there will be; 0 where it says none. Memory is taken only as bytes come. */
  constructor(announced: number) {
    this.announced = Number.isSafeInteger(announced) ? announced : 0;
  }

  add(chunk: Buffer): void {
    const at = this.length;
    this.length += chunk.length;
    if (this.length <= joinedBytes) this.chunks.push(chunk);
    else chunk.copy(this.reserve(at), at);
  }

  /** The first byte and those that came with it. */
  get first(): Buffer | undefined {
    return this.joined ?? this.chunks[0];
  }

  /** All of them; the collector is empty then. One chunk, the usual case, is not copied. */
  take(): Buffer {
    const { chunks, joined, length } = this;
    this.chunks = [];
    this.joined = undefined;
    if (joined !== undefined) return joined.subarray(0, length);
    const [only] = chunks;
    return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, length);
  }

  /** Room for `length`, with the first `filled` bytes in it. */
  private reserve(filled: number): Buffer {
    const { joined, length, announced } = this;
    if (joined !== undefined && joined.length >= length) return joined;
    const doubled = Math.max(length, firstCapacity, (joined?.length ?? 0) * 2);
    // Never more than twice what has come, whatever is announced.
    const capacity = announced >= length && announced <= doubled * 2 ? announced : doubled;
    const grown = Buffer.allocUnsafeSlow(capacity);
    if (joined === undefined) Buffer.concat(this.chunks, filled).copy(grown);
    else joined.copy(grown, 0, 0, filled);
    this.chunks = [];
    this.joined = grown;
    return grown;
  }
}
