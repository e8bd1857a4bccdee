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

const keySignature = z.object({ keyId: text, sig: text });

/**
 * A key of the log, base64 SPKI DER; trusted when a batch that a trusted key signed holds this leaf. `name`: the log's
 * origin. A rotation carries `signedBy`: base64 signatures of the key before and of this one over `keyRotationText`.
 */
export const keyLeaf = z.object({
  v,
  type: z.literal('key.log'),
  keyId: text,
  publicKey: text,
  name: text,
  signedBy: z.optional(z.array(keySignature).check(z.length(2))),
  at: text,
});

/** A key of the log is used no more: no batch after this leaf's and no checkpoint over it may rest on that key alone. */
export const keyRetiredLeaf = z.object({ v, type: z.literal('key.retired'), keyId: text, at: text });

/** The text that old and new key sign at a rotation (`archive-format.md`, Keys). */
export function keyRotationText(rotation: {
  readonly name: string;
  readonly oldKeyId: string;
  readonly newKeyId: string;
}): string {
  return `tachograph/key/v1\n${rotation.name}\n${rotation.oldKeyId}\n${rotation.newKeyId}\n`;
}

/** A person, by the issuer and subject of the token that they showed. */
export const personOfLeaf = z.object({ iss: text, sub: text });

/** A deed of a person, and why. */
const deed = { by: personOfLeaf, reason: text, at: text };
const part = { part: z.int().check(z.gte(1)), parts: z.int().check(z.gte(1)) };
const objectRef = z.object({ object: text, generation: text });

/** What a hold, purge or export covers; all that are given must fit. `from`, `to`: RFC 3339, half open. */
export const leafSelection = z.object({
  session: z.optional(text),
  subject: z.optional(text),
  server: z.optional(text),
  tool: z.optional(text),
  namespace: z.optional(text),
  hold: z.optional(text),
  from: z.optional(text),
  to: z.optional(text),
});

/**
 * What one UTC hour [`from`, `to`) added to the log: the leaves since the period manifest before, this one excluded.
 * `log` is the tree before this leaf. One an hour, even when it is empty; `backfill` where it was written later than
 * the hour after, because no sequencer led.
 */
export const periodManifestLeaf = z.object({
  v,
  type: z.literal('period.manifest'),
  cluster: text,
  from: text,
  to: text,
  log: z.object({ size: count, root: hash }),
  /** `open`: opened, and neither closed nor lost, at `log.size`; the others count leaves. */
  streams: z.object({ opened: count, closed: count, lost: count, open: count }),
  segments: count,
  /** Lines of those segments. */
  records: count,
  /** First manifests of sessions. */
  sessions: count,
  /** `gaps`: `coverage.gap` leaves. */
  pods: z.object({ injected: count, deleted: count, rejected: count, gaps: count }),
  /** Segments of streams that were called lost before, and streams registered with `late`. */
  late: count,
  backfill: z.optional(z.literal(true)),
  at: text,
});

/** A sequencer began to lead: what stands before this leaf is what it goes on from. `term`: random. */
export const logTermLeaf = z.object({ v, type: z.literal('log.term'), term: text, keyId: text, at: text });

/** Objects that nobody may delete until the hold is released. `hold`: UUIDv7; a long list comes in `parts`. */
export const holdPlacedLeaf = z.object({
  v,
  type: z.literal('hold.placed'),
  hold: text,
  selection: leafSelection,
  objects: z.array(objectRef),
  ...part,
  ...deed,
});

/** A hold is over: what no other hold keeps may be deleted once its retention has passed. Its first release counts. */
export const holdReleasedLeaf = z.object({ v, type: z.literal('hold.released'), hold: text, ...deed });

/** Objects that are deleted after this leaf, because their retention is over. `before`: objects whose retention ended by then. */
export const purgeLeaf = z.object({
  v,
  type: z.literal('purge'),
  purge: text,
  objects: z.array(objectRef),
  ...part,
  before: text,
  /** Absent where the lifecycle of the bucket did it. */
  by: z.optional(personOfLeaf),
  reason: z.optional(text),
  at: text,
});

