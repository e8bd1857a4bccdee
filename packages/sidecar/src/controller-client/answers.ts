import { apiError, archived, reviewAnswer, type ApiErrorCode, type Archived } from '@tachograph/protocol';
import type { ReviewOutcome } from '../identity/token-reviews.ts';
import type { HttpsAnswer } from './https-caller.ts';
import { parseJson } from './verify-statement.ts';

/** Try again; `afterMs` as the controller asked. */
export interface Retry {
  readonly kind: 'retry';
  readonly reason: ApiErrorCode | 'unreachable' | 'no_trust' | 'no_token' | 'unexpected';
  readonly afterMs: number | undefined;
}

/** The controller will not take these bytes, now or later. They are kept, and people are told. */
export interface Refused {
  readonly kind: 'refused';
  readonly reason: ApiErrorCode | 'unexpected';
}

export type ShipAnswer =
  | { readonly kind: 'archived'; readonly archived: Archived }
  | { readonly kind: 'blob_missing' }
  | Retry
  | Refused;
export type BlobAnswer = { readonly kind: 'stored' } | Retry | Refused;
export type RegisterAnswer = { readonly kind: 'registered' } | { readonly kind: 'conflict' } | Retry | Refused;

/** Codes that time or another call can heal; everything else is about the bytes. */
const passing: ReadonlySet<string> = new Set([
  'unauthenticated',
  'forbidden',
  'stream_unknown',
  'stream_pending',
  'unavailable',
  'internal',
  'not_found',
]);

export function toShipAnswer(answer: HttpsAnswer): ShipAnswer {
  if (answer.kind === 'answer' && answer.status === 200) {
    const body = archived.safeParse(parseJson(answer.body.toString()));
    return body.success ? { kind: 'archived', archived: body.data } : retry('unexpected');
  }
  const failure = toFailure(answer);
  return failure.reason === 'blob_missing' ? { kind: 'blob_missing' } : failure;
}

export function toBlobAnswer(answer: HttpsAnswer): BlobAnswer {
  const isStored = answer.kind === 'answer' && (answer.status === 200 || answer.status === 201);
  return isStored ? { kind: 'stored' } : toFailure(answer);
}

export function toRegisterAnswer(answer: HttpsAnswer): RegisterAnswer {
  if (answer.kind === 'answer' && answer.status === 201) return { kind: 'registered' };
  const failure = toFailure(answer);
  return failure.reason === 'stream_conflict' ? { kind: 'conflict' } : failure;
}

/** Anything but the controller's own answer says nothing about the token. */
export function toReviewOutcome(answer: HttpsAnswer): ReviewOutcome {
  const isAnswer = answer.kind === 'answer' && answer.status === 200;
  const body = isAnswer ? reviewAnswer.safeParse(parseJson(answer.body.toString())) : undefined;
  if (body?.success !== true) return { kind: 'unavailable' };
  return { kind: body.data.active ? 'active' : 'inactive', ttlMs: body.data.ttlSeconds * 1000 };
}

export function retry(reason: Retry['reason'], afterMs?: number): Retry {
  return { kind: 'retry', reason, afterMs };
}

function toFailure(answer: HttpsAnswer): Retry | Refused {
  if (answer.kind === 'unreachable') return retry('unreachable');
  const error = apiError.safeParse(parseJson(answer.body.toString()));
  const afterMs = retryAfterOf(answer.headers['retry-after']);
  // A proxy in between answers in its own words.
  if (!error.success) return retry('unexpected', afterMs);
  const { code, retryAfterMs } = error.data;
  return passing.has(code) ? retry(code, retryAfterMs ?? afterMs) : { kind: 'refused', reason: code };
}

/** RFC 9110 section 10.2.3, seconds only. */
function retryAfterOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,5}$/.test(header) ? Number(header) * 1000 : undefined;
}
