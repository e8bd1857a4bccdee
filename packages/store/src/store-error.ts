/**
 * Why a store could not answer.
 * - `unavailable`: attempts are used up; the outcome of a write is unknown, and the same call may be made again.
 * - `denied`: credentials or permission are missing.
 * - `no_bucket`: the bucket or directory does not exist.
 * - `refused`: the store understood and says no (retention, checksum, malformed request).
 * - `invalid_name`: a name that this store cannot keep.
 * - `invalid_url`: not `gs://bucket[/prefix]`, and not a directory.
 * - `io`: the local file system failed.
 */
export type StoreErrorCode = 'unavailable' | 'denied' | 'no_bucket' | 'refused' | 'invalid_name' | 'invalid_url' | 'io';

/** The one error of this package; `cause` is what the client library or the system said. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
