/** What controller and sequencer need from the world around them: a cluster (`kube-*.ts`) or a state directory (`state-*.ts`). */

/** The pod that a sidecar's token proves. */
export interface PodIdentity {
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  /** Known without a cluster, where the enrolment names it. */
  readonly workload?: string;
}

/** Who is behind a bearer token; `undefined`: nobody that we accept. Rejects when that cannot be found out now. */
export interface Identity {
  /** A sidecar's pod-bound token (audience `tachograph-controller`). */
  pod(token: string): Promise<PodIdentity | undefined>;
  /** A component of the installation (controller replica, injector), by name. */
  component(token: string): Promise<string | undefined>;
}

/** The start of the `tachograph` container, as the kubelet reports it. */
export type SidecarStart =
  | {
      readonly kind: 'started';
      readonly workload: string;
      /** RFC 3339; absent without a cluster. */
      readonly startedAt?: string;
      /** The start before, of a container that has ended. */
      readonly previousStartedAt?: string;
    }
  /** The workload is a fact of the pod, known before its start is reported. */
  | { readonly kind: 'pending'; readonly workload: string }
  | { readonly kind: 'absent' };

/** A pod as coverage sees it. */
export interface PodFacts {
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly workload?: string;
  /** Carries `tachograph.dev/mcp-server: "true"`. */
  readonly labelled: boolean;
  /** Has the `tachograph` container. */
  readonly injected: boolean;
  /** Its `tachograph` container, or without one any container, is running. */
  readonly running: boolean;
  readonly deletionTimestamp?: string;
}

export interface PodEvent {
  readonly kind: 'seen' | 'gone';
  readonly pod: PodFacts;
}

export interface Pods {
  sidecarStart(pod: PodIdentity): Promise<SidecarStart>;
  /** Reports every pod of the recorded namespaces, then changes. The answer stops it. */
  watch(handle: (event: PodEvent) => void): Promise<() => void>;
  /** Every pod of the recorded namespaces now; `undefined`: this installation has no pods to reconcile with. */
  list(): Promise<readonly PodFacts[] | undefined>;
}

/** One policy object as stored; `spec` is not yet parsed. */
export interface PolicySource {
  readonly kind: 'McpPolicy' | 'ClusterMcpPolicy';
  readonly name: string;
  readonly spec: unknown;
}

/** A namespace's policies and all of the cluster, at one revision. */
export interface PolicySnapshot {
  readonly sources: readonly PolicySource[];
  /** Rises with every change, deletions included. */
  readonly revision: number;
}

export interface Policies {
  snapshot(namespace: string): Promise<PolicySnapshot>;
  /** Calls back after a change in any namespace. The answer stops it. */
  onChange(handle: () => void): () => void;
}

/** What the controller made of a policy. */
export interface PolicyStatus {
  readonly observedGeneration: number;
  readonly state: 'compiled' | 'refused';
  /** Hex SHA-256 of the spec as it is compiled; empty where it is refused. */
  readonly hash: string;
  /** `namespace/name` of recorded workloads, at most a hundred. */
  readonly workloads: readonly string[];
  readonly workloadCount: number;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
}

/** A policy with what was last said about it. */
export interface StoredPolicy extends PolicySource {
  /** Empty for a `ClusterMcpPolicy`. */
  readonly namespace: string;
  readonly generation: number;
  readonly resourceVersion: string;
  readonly status: Readonly<Record<string, unknown>>;
}

/** Where people read what became of their policies. */
export interface PolicyStatuses {
  /** Empty until they are read. */
  list(): readonly StoredPolicy[];
  /** `conflict`: the policy has changed since it was seen. */
  write(policy: StoredPolicy, status: PolicyStatus): Promise<'updated' | 'conflict'>;
}

/** Named secret texts, shared by the replicas of one part. */
export interface Secrets {
  get(name: string): Promise<SecretData | undefined>;
  /** `exists`: another writer was first. */
  create(name: string, data: Readonly<Record<string, string>>): Promise<'created' | 'exists'>;
  /** `conflict`: it has changed since `version` was read. */
  update(name: string, data: Readonly<Record<string, string>>, version: string): Promise<'updated' | 'conflict'>;
}

export interface SecretData {
  readonly data: Readonly<Record<string, string>>;
  readonly version: string;
}

/** Who leads. Leading may end at any time: fencing is the bucket's create-only write, not this. */
export interface Lease {
  /** Runs for the lease until stopped; callbacks tell when this process leads and when it no longer does. */
  start(on: { readonly elected: () => void; readonly lost: () => void }): void;
  /** Address that the holder published; `undefined` when nobody leads. */
  holder(): string | undefined;
  stop(): Promise<void>;
}

/** An issuer whose tokens sidecars accept, with its keys. */
export interface IssuerKeys {
  readonly issuer: string;
  /** See `jwksPayload`: the auth server's, behind an ingress. */
  readonly publicUrl?: string | undefined;
  readonly subjectType: 'human' | 'workload' | 'ci';
  readonly audiences: readonly string[];
  readonly groupsClaim?: string;
  /** Globs over `sub`; absent: every subject. */
  readonly subjects?: readonly string[] | undefined;
  readonly maxLifetimeSeconds?: number | undefined;
  /** Tokens are reviewed by the API server (`POST /v1/reviews`). */
  readonly review?: boolean | undefined;
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** What the API server says of a token that it accepts. */
export interface ReviewedToken {
  /** Absent where the token does not say. */
  readonly expiresMs?: number;
}

/** Asks the API server about callers' tokens. */
export interface CallerReviews {
  /** `undefined`: it does not accept the token for this audience. Rejects with `unavailable` when it cannot be asked. */
  review(token: string, audience: string): Promise<ReviewedToken | undefined>;
}

export interface Issuers {
  current(): readonly IssuerKeys[];
}

export { systemTimers, type Timers } from '@tachograph/kube';
