import type { Kube } from '@tachograph/kube';
import { ControllerError } from '../controller-error.ts';
import type { CallerReviews } from '../ports.ts';

/** TokenReview of callers' tokens. Nothing is remembered: the sidecar counts the age of an answer from its question. */
export function createKubeCallerReviews(kube: Pick<Kube, 'reviewToken'>): CallerReviews {
  return {
    async review(token, audience) {
      const result = await kube.reviewToken(token, [audience]).catch((error: unknown) => {
        throw new ControllerError('unavailable', 'the token cannot be reviewed now', {
          cause: error,
          retryAfterMs: 2000,
        });
      });
      if (result.kind === 'refused') return undefined;
      return result.expires === undefined ? {} : { expiresMs: result.expires * 1000 };
    },
  };
}
