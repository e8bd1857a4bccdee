/** Sends notifications of held calls, signed, one after the other, again when the receiver fails. */
import { createHmac } from 'node:crypto';
import { describeError, type Clock, type Counter, type Logger } from '@tachograph/service';
import type { Timers } from '../ports.ts';
import type { Notification } from './notification.ts';

export interface WebhookOptions {
  readonly url: string;
  /** Read for every sending, so that it can be changed while we run. */
  readonly secret: () => Promise<string>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** By result: `sent`, `failed`, `dropped`. */
  readonly results: Counter;
  /** Pause after the first failure; it doubles from there. Default 1000. */
  readonly firstPauseMs?: number;
}

export interface Webhook {
  /** Never waits and never throws; a full queue drops it. */
  send(id: string, notification: Notification): void;
  close(): void;
}

/** Timestamp in seconds; the signature is `v1=` and hex HMAC-SHA-256 over `v1:<timestamp>:<body>`. */
const webhookHeaders = { timestamp: 'Tacho-Timestamp', signature: 'Tacho-Signature' } as const;

const longestQueue = 500;
const mostAttempts = 6;
const timeoutMs = 10_000;

export function createWebhook(options: WebhookOptions): Webhook {
  const { log, results, timers, firstPauseMs = 1000 } = options;
  const queue: { readonly id: string; readonly body: string }[] = [];
  const closing = new AbortController();
  let isSending = false;
  const pause = async (ms: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = timers.after(ms, resolve);
    closing.signal.addEventListener('abort', () => resolve(), { once: true });
    await promise.finally(cancel);
  };
  const deliver = async ({ id, body }: { readonly id: string; readonly body: string }): Promise<void> => {
    for (let attempt = 1; !closing.signal.aborted; attempt += 1) {
      const failure = await post(options, body, closing.signal);
      if (failure === undefined) return results.labels('sent').inc();
      log.warn('notification not delivered', { approval: id, attempt, err: failure });
      if (attempt >= mostAttempts) return results.labels('failed').inc();
      await pause(firstPauseMs * 2 ** (attempt - 1));
    }
  };
  const drain = async (): Promise<void> => {
    isSending = true;
    for (let next = queue.shift(); next !== undefined && !closing.signal.aborted; next = queue.shift())
      await deliver(next);
    isSending = false;
  };
  return {
    send(id, notification) {
      if (queue.length >= longestQueue) {
        results.labels('dropped').inc();
        return log.warn('notification dropped: too many wait', { approval: id });
      }
      queue.push({ id, body: JSON.stringify(notification) });
      if (!isSending) void drain();
    },
    close: () => closing.abort(),
  };
}

/** By which a receiver knows who posts, and when: HMAC-SHA-256 of time and body (`docs/approvals.md`). All that we post is signed so. */
export function signedHeaders(secret: string, body: string, nowMs: number): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signature = createHmac('sha256', secret).update(`v1:${timestamp}:${body}`).digest('hex');
  return { [webhookHeaders.timestamp]: timestamp, [webhookHeaders.signature]: `v1=${signature}` };
}

/** Why it failed; `undefined`: it was taken. Nothing of URL, body or answer, which may hold secrets of the receiver. */
async function post(
  { url, secret, clock }: WebhookOptions,
  body: string,
  closing: AbortSignal,
): Promise<string | undefined> {
  try {
    const signed = signedHeaders(await secret(), body, clock.nowMs());
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', ...signed },
      body,
      redirect: 'error',
      signal: AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]),
    });
    await answer.body?.cancel();
    return answer.ok ? undefined : `the receiver answered ${answer.status}`;
  } catch (error) {
    return describeError(error);
  }
}
