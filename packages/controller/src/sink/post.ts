/** One request to a receiver, and what its answer means. */
import { describeError } from '@tachograph/service';

export interface SinkRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `retry`: the same again, not before `afterMs` where the receiver says so. `too_large`: fewer at a time. */
export type Posted =
  | { readonly kind: 'taken'; readonly answer: string }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs?: number };

const timeoutMs = 30_000;
const longestPauseMs = 15 * 60_000;
const longestAnswer = 64 * 1024;

/** Nothing of URL, headers or answer comes out in a reason: they may hold the receiver's secrets. */
export async function post(request: SinkRequest, closing: AbortSignal, nowMs: number): Promise<Posted> {
  try {
    const answer = await fetch(request.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...request.headers },
      body: request.body,
      redirect: 'error',
      signal: AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]),
    });
    const text = await readShort(answer);
    if (answer.ok) return { kind: 'taken', answer: text };
    if (answer.status === 413) return { kind: 'too_large' };
    const afterMs = retryAfterMs(answer.headers.get('retry-after'), nowMs);
    const reason = `the receiver answered ${answer.status}`;
    return { kind: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) };
  } catch (error) {
    return { kind: 'retry', reason: describeError(error) };
  }
}

async function readShort(answer: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    // Leaving the loop cancels the rest.
    if (text.length > longestAnswer) return '';
  }
  return text;
}

/** `Retry-After` in seconds or as a date; bounded, so that no receiver stops us for ever. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestPauseMs);
}
