/** What the call's thread and the masking thread say to each other. */
import type { MaskEvidence, MaskingSpec } from '@tachograph/protocol';
import type { MaskResult, MessageContext } from '@tachograph/masking';
import type { ArgumentNames } from '../approvals/judged-arguments.ts';
import type { MaskRefused } from './mask-outcome.ts';
import type { ContentOf } from './message-content.ts';
import type { LongRequest } from './long-request.ts';

/** `json`: a JSON-RPC message or batch. `text`: any other text. */
export type MaskForm = 'json' | 'text';

/** One text to mask; `texts`: to take apart for a recognizer; `content`: to say what message it is. */
export interface TextJob {
  readonly form: MaskForm | 'texts' | 'content';
  readonly text: string;
  readonly context?: MessageContext | undefined;
}

/** What judging a request needs beside its head. */
export interface RequestWants {
  /** Top-level arguments that conditions read. */
  readonly judged: ArgumentNames;
  /** All arguments, for guards. */
  readonly isGuarded: boolean;
}

/** The same for bytes, which come back with the answer. `request`: to parse what a client sent, strictly. */
export type BytesJob =
  | { readonly form: MaskForm | 'content'; readonly context?: MessageContext | undefined }
  | { readonly form: 'request'; readonly wants: RequestWants };

/** As they are posted. */
export type PostedJob = TextJob | (BytesJob & { readonly bytes: Uint8Array<ArrayBuffer> });

/** What a job gives. */
export type JobResult = MaskResult | MaskRefused | TextsOf | ContentOf | LongRequest | LongMasked;

/** The answer to `texts`. */
export interface TextsOf {
  readonly kind: 'texts';
  readonly texts: readonly string[];
}

/** A masked text as its bytes. `sha256` of them, hex, where the record may need it. */
export interface LongText {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256?: string;
}

export interface LongMaskedText {
  readonly text: LongText;
  readonly hits: number;
  readonly spans: readonly MaskEvidence[];
}

/** As `MaskResult`, of bytes; `sha256` of what goes into the record. `same`: as `record`. */
export type LongMasked =
  | { readonly kind: 'long-clean'; readonly sha256: string; readonly tail?: string; readonly uninspected?: number }
  | {
      readonly kind: 'long-masked';
      readonly record: LongMaskedText;
      readonly client: LongMaskedText | 'same' | undefined;
      readonly tail?: string;
      readonly uninspected?: number;
      readonly unsafeForSchema?: true;
    };

/** What to compile; the same in both threads, which `rulesHash` proves. */
export interface MaskRules {
  readonly spec: MaskingSpec;
  readonly tokenKey?: Uint8Array | undefined;
}

export type ToMaskWorker =
  | { readonly kind: 'rules'; readonly rules: MaskRules }
  | { readonly kind: 'job'; readonly id: number; readonly job: PostedJob };

/** `failed`: the masker threw. What it threw may quote the message, so it stays there. `bytes`: those of the job. */
export type FromMaskWorker = { readonly id: number; readonly bytes?: Uint8Array<ArrayBuffer> | undefined } & (
  | { readonly kind: 'done'; readonly rulesHash: string; readonly result: JobResult }
  | { readonly kind: 'failed' }
);
