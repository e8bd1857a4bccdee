import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Requests that create state or reach out, for which nobody has proved who they are. */
export type LimitedAction = 'register' | 'authorize' | 'fetchMetadata';

interface RequestLimit {
  readonly points: number;
  readonly seconds: number;
  /** Of all workloads together: behind an ingress somebody could turn to one after the other, and each writes state. */
  readonly isOfAll?: true;
}

/** How many in how many seconds, per workload and replica: callers' addresses say nothing behind a port-forward. */
const limits: Readonly<Record<LimitedAction, readonly RequestLimit[]>> = {
  register: [
    { points: 30, seconds: 60 },
    { points: 500, seconds: 86_400 },
    { points: 300, seconds: 60, isOfAll: true },
  ],
  authorize: [
    { points: 120, seconds: 60 },
    { points: 1200, seconds: 60, isOfAll: true },
  ],
  fetchMetadata: [
    { points: 30, seconds: 60 },
    { points: 120, seconds: 60, isOfAll: true },
  ],
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
      list.map(({ points, seconds: duration, isOfAll = false }) => ({
        limiter: new RateLimiterMemory({ points, duration, keyPrefix: action }),
        isOfAll,
      })),
    ]),
  );
  return {
    async take(action, workload) {
      for (const { limiter, isOfAll } of limiters.get(action) ?? []) {
        const waitSeconds = await takeOne(limiter, isOfAll ? 'all' : workload);
        if (waitSeconds !== undefined) return waitSeconds;
      }
      return undefined;
    },
  };
}

async function takeOne(limiter: RateLimiterMemory, key: string): Promise<number | undefined> {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    throw refusal;
  }
}
