import { apiErrorStatus, type ApiErrorCode } from '@tachograph/protocol';

interface ControllerErrorOptions {
  /** When the caller may try again. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** Every failure of this package; `code` is what the caller reads on the wire, and `apiErrorStatus` its HTTP status. */
export class ControllerError extends Error {
  override readonly name = 'ControllerError';
  readonly code: ApiErrorCode;
  readonly retryAfterMs: number | undefined;

  constructor(code: ApiErrorCode, message: string, options: ControllerErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }

  get status(): number {
    return apiErrorStatus[this.code];
  }
}

/** Anything thrown as a `ControllerError`: what is not one is our fault and says nothing about itself on the wire. */
export function toControllerError(error: unknown): ControllerError {
  if (error instanceof ControllerError) return error;
  return new ControllerError('internal', 'the controller failed', { cause: error });
}
