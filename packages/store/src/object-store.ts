import type { Readable } from 'node:stream';

/** How a create-only write ended. Every kind means that the object exists; only the first two, with these bytes. */
export type CreateOutcome =
  /** This call made the object, and the store said so. */
  | { readonly kind: 'created'; readonly generation: string }
  /** The same bytes are there: from an earlier call, or from this one when its answer was lost. */
  | { readonly kind: 'exists-equal'; readonly generation: string }
  /** Other bytes hold the name. They are left alone. */
  | { readonly kind: 'conflict'; readonly generation: string };

/** One listed object, or with `versions` one generation of it. */
export interface ObjectEntry {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly generation: string;
  /** Base64 of the big-endian CRC-32C, where the store keeps one. */
  readonly crc32c?: string;
  /** Replaced or deleted by somebody; in a locked bucket always an incident. */
  readonly noncurrent?: boolean;
  /** RFC 3339. */
  readonly timeCreated: string;
}

/**
 * The object-store port (`archive.md` §4, "Exactly once"). Names are at most 1,024 bytes of UTF-8, and
 * slash-separated. All methods reject with `StoreError` only.
 */
export interface ObjectStore {
  /**
   * Create-only: never overwrites. Any doubtful answer is settled by reading the bytes back, so that calling it again
   * with the same bytes is always safe and leaves one generation.
   */
  create(name: string, bytes: Uint8Array, options?: { readonly contentType?: string }): Promise<CreateOutcome>;
  /** The stored bytes as they are, never unpacked; undefined when there is no such object. */
  get(name: string, options?: { readonly generation?: string }): Promise<Uint8Array | undefined>;
  /**
   * As `get`, in pieces as they come; undefined when there is no such object. The pieces reject when the answer breaks
   * off: then `get` tries again. Where it is absent, an object comes whole only.
   */
  open?(name: string, options?: { readonly generation?: string }): Promise<Readable | undefined>;
  /** Names that start with `prefix`, from `startOffset` on, in the order of their UTF-8 bytes. */
  list(
    prefix: string,
    options?: { readonly startOffset?: string; readonly versions?: boolean },
  ): AsyncIterable<ObjectEntry>;
  /** Replaces; only for derived, unlocked buckets. */
  put(name: string, bytes: Uint8Array, options?: { readonly contentType?: string }): Promise<void>;
}
