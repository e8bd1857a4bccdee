import type { MaskResult, RefusalReason } from '@tachograph/masking';

/**
 * Why a message was not inspected and must not pass. Beside the masker's own reasons: it threw (`mask_error`), took too
 * long (`mask_timeout`), took its thread down (`mask_crash`), too much waits already (`mask_busy`), a leaf asks for more
 * work than it may (`budget_exceeded`), the declared recognizer did not answer (`recognizer_failed`), the bytes are no UTF-8
 * (`not_utf8`), or nobody waits for it any more (`client_left`).
 */
export type MaskRefusal =
  | RefusalReason
  | 'mask_error'
  | 'mask_timeout'
  | 'mask_crash'
  | 'mask_busy'
  | 'budget_exceeded'
  | 'recognizer_failed'
  | 'not_utf8'
  | 'client_left';

export type MaskRefused = { readonly kind: 'refused'; readonly reason: MaskRefusal };

/** As the masker's own result, with what can go wrong around it. */
export type MaskOutcome = Exclude<MaskResult, { readonly kind: 'refused' }> | MaskRefused;
