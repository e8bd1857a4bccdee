import type { Archived, HeadsRequest, StreamOpenLeaf } from '@tachograph/protocol';

/** A logged segment, as later manifests name it. */
export interface SegmentRef {
  readonly object: string;
  readonly generation: string;
  readonly sha256: string;
  readonly first: number;
  readonly last: number;
}

/** A logged manifest of a session. */
export interface ManifestRef {
  readonly rev: number;
  readonly sha256: string;
}

/** What the log says of a stream. */
export interface StreamView {
  readonly open: StreamOpenLeaf;
  /** `-1`: nothing archived yet. */
  readonly lastSeq: number;
  /** Hash of the line at `lastSeq`; 64 zeros before the first. */
  readonly lastHash: string;
  /** A `stream.close` leaf stands in the log. */
  readonly closed: boolean;
  /** When the pod was seen to be gone, in epoch milliseconds. */
  readonly podGoneAtMs?: number;
  /** Of the object that the question named, when its leaf stands in the log. */
  readonly archived?: Archived;
  /** Those of the question's range, in order; only when asked for. */
  readonly segments?: readonly SegmentRef[];
  /** Of the session that the question named, in the order of the log. */
  readonly manifests?: readonly ManifestRef[];
}

/** Sequence numbers, both included. */
export interface SeqRange {
  readonly first: number;
  readonly last: number;
}

export interface StreamQuestion {
  readonly stream: string;
  /** Object whose leaf is looked for. */
  readonly object?: string;
  /** Asks for the segments with lines of this range. */
  readonly segments?: SeqRange;
  /** Session whose manifests are looked for. */
  readonly session?: string;
}

/** A pod that is being deleted: its sidecar must ship what it has. */
export interface DeletingPod {
  readonly podUid: string;
  readonly deletionTimestamp: string;
}

/** A pod that the validating webhook has admitted. */
export interface AdmittedPod {
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly workload?: string;
  readonly specDigest?: string;
}

export interface LogStatus {
  readonly size: number;
  /** C2SP vkey of the log. */
  readonly vkey: string;
  /** Size of the newest checkpoint; 0 before the first. */
  readonly checkpointSize: number;
}

/**
 * The log as a controller replica sees it: the sequencer over HTTP, or the sequencer itself in tests. Rejects with a
 * `ControllerError`; `unavailable` means that the outcome is unknown and the same call may be made again.
 */
export interface LogPort {
  /** Resolves when every leaf stands in a batch object. A leaf that is there already keeps its place. */
  append(leaves: readonly string[]): Promise<readonly Archived[]>;
  stream(question: StreamQuestion): Promise<StreamView | undefined>;
  /** Takes reported heads in; answers the pods that are being deleted. */
  heads(heads: readonly HeadsRequest[]): Promise<readonly DeletingPod[]>;
  admitted(pod: AdmittedPod): Promise<void>;
  /** The newest signed checkpoint; `undefined` before the first. */
  checkpoint(): Promise<string | undefined>;
  /** Base64 audit path of a leaf in the tree of this size; `undefined` where the log has no such leaf or size. */
  prove(index: number, size: number): Promise<readonly string[] | undefined>;
  status(): Promise<LogStatus>;
}
