/** What the call's thread and the masking thread say to each other. */
import type { MaskResult, MessageContext } from '@tachograph/masking';
import type { MaskingSpec } from '@tachograph/protocol';
import type { ContentOf } from './message-content.ts';

/** `json`: a JSON-RPC message or batch. `text`: any other text. */
export type MaskForm = 'json' | 'text';

/** One text to mask; `texts`: to take apart for a recognizer; `content`: to say what message it is. */
export interface MaskJob {
  readonly form: MaskForm | 'texts' | 'content';
  readonly text: string;
  readonly context?: MessageContext | undefined;
}

/** What a job gives. */
export type JobResult = MaskResult | TextsOf | ContentOf;

/** The answer to `texts`. */
export interface TextsOf {
  readonly kind: 'texts';
  readonly texts: readonly string[];
}

/** What to compile; the same in both threads, which `rulesHash` proves. */
export interface MaskRules {
  readonly spec: MaskingSpec;
  readonly tokenKey?: Uint8Array | undefined;
}

export type ToMaskWorker =
  | { readonly kind: 'rules'; readonly rules: MaskRules }
  | { readonly kind: 'job'; readonly id: number; readonly job: MaskJob };

/** `failed`: the masker threw. What it threw may quote the message, so it stays there. */
export type FromMaskWorker =
  | { readonly kind: 'done'; readonly id: number; readonly rulesHash: string; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly id: number };
