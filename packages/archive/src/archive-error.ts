/**
 * Why a writer's input was refused. Readers return values instead: what they read is never trusted. `bad_tree`: an
 * archive from which nothing can be derived, because its log does not hold together.
 */
export type ArchiveErrorCode = 'bad_key' | 'bad_leaf' | 'bad_name' | 'bad_text' | 'bad_tree' | 'out_of_range';

/** Misuse by the caller that writes: a bug on our side, not the archive's content. */
export class ArchiveError extends Error {
  readonly code: ArchiveErrorCode;

  constructor(code: ArchiveErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ArchiveError';
    this.code = code;
  }
}
