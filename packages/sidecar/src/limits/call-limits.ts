/** The limits of the policies in force, asked for every call before its rules (`docs/limits.md`). */
import { hash } from 'node:crypto';
import { compileScope, targetOf, type Scope } from '@tachograph/policy';
import type { BundleLimit, Decision, PolicyCall } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import { createBucketTable, type BucketKey } from './bucket-table.ts';
import { toRate, type Rate } from './token-bucket.ts';

/** A limit ready to be asked. */
export interface CompiledLimit {
  readonly limit: BundleLimit;
  /** Equal for the same limit of the next bundle, so that a bundle signed anew refills nothing. */
  readonly key: string;
  readonly rate: Rate;
  readonly isFor: Scope;
}

export function compileLimits(limits: readonly BundleLimit[] = []): readonly CompiledLimit[] {
  return limits.map((limit) => ({
    limit,
    key: [limit.policy, limit.name, limit.per, limit.calls, limit.seconds, limit.burst ?? ''].join('\n'),
    rate: toRate(limit),
    isFor: compileScope(limit),
  }));
}

/** Counts calls against limits; in memory, of this pod alone. */
export interface CallLimits {
  /** The denial of a call over a limit; `undefined`: it is counted by every limit that is for it, and may be judged. */
  take(limits: readonly CompiledLimit[], call: PolicyCall): Decision | undefined;
}

export interface CallLimitsOptions {
  readonly clock: Clock;
  readonly maxBuckets?: number;
  /** Told of each denial. */
  readonly onDenied?: (limit: BundleLimit) => void;
}

export function createCallLimits({ clock, maxBuckets, onDenied }: CallLimitsOptions): CallLimits {
  const table = createBucketTable(maxBuckets);
  return {
    take(limits, call) {
      const asked = limits.filter(({ isFor }) => isFor(call)).map((one) => ({ ...one, bucket: bucketOf(one, call) }));
      if (asked.length === 0) return undefined;
      const nowNs = clock.monotonicNs();
      let worst: { readonly limit: BundleLimit; readonly retryNs: number } | undefined;
      for (const { limit, bucket, rate } of asked) {
        const taking = table.look(bucket, rate, nowNs);
        if (taking.kind === 'over' && taking.retryNs > (worst?.retryNs ?? 0)) {
          worst = { limit, retryNs: taking.retryNs };
        }
      }
      if (worst !== undefined) {
        onDenied?.(worst.limit);
        return toDecision(worst.limit, Math.max(1, Math.ceil(worst.retryNs / 1e9)));
      }
      for (const { bucket, rate } of asked) table.take(bucket, rate, nowNs);
      return undefined;
    },
  };
}

const longestSubject = 128;

function bucketOf({ key, limit: { per } }: CompiledLimit, call: PolicyCall): BucketKey {
  if (per === 'server') return { limit: key, subject: '' };
  const subject = per === 'caller' ? `${call.issuer ?? ''}\n${call.subject}` : `${call.method}\n${targetOf(call)}`;
  return { limit: key, subject: subject.length > longestSubject ? hash('sha256', subject) : subject };
}

const each = { caller: 'for each caller', tool: 'for each tool', server: 'in all' } as const;

function toDecision({ name, policy, owner, per, calls, seconds }: BundleLimit, retryAfterSeconds: number): Decision {
  return {
    verdict: 'deny',
    rule: name,
    policy,
    ...(owner === undefined ? {} : { owner }),
    message: `over the limit of ${calls} calls in ${seconds} s ${each[per]}; try again in ${retryAfterSeconds} s`,
    retryAfterSeconds,
  };
}
