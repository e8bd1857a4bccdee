/** A declared recognizer outside of the process, for names and addresses in free text (Presidio's analyzer HTTP API). */
import type { FoundSpan } from '@tachograph/masking';
import type { RecognizerSpec } from '@tachograph/protocol';
import { codePointLength, codePointOffsets } from './code-points.ts';
import { parseAnalysis } from './analyzer-answer.ts';
import type { PostJson } from './post-json.ts';

/** Findings by the text in which they stand. */
export type Recognized = ReadonlyMap<string, readonly FoundSpan[]>;

export interface Recognizer {
  /**
   * What each text holds. `undefined` where the recognizer did not answer in time, or not as it should: nothing may then
   * pass.
   */
  recognize(texts: Iterable<string>): Promise<Recognized | undefined>;
}

/** For all texts of one message. */
const defaultTimeoutMs = 2_000;
const batchLength = 8_192;
const separator = '\n\n';
const sideBySide = 4;

interface Batch {
  readonly text: string;
  readonly parts: readonly { readonly text: string; readonly start: number }[];
}

/** The analyzer is at `spec.url`, to which `/analyze` is added. `post` is the transport; it answers `undefined` unless it got a 200 in time. */
export function createRecognizer(spec: RecognizerSpec, post: PostJson): Recognizer {
  const url = new URL(`${spec.url.replace(/\/+$/, '')}/analyze`);
  const timeoutMs = spec.timeoutMs ?? defaultTimeoutMs;
  const analyze = async (batch: Batch, signal: AbortSignal): Promise<Recognized | undefined> => {
    const answer = await post(url, toRequest(spec, batch.text), signal);
    const entities = answer === undefined ? undefined : parseAnalysis(answer, codePointLength(batch.text));
    if (entities === undefined) return undefined;
    const unitOf = codePointOffsets(batch.text);
    const spans = entities.map(({ type, start, end }) => ({
      rule: `recognized-${type.toLowerCase().replaceAll('_', '-')}`,
      start: unitOf(start),
      end: unitOf(end),
    }));
    return toParts(batch, spans);
  };
  return {
    async recognize(texts) {
      const signal = AbortSignal.timeout(timeoutMs);
      const batches = toBatches(texts);
      const found = new Map<string, readonly FoundSpan[]>();
      for (let at = 0; at < batches.length; at += sideBySide) {
        const some = batches.slice(at, at + sideBySide);
        const answers = await Promise.all(some.map(async (batch) => analyze(batch, signal)));
        for (const answer of answers) {
          if (answer === undefined) return undefined;
          for (const [text, spans] of answer) found.set(text, spans);
        }
      }
      return found;
    },
  };
}

function toRequest({ language, entities, minScore }: RecognizerSpec, text: string): string {
  return JSON.stringify({
    text,
    language: language ?? 'en',
    ...(entities === undefined ? {} : { entities }),
    ...(minScore === undefined ? {} : { score_threshold: minScore }),
  });
}

/** Many short texts in one request: an analyzer's cost is mostly per request. A text is never cut. */
function toBatches(texts: Iterable<string>): readonly Batch[] {
  const batches: Batch[] = [];
  let parts: { text: string; start: number }[] = [];
  let length = 0;
  const close = (): void => {
    if (parts.length > 0) batches.push({ text: parts.map(({ text }) => text).join(separator), parts });
    parts = [];
    length = 0;
  };
  for (const text of new Set(texts)) {
    if (!mayHoldNames(text)) continue;
    if (length > 0 && length + text.length > batchLength) close();
    parts.push({ text, start: length });
    length += text.length + separator.length;
  }
  close();
  return batches;
}

function mayHoldNames(text: string): boolean {
  return /\p{L}{2}/u.test(text);
}

/** Spans of a batch as spans of its texts; what runs over a separator belongs to both sides. */
function toParts({ parts }: Batch, spans: readonly FoundSpan[]): Recognized {
  const found = new Map<string, FoundSpan[]>();
  for (const { text, start } of parts) {
    const own = spans.flatMap(({ rule, ...span }) => {
      const from = Math.max(span.start - start, 0);
      const to = Math.min(span.end - start, text.length);
      return from < to ? [{ rule, start: from, end: to }] : [];
    });
    if (own.length > 0) found.set(text, own);
  }
  return found;
}
