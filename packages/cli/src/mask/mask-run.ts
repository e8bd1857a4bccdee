import type { Masker, MaskResult, RefusalReason } from '@tachograph/masking';
import type { MaskEvidence } from '@tachograph/protocol';

/** `client`: balanced, as callers get it. `record`: recall first, as the archive gets it. */
export type MaskPoint = 'client' | 'record';

/** Why a line or a text is not masked but held back. */
export type InputRefusal = RefusalReason | 'not_utf8' | 'duplicate_key' | 'mask_error';

/** What happened to one line; `line` is 1 where the whole input is one text. */
export type MaskNote =
  | { readonly kind: 'masked'; readonly line: number; readonly spans: readonly MaskEvidence[] }
  | { readonly kind: 'refused'; readonly line: number; readonly reason: InputRefusal };

/** What every mode of `tacho mask` works with. */
export interface MaskRun {
  readonly masker: Masker;
  readonly point: MaskPoint;
  readonly input: AsyncIterable<Uint8Array>;
  readonly out: (text: string) => void;
  /** Resolves when more may be written without piling up. */
  readonly outReady: () => Promise<void>;
  readonly note: (note: MaskNote) => void;
}

/** What stands at one operating point. `hits` is 0 where the text is unchanged. */
export type PointResult =
  | { readonly kind: 'text'; readonly text: string; readonly hits: number; readonly spans: readonly MaskEvidence[] }
  | { readonly kind: 'refused'; readonly reason: InputRefusal };

/** Masks with `mask`; a masker that throws refuses, as in the sidecar. */
export function atPoint({ point }: Pick<MaskRun, 'point'>, text: string, mask: () => MaskResult): PointResult {
  let result: MaskResult;
  try {
    result = mask();
  } catch {
    // The error may quote what was being masked.
    return { kind: 'refused', reason: 'mask_error' };
  }
  if (result.kind === 'refused') return result;
  const masked = result.kind === 'clean' ? undefined : result[point];
  return masked === undefined ? { kind: 'text', text, hits: 0, spans: [] } : { kind: 'text', ...masked };
}

const words: Readonly<Partial<Record<string, string>>> = {
  too_large: 'longer than 16 MiB',
  too_deep: 'nested deeper than 128 levels',
  too_many_keys: 'more than 100,000 keys',
  invalid: 'not valid JSON',
  not_utf8: 'not valid UTF-8',
  duplicate_key: 'a request with a duplicate key',
  mask_error: 'the masker failed',
};

/** The reason in words, with its code; nothing of the input. */
export function refusalText(reason: InputRefusal): string {
  const text = words[reason];
  return text === undefined ? reason : `${text} (${reason})`;
}
