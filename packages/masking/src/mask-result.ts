import type { MaskEvidence } from '@tachograph/protocol';

/** Why a message was not inspected; the caller blocks it. */
export type RefusalReason = 'too_large' | 'too_deep' | 'too_many_keys' | 'invalid';

/** `clean`: nothing was found, the original bytes stand. `refused`: the message could not be inspected and must not pass. */
export type MaskResult =
  | { readonly kind: 'clean' }
  | {
      readonly kind: 'masked';
      readonly text: string;
      readonly hits: number;
      readonly spans: readonly MaskEvidence[];
    }
  | { readonly kind: 'refused'; readonly reason: RefusalReason };

/** Headers as `node:http` has them. */
export type HeaderValues = Readonly<Record<string, string | readonly string[] | undefined>>;

/** As `MaskResult`, for headers; they are never refused. `headers` holds all of them, the unchanged ones too. */
export type HeaderMaskResult =
  | { readonly kind: 'clean' }
  | {
      readonly kind: 'masked';
      readonly headers: Record<string, string | string[] | undefined>;
      readonly hits: number;
      readonly spans: readonly MaskEvidence[];
    };
