import { maskLimits } from '@tachograph/masking';
import { decodeUtf8 } from '@tachograph/protocol';
import { atPoint, type MaskRun, type PointResult } from './mask-run.ts';

/** The input as one text. Refused, and nothing of it held, once it is over the limit. */
export async function maskInput(run: MaskRun): Promise<PointResult> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of run.input) {
    length += chunk.length;
    if (length > maskLimits.maxLength) return { kind: 'refused', reason: 'too_large' };
    chunks.push(chunk);
  }
  const text = decodeUtf8(Buffer.concat(chunks));
  return text === undefined
    ? { kind: 'refused', reason: 'not_utf8' }
    : atPoint(run, text, () => run.masker.maskText(text));
}
