/** What the masking thread does with the bytes of a long message. */
import { hash } from 'node:crypto';
import type { MaskedText, Masker } from '@tachograph/masking';
import { decodeUtf8 } from '@tachograph/protocol';
import { readLongRequest } from './long-request.ts';
import type { BytesJob, JobResult, LongMasked, LongMaskedText } from './mask-job.ts';
import type { MaskOutcome, MaskRefused } from './mask-outcome.ts';
import { longSummaryOf } from './message-content.ts';

export type LongMasking = (job: BytesJob, bytes: Uint8Array) => JobResult;

/** Throws what the masker throws. */
export function createLongMasking({ maskJson, maskText }: Masker): LongMasking {
  return (job, bytes) => {
    if (job.form === 'request') return readLongRequest(bytes, job.wants);
    const text = decodeUtf8(bytes);
    if (text === undefined) return { kind: 'refused', reason: 'not_utf8' };
    if (job.form === 'content') return longSummaryOf(text);
    const result = job.form === 'json' ? maskJson(text, job.context) : maskText(text, job.context);
    return toLong(result, bytes);
  };
}

/** A result with its texts as bytes. `bytes`: of the text that was masked. */
export function toLong(result: MaskOutcome, bytes: Uint8Array): MaskRefused | LongMasked {
  if (result.kind === 'refused') return result;
  if (result.kind === 'clean') return { ...result, kind: 'long-clean', sha256: hash('sha256', bytes, 'hex') };
  const { record, client } = result;
  return {
    ...result,
    kind: 'long-masked',
    record: toLongText(record, true),
    client: client === undefined ? undefined : client === record ? 'same' : toLongText(client, false),
  };
}

const encoder = new TextEncoder();

function toLongText({ text, hits, spans }: MaskedText, isRecord: boolean): LongMaskedText {
  const bytes = encoder.encode(text);
  return { text: isRecord ? { bytes, sha256: hash('sha256', bytes, 'hex') } : { bytes }, hits, spans };
}
