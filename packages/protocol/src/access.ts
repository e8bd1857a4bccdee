/** Whether a caller's token still holds: reviews, which sidecars ask for, and revocations, which people order. */
import * as z from 'zod/mini';
import { tokenLimits } from './token.ts';

/** `POST`, of a sidecar: a TokenReview with the workload's URI as audience. */
export const reviewPath = '/v1/reviews';

/** `token`: a caller's, as it came. */
export const reviewRequest = z.object({ token: z.string().check(z.minLength(1), z.maxLength(tokenLimits.bytes)) });

/** 200. `active`: the API server accepts it now; the answer is believed for `ttlSeconds` from the question on. */
export const reviewAnswer = z.object({
  active: z.boolean(),
  /** RFC 3339. */
  expiresAt: z.optional(z.string()),
  ttlSeconds: z.int().check(z.gte(0), z.lte(tokenLimits.reviewAgeSeconds)),
});
export type ReviewAnswer = z.infer<typeof reviewAnswer>;

/** `POST` and `GET`, of people who may revoke. */
export const revocationsPath = '/v1/access/revocations';

/** Revocations in force at once. */
export const maxRevocations = 1000;

const name = z.string().check(z.minLength(1), z.maxLength(512));

/** `subject`: `sub` of the tokens; `iss`: of the tokens, or of the company's provider behind them; absent: any. */
export const revocationRequest = z.object({
  subject: name,
  iss: z.optional(name),
  reason: z.string().check(z.trim(), z.minLength(1), z.maxLength(2000)),
});
export type RevocationRequest = z.infer<typeof revocationRequest>;

/** 201: tokens issued before `before` are refused; `until` then none of them can live any more. `logged`: its leaf stands in the log. */
export const revocation = z.object({
  subject: z.string(),
  iss: z.optional(z.string()),
  reason: z.string(),
  by: z.object({ iss: z.string(), sub: z.string() }),
  /** RFC 3339, as `until`. */
  before: z.string(),
  until: z.string(),
  logged: z.boolean(),
});
export type Revocation = z.infer<typeof revocation>;

/** `GET`: those in force, newest first. */
export const revocationList = z.object({ revocations: z.array(revocation) });
export type RevocationList = z.infer<typeof revocationList>;
