/** Reviews of callers' tokens: what the controller's TokenReview says, believed for a minute at most. */
import { tokenLimits } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import type { TokenVerdict } from '../call/ports.ts';

/** What the controller answered. `unavailable`: it could not be asked, or could not ask the API server. */
export type ReviewOutcome =
  | { readonly kind: 'active' | 'inactive'; readonly ttlMs: number }
  | { readonly kind: 'unavailable' };

/** Never rejects. */
export type ReviewToken = (token: string) => Promise<ReviewOutcome>;

/** A verified token that is reviewed. */
export interface ReviewedToken {
  readonly verdict: Extract<TokenVerdict, { kind: 'known' }>;
  /** Of the last review. */
  last: Review | undefined;
  /** The review on its way: never two at a time for one token. */
  flight: Promise<TokenVerdict> | undefined;
}

interface Review {
  readonly verdict: TokenVerdict;
  /** Monotonic: until it may be believed, and from when on it is asked anew while it still is. */
  readonly untilNs: number;
  readonly renewNs: number;
}

/** A token that was refused may be accepted soon: its pod was only just made. */
const refusedMs = 10_000;
const longestMs = tokenLimits.reviewAgeSeconds * 1000;

export interface TokenReviewsOptions {
  /** Absent: there is nobody to ask. */
  readonly review: ReviewToken | undefined;
  readonly clock: Clock;
}

/** The verdict on a reviewed token: at once while the last review is fresh enough. */
export function createTokenReviews({
  review = async () => ({ kind: 'unavailable' }),
  clock,
}: TokenReviewsOptions): (held: ReviewedToken, token: string) => TokenVerdict | Promise<TokenVerdict> {
  const fresh = ({ last }: ReviewedToken): Review | undefined =>
    last !== undefined && clock.monotonicNs() < last.untilNs ? last : undefined;
  const ask = async (held: ReviewedToken, token: string): Promise<TokenVerdict> => {
    // The answer is as old as its question.
    const asked = { ms: clock.nowMs(), ns: clock.monotonicNs() };
    const outcome = await review(token);
    held.flight = undefined;
    if (outcome.kind !== 'unavailable') held.last = toReview(held, outcome, asked);
    return fresh(held)?.verdict ?? { kind: 'unavailable', reason: 'token_review' };
  };
  return (held, token) => {
    const last = fresh(held);
    if (last === undefined) return (held.flight ??= ask(held, token));
    if (clock.monotonicNs() >= last.renewNs) held.flight ??= ask(held, token);
    return last.verdict;
  };
}

function toReview(
  { verdict }: ReviewedToken,
  outcome: Extract<ReviewOutcome, { ttlMs: number }>,
  asked: { readonly ms: number; readonly ns: number },
): Review {
  const isActive = outcome.kind === 'active';
  const lifeNs = Math.min(outcome.ttlMs, isActive ? longestMs : refusedMs) * 1e6;
  const times = { untilNs: asked.ns + lifeNs, renewNs: asked.ns + lifeNs / 2 };
  if (!isActive) return { verdict: { kind: 'refused', reason: 'token_revoked' }, ...times };
  const principal = { ...verdict.principal, reviewed: new Date(asked.ms).toISOString() };
  return { verdict: { ...verdict, principal }, ...times };
}
