/** One version of one object, as a listing shows it. */
export interface ListedObject {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly generation: string;
  /** Hidden by another version, or deleted. */
  readonly noncurrent?: boolean;
}

/** Read access to an archive: a bucket, or a copy of it in a directory. May reject when it cannot be read at all. */
export interface ArchiveSource {
  /** Every version of every object whose name starts with `prefix`. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /** Stored bytes, never unpacked; `undefined` when there is no such object or generation. A copy may ignore `generation`. */
  get(name: string, generation?: string): Promise<Uint8Array | undefined>;
  /** Gives the memory of what `get` gave back at once; nothing may read it after that. */
  readonly release?: (bytes: Uint8Array) => void;
  /** True for the bucket itself: what its listing lacks is gone, while a copy may be incomplete. */
  readonly authoritative: boolean;
}

/** As far as it goes: `complete` is false when the stream is corrupt, torn, or larger than `limitBytes`. */
export interface Unzipped {
  readonly bytes: Uint8Array;
  readonly complete: boolean;
  /** Gives the memory of `bytes` back at once, where the platform can; nothing may read them after it. */
  readonly release?: () => void;
}

/** Unpacks gzip. Never rejects on bad bytes. */
export type Gunzip = (bytes: Uint8Array, limitBytes: number) => Promise<Unzipped>;
