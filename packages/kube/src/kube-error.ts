/** What an API call can come to besides an answer. */
export const kubeErrorCodes = [
  'not_found',
  'conflict',
  'gone',
  'forbidden',
  'invalid',
  'unavailable',
  'protocol',
  'configuration',
] as const;
export type KubeErrorCode = (typeof kubeErrorCodes)[number];

/** Every failure of this package. `conflict`: another writer was first; `gone`: a resource version is too old. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly code: KubeErrorCode;
  /** HTTP status, when the API server answered. */
  readonly status: number | undefined;

  constructor(
    code: KubeErrorCode,
    message: string,
    options: { readonly status?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status;
  }
}

const codeOfStatus: Readonly<Record<number, KubeErrorCode>> = {
  401: 'forbidden',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  410: 'gone',
  400: 'invalid',
  422: 'invalid',
};

/** The error of a refused request; `detail` is the API server's own message, which names objects but no payload. */
export function toKubeError(request: string, status: number, detail: string): KubeError {
  return new KubeError(codeOfStatus[status] ?? 'unavailable', `${request}: got ${status}: ${detail}`, { status });
}

/** Whether an error is a `KubeError` with this code. */
export function isKubeError(error: unknown, code: KubeErrorCode): error is KubeError {
  return error instanceof KubeError && error.code === code;
}
