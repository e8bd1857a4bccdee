import { setTimeout as delay } from 'node:timers/promises';

/** How often and how patiently a store tries again. */
export interface RetrySettings {
  /** Attempts in all, at least 1. */
  readonly attempts: number;
  /** Wait before the second attempt; doubles each time. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** Waits; injected in tests. */
  readonly sleep: (delayMs: number) => Promise<void>;
  /** 0 up to 1; spreads the waits of many clients. Injected in tests. */
  readonly random: () => number;
}

export const defaultRetry: RetrySettings = {
  attempts: 5,
  firstDelayMs: 200,
  maxDelayMs: 5_000,
  sleep: async (delayMs) => {
    await delay(delayMs);
  },
  random: Math.random,
};

/** The wait after a failed attempt, counted from 1: half of it fixed, half of it random. */
export function backoffMs(settings: RetrySettings, attempt: number): number {
  const fullMs = Math.min(settings.firstDelayMs * 2 ** (attempt - 1), settings.maxDelayMs);
  return Math.round(fullMs / 2 + (fullMs / 2) * settings.random());
}

/** Runs a read (or an idempotent write) until it succeeds, fails for good, or the attempts are used up. */
export async function retrying<Result>(
  settings: RetrySettings,
  operation: () => Promise<Result>,
  isTransient: (error: unknown) => boolean,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await operation();
    } catch (error) {
      if (attempt >= settings.attempts || !isTransient(error)) throw error;
    }
    await settings.sleep(backoffMs(settings, attempt));
  }
}
