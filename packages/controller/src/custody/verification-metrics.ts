/** How verifications by others ended. A replica counts what it was told; the log holds none of it. */
import { verificationRequest, type VerificationRequest } from '@tachograph/protocol';
import type { Metrics } from '@tachograph/service';

export type TakeVerification = (ended: VerificationRequest) => void;

export function createVerificationMetrics(metrics: Metrics, nowMs: () => number): TakeVerification {
  const total = metrics.counter('verifications_total', 'Verifications that were reported, by verdict', ['verdict']);
  const time = metrics.gauge('verification_time_seconds', 'When the newest verification was reported; since 1970');
  const size = metrics.gauge(
    'verification_size',
    'Size of the checkpoint that the newest reported verification reached',
  );
  // From 0 on, so that the first one already counts as an increase.
  for (const verdict of verificationRequest.shape.verdict.options) total.labels(verdict).inc(0);
  return ({ verdict, size: reached }) => {
    total.labels(verdict).inc();
    time.set(Math.floor(nowMs() / 1000));
    if (reached !== undefined) size.set(reached);
  };
}
