/** Custody over HTTP: holds, purges, and what people say that they did (`archive.md` §4, Hold, purge, erasure). */
import * as z from 'zod/mini';
import { archived } from './api.ts';
import { adminActions, exportLeaf, holdReleasedLeaf, leafSelection } from './leaf.ts';

const reason = z.string().check(z.trim(), z.minLength(1), z.maxLength(2000));
const shortText = z.string().check(z.maxLength(512));
const count = z.int().check(z.gte(0));

/** `POST /v1/custody/holds`. `selection`: `session`, `subject`, `server`, `namespace`, `from`, `to`; all that are given must fit. */
export const holdRequest = z.object({ selection: leafSelection, reason });
export type HoldRequest = z.infer<typeof holdRequest>;

/** `POST /v1/custody/holds/<id>/apply`: place what a hold names, from an object on. */
export const applyRequest = z.object({ from: z.optional(count) });

/** `POST /v1/custody/holds/<id>/release`. */
export const releaseRequest = z.object({ reason, from: z.optional(count) });
export type ReleaseRequest = z.infer<typeof releaseRequest>;

/**
 * How far a hold, or its release, has come. `objects`: named by the hold; `done`: by this call; `absent`: named and not
 * there. `next`: call `apply` or `release` again from there; without it everything is done.
 */
export const holdProgress = z.object({
  hold: z.string(),
  objects: count,
  done: count,
  absent: count,
  next: z.optional(count),
});
export type HoldProgress = z.infer<typeof holdProgress>;

/** A hold as the log tells it. `released`: the first of its `hold.released` leaves. */
export const holdView = z.object({
  hold: z.string(),
  selection: leafSelection,
  objects: count,
  by: z.object({ iss: z.string(), sub: z.string() }),
  reason: z.string(),
  at: z.string(),
  released: z.optional(z.pick(holdReleasedLeaf, { by: true, reason: true, at: true })),
});
export type HoldView = z.infer<typeof holdView>;

/** `GET /v1/custody/holds`, newest first. */
export const holdList = z.object({ holds: z.array(holdView) });
export type HoldList = z.infer<typeof holdList>;

/** `POST /v1/custody/purges`. `before`: only what was out of retention by then; absent: by now. */
export const purgeRequest = z.object({
  before: z.optional(shortText),
  namespace: z.optional(shortText),
  dryRun: z.optional(z.boolean()),
  reason,
});
export type PurgeRequest = z.infer<typeof purgeRequest>;

/**
 * What a purge found and did. `objects`: named by its leaves (with `dryRun`: that would be); `deleted`: are gone;
 * `refused`: the store kept them after all. `held`, `retained`, `unretained` were not named: under a hold, not yet out of
 * retention, without any retention to judge by. `more`: there is more to purge; call again.
 */
export const purgeAnswer = z.object({
  purge: z.optional(z.string()),
  objects: count,
  deleted: count,
  refused: count,
  held: count,
  retained: count,
  unretained: count,
  more: z.boolean(),
});
export type PurgeAnswer = z.infer<typeof purgeAnswer>;

/** `POST /v1/custody/exports`: what somebody took out, or is about to. */
export const exportRequest = z.object({
  what: exportLeaf.shape.what,
  selection: leafSelection,
  checkpoint: exportLeaf.shape.checkpoint,
  counts: exportLeaf.shape.counts,
  sha256: exportLeaf.shape.sha256,
  reason,
});
export type ExportRequest = z.infer<typeof exportRequest>;

/** 201 */
export const exportAnswer = z.object({ export: z.string(), archived });
export type ExportAnswer = z.infer<typeof exportAnswer>;

/** `POST /v1/custody/actions`: a privileged deed that a person states. */
export const actionRequest = z.object({
  action: z.enum(adminActions),
  subject: z.optional(shortText),
  detail: z.optional(z.record(shortText, z.union([shortText, z.number(), z.boolean()]))),
  reason,
});
export type ActionRequest = z.infer<typeof actionRequest>;

/** 201 */
export const actionAnswer = z.object({ archived });
export type ActionAnswer = z.infer<typeof actionAnswer>;

/** `POST /v1/custody/verifications`: how a run of `tacho verify` ended, for metrics and alerts only. `size`: of the checkpoint that it reached. */
export const verificationRequest = z.object({
  verdict: z.enum(['verified', 'tampered', 'incomplete', 'missing']),
  size: z.optional(count),
});
export type VerificationRequest = z.infer<typeof verificationRequest>;

/** `POST /v1/custody/session-keys/<session>`, which the log tells before it is answered, and `…/erasures/<id>/confirm`. */
export const reasonRequest = z.object({ reason });

/** 200 of a session key. `key`: base64 of 32 bytes. */
export const sessionKeyAnswer = z.object({ session: z.string(), key: z.string() });
export type SessionKeyAnswer = z.infer<typeof sessionKeyAnswer>;

/** `POST /v1/custody/erasures`: one custodian asks for the end of a session's key, and another one confirms it. */
export const erasureRequest = z.object({ session: z.string().check(z.uuid()), reason });
export type ErasureRequest = z.infer<typeof erasureRequest>;

const personWhoAsked = z.object({ iss: z.string(), sub: z.string() });

/** `pending` until somebody else confirms it, at most a day; `confirmed`: logged, and the key is gone unless `confirm` says otherwise. */
export const erasureView = z.object({
  erasure: z.string(),
  session: z.string(),
  state: z.enum(['pending', 'confirmed', 'expired']),
  by: personWhoAsked,
  reason: z.string(),
  at: z.string(),
  confirmed: z.optional(z.object({ by: personWhoAsked, reason: z.string(), at: z.string() })),
});
export type ErasureView = z.infer<typeof erasureView>;

/** `GET /v1/custody/erasures`, newest first. */
export const erasureList = z.object({ erasures: z.array(erasureView) });
export type ErasureList = z.infer<typeof erasureList>;
