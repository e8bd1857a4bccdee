import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Requests that create state or reach out, for which nobody has proved who they are. */
export type LimitedAction = 'register' | 'authorize' | 'fetchMetadata';

/** How many in how many seconds, per workload and replica: callers' addresses say nothing behind a port-forward. */
const limits: Readonly<Record<LimitedAction, readonly { readonly points: number; readonly seconds: number }[]>> = {
  register: [
    { points: 30, seconds: 60 },
    { points: 500, seconds: 86_400 },
  ],
  authorize: [{ points: 120, seconds: 60 }],
  fetchMetadata: [{ points: 30, seconds: 60 }],
};

/** Counts requests in memory. */
export interface RequestLimits {
  /** `undefined` when the request may go on, else the seconds after which another try makes sense. */
  take(action: LimitedAction, workload: string): Promise<number | undefined>;
}

export function createRequestLimits(): RequestLimits {
  const limiters = new Map(
    Object.entries(limits).map(([action, list]) => [
      action,
      list.map(({ points, seconds: duration }) => new RateLimiterMemory({ points, duration, keyPrefix: action })),
    ]),
  );
  return {
    async take(action, workload) {
      for (const limiter of limiters.get(action) ?? []) {
        const waitSeconds = await takeOne(limiter, workload);
        if (waitSeconds !== undefined) return waitSeconds;
      }
      return undefined;
    },
  };
}

async function takeOne(limiter: RateLimiterMemory, workload: string): Promise<number | undefined> {
  try {
    await limiter.consume(workload);
    return undefined;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    throw refusal;
  }
}
