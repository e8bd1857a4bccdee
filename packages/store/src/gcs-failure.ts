import { StoreError, type StoreErrorCode } from './store-error.ts';

/** What an error of the client library means. */
export type GcsFailure =
  | { readonly kind: 'no-object' }
  | { readonly kind: 'no-bucket' }
  /** 412 or 409: somebody was first, or this call was and its answer was lost. */
  | { readonly kind: 'taken' }
  /** 401 or 403: no permission, retention, or a hold; on an existing name it may also mean "exists". */
  | { readonly kind: 'denied' }
  /** Any other 4xx. */
  | { readonly kind: 'refused' }
  /** 408, 429, 5xx, and everything without an HTTP status: the outcome of a write is unknown. */
  | { readonly kind: 'unknown' };

/** Classifies by status; what has none (reset, timeout, DNS) is `unknown`. */
export function toGcsFailure(error: unknown): GcsFailure {
  const status = statusOf(error);
  const text = String(valueOf(error, 'message'));
  if (status === undefined)
    return { kind: /could not load the default credentials/i.test(text) ? 'denied' : 'unknown' };
  if (status === 404) return { kind: /bucket does not exist/i.test(text) ? 'no-bucket' : 'no-object' };
  return { kind: kindByStatus[status] ?? (status >= 500 ? 'unknown' : 'refused') };
}

const kindByStatus: Readonly<Record<number, GcsFailure['kind']>> = {
  401: 'denied',
  403: 'denied',
  408: 'unknown',
  409: 'taken',
  412: 'taken',
  429: 'unknown',
};

export function isTransient(error: unknown): boolean {
  return toGcsFailure(error).kind === 'unknown';
}

/** Wraps an error of the client library; `what` says what was tried, never with payload. */
export function toStoreError(error: unknown, what: string): StoreError {
  if (error instanceof StoreError) return error;
  const { code, text } = wording[toGcsFailure(error).kind];
  return new StoreError(code, `${what}: ${text}`, error);
}

const refused = { code: 'refused', text: 'the store refused' } as const;
const wording: Readonly<Record<GcsFailure['kind'], { readonly code: StoreErrorCode; readonly text: string }>> = {
  'no-bucket': { code: 'no_bucket', text: 'the bucket does not exist' },
  'no-object': refused,
  taken: refused,
  refused,
  denied: { code: 'denied', text: 'not permitted' },
  unknown: { code: 'unavailable', text: 'no answer that settles it' },
};

/** GCS's own word for its refusal, such as `retentionPolicyNotMet`; also of a `StoreError` that wraps it. */
export function reasonOf(error: unknown): string | undefined {
  const cause = error instanceof StoreError ? error.cause : error;
  const errors: unknown = valueOf(cause, 'errors');
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const reason = valueOf(first, 'reason');
  return typeof reason === 'string' ? reason : undefined;
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const found = [valueOf(error, 'code'), valueOf(error, 'status'), valueOf(valueOf(error, 'response'), 'status')]
    .map(Number)
    .find((value) => Number.isInteger(value) && value >= 300 && value <= 599);
  return found;
}

function valueOf(holder: unknown, field: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, field) : undefined;
}
