/** Leaves of the transparency log: JSON of at most 65,535 bytes (`archive-format.md`, Leaves). */
import * as z from 'zod/mini';

const text = z.string();
const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const count = z.int().check(z.gte(0));
const v = z.literal(1);

const workload = { cluster: text, namespace: text, workload: text };
const pod = { cluster: text, namespace: text, pod: text, podUid: text };

/** A segment was stored: its object, what its lines span, and the signed head. `size` and `sha256` are of the `.gz`, in bytes. */
export const segmentLeaf = z.object({
  v,
  type: z.literal('segment'),
  object: text,
  generation: text,
  size: count,
  sha256: hash,
  stream: text,
  first: count,
  last: count,
  /** `prev` of the first line: ties the segment to the one before. */
  firstPrev: hash,
  lastHash: hash,
  signedSeq: z.int(),
  /** Base64 Ed25519 signature over the head at `signedSeq`. */
  sig: text,
  keyId: text,
  /** Lines after `signedSeq`, recovered after a crash. */
  unsignedTail: count,
  blobs: z.array(z.object({ sha256: hash, size: count })),
  receivedAt: text,
});

/** A session manifest was stored. Late answers give a session a further one, under another `sha256`. */
export const sessionManifestLeaf = z.object({
  v,
  type: z.literal('session.manifest'),
  object: text,
  generation: text,
  size: count,
  sha256: hash,
  session: text,
  stream: text,
  rev: count,
  receivedAt: text,
});

/** A stream began: endorses its key for one start of a pod's recorder. `openHash` is the line hash of seq 0, `sig` its head's. */
export const streamOpenLeaf = z.object({
  v,
  type: z.literal('stream.open'),
  ...workload,
  stream: text,
  keyId: text,
  /** Base64 SPKI DER. */
  publicKey: text,
  pod: text,
  podUid: text,
  /** Start of the `tachograph` container, as the kubelet reported it; absent without a cluster, and where `late`. */
  containerStartedAt: z.optional(text),
  /** Accepted although the kubelet no longer reported the start: a later stream of the pod names this one as `previous`. */
  late: z.optional(z.literal(true)),
  /** The pod's stream before this one, as the first record states it. */
  previous: z.optional(z.object({ stream: text, keyId: z.optional(text) })),
  openHash: hash,
  sig: text,
  receivedAt: text,
});

/** A stream ended in order: no line follows `lastSeq`. */
export const streamCloseLeaf = z.object({
  v,
  type: z.literal('stream.close'),
  stream: text,
  lastSeq: count,
  lastHash: hash,
  receivedAt: text,
});

/** Bounds of what is missing: last archived, last reported, last contact. `-1`: nothing. */
export const streamLostLeaf = z.object({
  v,
  type: z.literal('stream.lost'),
  stream: text,
  lastArchivedSeq: z.int(),
  lastReportedSeq: z.int(),
  lastReportedDurableSeq: z.int(),
  lastContact: text,
  reason: text,
  at: text,
});

/** A second key claimed a start of a container that has a stream. `keyId` was refused, `acceptedKeyId` stands. */
export const streamConflictLeaf = z.object({
  v,
  type: z.literal('stream.conflict'),
  ...pod,
  stream: text,
  keyId: text,
  acceptedKeyId: text,
  at: text,
});

/** What recorders said of their own streams: a stream that ends up shorter was cut or lost. `durableSeq` -1: nothing durable. */
export const streamHeadsLeaf = z.object({
  v,
  type: z.literal('stream.heads'),
  heads: z.array(z.object({ stream: text, seq: count, hash, durableSeq: z.int() })).check(z.maxLength(400)),
  at: text,
});

/** What became of a pod. `pod.rejected`: admitted but never seen; `pod.unlabelled`: in a recorded namespace, not to be recorded. */
export const podLeaf = z.object({
  v,
  type: z.enum(['pod.injected', 'pod.rejected', 'pod.deleted', 'pod.unlabelled']),
  ...pod,
  workload: z.optional(text),
  specDigest: z.optional(text),
  reason: z.optional(text),
  at: text,
});

/** A labelled pod without a recorder: `reason` is `no_sidecar`, or `no_stream` where an injected pod opened none in time. */
export const coverageGapLeaf = z.object({
  v,
  type: z.literal('coverage.gap'),
  ...pod,
  reason: text,
  at: text,
});

/** A key of the log, base64 SPKI DER; trusted when a batch that a trusted key signed holds this leaf. `name`: the log's origin. */
export const keyLeaf = z.object({
  v,
  type: z.literal('key.log'),
  keyId: text,
  publicKey: text,
  name: text,
  at: text,
});

/** Two different bytes under one name: both are kept, the stored one by generation. */
export const conflictLeaf = z.object({
  v,
  type: z.literal('conflict'),
  object: text,
  generation: text,
  sha256: hash,
  at: text,
});

/** Any leaf of format version 1, by `type`. */
export const leafSchema = z.discriminatedUnion('type', [
  segmentLeaf,
  sessionManifestLeaf,
  streamOpenLeaf,
  streamCloseLeaf,
  streamLostLeaf,
  streamConflictLeaf,
  streamHeadsLeaf,
  podLeaf,
  coverageGapLeaf,
  keyLeaf,
  conflictLeaf,
]);

export type Leaf = z.infer<typeof leafSchema>;
export type SegmentLeaf = z.infer<typeof segmentLeaf>;
export type SessionManifestLeaf = z.infer<typeof sessionManifestLeaf>;
export type StreamOpenLeaf = z.infer<typeof streamOpenLeaf>;
export type StreamLostLeaf = z.infer<typeof streamLostLeaf>;
export type StreamHeadsLeaf = z.infer<typeof streamHeadsLeaf>;
export type PodLeaf = z.infer<typeof podLeaf>;

/** Largest leaf, in bytes: tlog-tiles entry bundles carry a uint16 length. */
export const maxLeafBytes = 65_535;

/** Reads a leaf's JSON text; `undefined` when it is none that this version knows. */
export function parseLeaf(json: string): Leaf | undefined {
  try {
    const result = leafSchema.safeParse(JSON.parse(json));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
