import { reviewPath, reviewRequest, tokenLimits, workloadUri, type ReviewAnswer } from '@tachograph/protocol';
import express, { type Express } from 'express';
import { callerOf } from '../approvals/approvals-api.ts';
import { ControllerError } from '../controller-error.ts';
import { answering } from '../http/answer.ts';
import { readBody } from '../http/read-body.ts';
import { bodyOf } from '../http/request.ts';
import type { CallerReviews, Identity, Pods, ReviewedToken } from '../ports.ts';

export interface ReviewsApiOptions {
  readonly cluster: string;
  readonly identity: Identity;
  readonly pods: Pods;
  /** Absent: there is no API server. */
  readonly reviews: CallerReviews | undefined;
}

const json = express.json({ limit: '32kb', type: () => true, inflate: false });

/** `POST /v1/reviews`, of a sidecar: does a caller's token hold, for this workload and no other? Nothing is remembered here. */
export function addReviews(app: Express, options: ReviewsApiOptions): void {
  const { cluster, reviews } = options;
  app.post(
    reviewPath,
    answering(async (request, response) => {
      const caller = await callerOf(options, request);
      if (reviews === undefined) throw new ControllerError('not_found', 'this installation has no API server to ask');
      await readBody(json, request, response);
      const { token } = bodyOf(request, reviewRequest);
      const reviewed = await reviews.review(token, workloadUri({ cluster, ...caller }));
      response.set('Cache-Control', 'no-store').json(toReviewAnswer(reviewed));
    }),
  );
}

function toReviewAnswer(reviewed: ReviewedToken | undefined): ReviewAnswer {
  const ttlSeconds = tokenLimits.reviewAgeSeconds;
  if (reviewed === undefined) return { active: false, ttlSeconds };
  const { expiresMs } = reviewed;
  return {
    active: true,
    ...(expiresMs === undefined ? {} : { expiresAt: new Date(expiresMs).toISOString() }),
    ttlSeconds,
  };
}
