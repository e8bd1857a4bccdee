/** Sidecar to controller, controller to sequencer (`contracts.md`): bodies and errors. */
import * as z from 'zod/mini';

/** Every `code` of an error body: a closed list, so that callers can decide by it; `message` is for people. */
export const apiErrorCodes = [
  'unauthenticated',
  'forbidden',
  'bad_request',
  'not_found',
  'too_large',
  'stream_unknown',
  'stream_conflict',
  'stream_pending',
  'chain_broken',
  'signature_invalid',
  'name_mismatch',
  'blob_missing',
  'object_conflict',
  'own_call',
  'not_an_approver',
  'may_act_as_caller',
  'masked_judged_argument',
  'reveal_elsewhere',
  'approval_ended',
  'approval_pending',
  'approval_mismatch',
  'already_decided',
  'not_a_custodian',
  'erasure_impossible',
  'on_hold',
  'too_many_held',
  'unavailable',
  'internal',
] as const;
export type ApiErrorCode = (typeof apiErrorCodes)[number];

/** Every answer of 400 or above. */
export const apiError = z.object({
  code: z.enum(apiErrorCodes),
  message: z.string(),
  retryAfterMs: z.optional(z.int()),
});
export type ApiError = z.infer<typeof apiError>;

/** HTTP status of each error code: the one table. */
export const apiErrorStatus: Readonly<Record<ApiErrorCode, number>> = {
  unauthenticated: 401,
  forbidden: 403,
  bad_request: 400,
  not_found: 404,
  too_large: 413,
  stream_unknown: 404,
  stream_conflict: 409,
  stream_pending: 202,
  chain_broken: 422,
  signature_invalid: 422,
  name_mismatch: 422,
  blob_missing: 409,
  object_conflict: 409,
  own_call: 403,
  not_an_approver: 403,
  may_act_as_caller: 403,
  masked_judged_argument: 403,
  reveal_elsewhere: 421,
  approval_ended: 409,
  approval_pending: 409,
  approval_mismatch: 409,
  already_decided: 409,
  not_a_custodian: 403,
  erasure_impossible: 409,
  on_hold: 409,
  too_many_held: 429,
  unavailable: 503,
  internal: 500,
};

/** `POST /v1/streams`. `line`: the `stream.open` record (seq 0), exactly as stored; `publicKey`: base64 SPKI DER; `sig`: base64 over its head. */
export const streamRequest = z.object({ line: z.string(), publicKey: z.string(), sig: z.string() });
export type StreamRequest = z.infer<typeof streamRequest>;
/** 201 */
export const streamAnswer = z.object({ keyId: z.string() });
export type StreamAnswer = z.infer<typeof streamAnswer>;

/** Header `Tacho-Signature` of `PUT /v1/segments/<name>`: `keyId=…,seq=…,sig=<base64>`; `seq` is the last signed one. */
export interface SegmentSignature {
  readonly keyId: string;
  readonly seq: number;
  readonly sig: string;
}

/** Writes the header. */
export function formatSegmentSignature(it: SegmentSignature): string {
  return `keyId=${it.keyId},seq=${it.seq},sig=${it.sig}`;
}

/** Reads the header; `undefined` when malformed. */
export function parseSegmentSignature(text: string): SegmentSignature | undefined {
  const match = /^keyId=([0-9a-f]{32}),seq=(\d{1,12}),sig=([A-Za-z0-9+/]{86}==)$/.exec(text);
  if (match === null) return undefined;
  const [, keyId = '', seq = '', sig = ''] = match;
  return { keyId, seq: Number(seq), sig };
}

/** 200 of a segment, and of each leaf: the promise that a checkpoint must prove. */
export const archived = z.object({ index: z.int(), leafHash: z.string(), batchFirstIndex: z.int() });
export type Archived = z.infer<typeof archived>;

/** `POST /v1/heads`, every second while records flow. */
export const headsRequest = z.object({
  stream: z.string(),
  seq: z.int(),
  hash: z.string(),
  durableSeq: z.int(),
});
export type HeadsRequest = z.infer<typeof headsRequest>;
/** 204 has no body; 200 with this when the pod is being deleted. */
export const headsAnswer = z.object({ deletionTimestamp: z.optional(z.string()) });
export type HeadsAnswer = z.infer<typeof headsAnswer>;

/** `POST /internal/leaves` on the sequencer: exact leaf JSON texts; idempotent by leaf hash. */
export const leavesRequest = z.object({ leaves: z.array(z.string()).check(z.maxLength(1000)) });
export type LeavesRequest = z.infer<typeof leavesRequest>;
/** 200: one receipt for each leaf, in the order of the request. */
export const leavesAnswer = z.object({ archived: z.array(archived) });
export type LeavesAnswer = z.infer<typeof leavesAnswer>;

/** `GET` on the controller: the newest checkpoint (a C2SP signed note) for a sidecar that checks its receipts. */
export const checkpointPath = '/v1/checkpoint';

/** `GET /v1/proofs/<index>?size=<size>`: base64 audit path of a leaf in the tree of this size (RFC 6962 section 2.1.1). */
export const inclusionProofAnswer = z.object({ proof: z.array(z.string()).check(z.maxLength(64)) });
export type InclusionProofAnswer = z.infer<typeof inclusionProofAnswer>;

/** Path of `inclusionProofAnswer`. `index`: of the leaf in the log; `size`: leaves of the tree, more than `index`. */
export function inclusionProofPath(index: number, size: number): string {
  return `/v1/proofs/${index}?size=${size}`;
}
