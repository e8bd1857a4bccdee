import type { SegmentSignature } from '@tachograph/protocol';

export interface BlobRef {
  readonly sha256: string;
  readonly size: number;
}

/** A sealed segment in the spool: its bytes never change again. */
export interface SealedSegment {
  /** `<spool>/<stream>`. */
  readonly dir: string;
  readonly stream: string;
  /** File name, in the spool as in the archive. */
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** Size of the `.gz`. */
  readonly bytes: number;
  readonly signature: SegmentSignature;
  readonly blobs: readonly BlobRef[];
  /** Wall-clock time of its first record that is no heartbeat. */
  readonly oldestMs: number | undefined;
}
