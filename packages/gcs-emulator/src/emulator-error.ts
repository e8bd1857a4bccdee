/** Every refusal that the emulator can answer; the names are the `reason` values of the GCS JSON API. */
export type EmulatorErrorCode =
  | 'notModified'
  | 'invalid'
  | 'required'
  | 'parseError'
  | 'authError'
  | 'forbidden'
  | 'insufficientPermissions'
  | 'retentionPolicyNotMet'
  | 'objectUnderActiveHold'
  | 'notFound'
  | 'conflict'
  | 'gone'
  | 'conditionNotMet'
  | 'requestedRangeNotSatisfiable'
  | 'rateLimitExceeded'
  | 'internalError'
  | 'notImplemented'
  | 'backendError';

const statusOf: Readonly<Record<EmulatorErrorCode, number>> = {
  notModified: 304,
  invalid: 400,
  required: 400,
  parseError: 400,
  authError: 401,
  forbidden: 403,
  insufficientPermissions: 403,
  retentionPolicyNotMet: 403,
  objectUnderActiveHold: 403,
  notFound: 404,
  conflict: 409,
  gone: 410,
  conditionNotMet: 412,
  requestedRangeNotSatisfiable: 416,
  rateLimitExceeded: 429,
  internalError: 500,
  notImplemented: 501,
  backendError: 503,
};

/** A refusal, worded and classified as GCS words and classifies it. */
export class EmulatorError extends Error {
  override readonly name = 'EmulatorError';
  readonly code: EmulatorErrorCode;
  /** HTTP status of the answer. */
  readonly status: number;
  /** What the `location` field of the error names: a query parameter or a header. */
  readonly location: string | undefined;

  constructor(code: EmulatorErrorCode, message: string, options: { location?: string; status?: number } = {}) {
    super(message);
    this.code = code;
    this.status = options.status ?? statusOf[code];
    this.location = options.location;
  }
}

/** The body of an error answer: `error.errors[]` is what client libraries read. */
export function toErrorBody(error: EmulatorError): object {
  const locationType = error.location === 'If-Match' || error.location === 'Authorization' ? 'header' : 'parameter';
  const location = error.location === undefined ? {} : { locationType, location: error.location };
  return {
    error: {
      code: error.status,
      message: error.message,
      errors: [{ message: error.message, domain: 'global', reason: error.code, ...location }],
    },
  };
}