/** Somebody took evidence out. `sha256`: of what was written, where it is one file. */
export const exportLeaf = z.object({
  v,
  type: z.literal('export'),
  export: text,
  what: z.enum(['session', 'evidence', 'pull']),
  selection: leafSelection,
  checkpoint: z.object({ size: count, root: hash }),
  counts: z.record(text, count),
  sha256: z.optional(hash),
  by: personOfLeaf,
  reason: z.optional(text),
  at: text,
});

/** What `admin.action` leaves tell of. */
export const adminActions = [
  'policy.changed',
  'masking.changed',
  'access.changed',
  'retention.changed',
  'key.rotated',
  'erasure',
  'replay',
  'recorder.started',
  'recorder.stopped',
  'break_glass',
  'session_key.read',
  'access.revoked',
] as const;

/** A privileged deed. `detail` is small and never holds recorded content. */
export const adminActionLeaf = z.object({
  v,
  type: z.literal('admin.action'),
  action: z.enum(adminActions),
  /** What it was done to. */
  subject: z.optional(text),
  detail: z.record(text, z.union([text, z.number(), z.boolean()])),
  by: z.optional(personOfLeaf),
  reason: z.optional(text),
  at: text,
});

/** A key that bodies were encrypted under is gone, and with it what only it could open. Two people. */
export const keyDestroyedLeaf = z.object({
  v,
  type: z.literal('key.destroyed'),
  keyId: z.optional(text),
  session: z.optional(text),
  by: z.array(personOfLeaf).check(z.minLength(2)),
  reason: text,
  at: text,
});

/** How an approval ended, as the controller saw it: the record of the recorder must agree. */
export const decisionLeaf = z.object({
  v,
  type: z.literal('decision.log'),
  approval: text,
  digest: text,
  state: text,
  at: text,
});

/** The pinned tools of a workload changed. `ledger`: SHA-256 of what is pinned. */
export const ledgerPinLeaf = z.object({
  v,
  type: z.literal('ledger.pin'),
  ...workload,
  ledger: hash,
  by: z.optional(personOfLeaf),
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
  keyRetiredLeaf,
  keyDestroyedLeaf,
  conflictLeaf,
  periodManifestLeaf,
  logTermLeaf,
  holdPlacedLeaf,
  holdReleasedLeaf,
  purgeLeaf,
  exportLeaf,
  adminActionLeaf,
  decisionLeaf,
  ledgerPinLeaf,
]);

export type Leaf = z.infer<typeof leafSchema>;
export type SegmentLeaf = z.infer<typeof segmentLeaf>;
export type SessionManifestLeaf = z.infer<typeof sessionManifestLeaf>;
export type StreamOpenLeaf = z.infer<typeof streamOpenLeaf>;
export type StreamLostLeaf = z.infer<typeof streamLostLeaf>;
export type StreamHeadsLeaf = z.infer<typeof streamHeadsLeaf>;
export type PodLeaf = z.infer<typeof podLeaf>;
export type KeyLeaf = z.infer<typeof keyLeaf>;
export type PeriodManifestLeaf = z.infer<typeof periodManifestLeaf>;
export type HoldPlacedLeaf = z.infer<typeof holdPlacedLeaf>;
export type HoldReleasedLeaf = z.infer<typeof holdReleasedLeaf>;
export type PurgeLeaf = z.infer<typeof purgeLeaf>;
export type ExportLeaf = z.infer<typeof exportLeaf>;
export type AdminActionLeaf = z.infer<typeof adminActionLeaf>;
export type AdminAction = (typeof adminActions)[number];
export type LeafSelection = z.infer<typeof leafSelection>;
export type PersonOfLeaf = z.infer<typeof personOfLeaf>;

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
