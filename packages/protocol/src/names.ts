/** Names on Kubernetes objects and in the archive (`contracts.md`, Names; `archive-format.md`). */

/** `inject` is a namespace's (`enabled`, `enforced`); `mcpServer` is a pod's: only `"true"` and `"false"` are accepted. */
export const labels = { inject: 'tachograph.dev/inject', mcpServer: 'tachograph.dev/mcp-server' } as const;

/** Annotations of a pod. All but `status` are written by people; `status` is the webhook's. `durability` may stand on a namespace too. */
export const annotations = {
  ports: 'tachograph.dev/ports',
  mode: 'tachograph.dev/mode',
  durability: 'tachograph.dev/durability',
  workload: 'tachograph.dev/workload',
  paths: 'tachograph.dev/paths',
  passthrough: 'tachograph.dev/passthrough',
  healthPaths: 'tachograph.dev/health-paths',
  status: 'tachograph.dev/status',
} as const;

/** Our init containers, in this order before all others: netguard's self-test needs the sidecar. */
export const containers = { sidecar: 'tachograph', netguard: 'tachograph-netguard' } as const;

/** Audience of the pod-bound token with which a sidecar calls the controller. */
export const controllerAudience = 'tachograph-controller';

/** Audience of the token with which a controller replica calls the sequencer. */
export const sequencerAudience = 'tachograph-sequencer';

/** API group of `McpPolicy`. */
export const apiGroup = 'tachograph.dev';

/** Paths that speak MCP when an annotation names none. */
export const defaultMcpPaths: readonly string[] = ['/mcp', '/sse', '/message', '/messages'];

/**
 * Names, as `*.suffix`, under which Services of a namespace are called within the cluster. The shortest is left out where
 * it may be a public one: top-level domains are letters only, or `xn--…`, and whoever owns `evil.dev` must not be taken
 * for a Service of the namespace `dev` (DNS rebinding).
 */
export function serviceHosts(namespace: string): readonly string[] {
  const mayBePublic = /^(?:[a-z]+|xn--.*)$/i.test(namespace);
  return [...(mayBePublic ? [] : [`*.${namespace}`]), `*.${namespace}.svc`, `*.${namespace}.svc.cluster.local`];
}

/** A workload within a cluster. */
export interface WorkloadRef {
  readonly cluster: string;
  readonly namespace: string;
  readonly workload: string;
}

/** The workload's stable URI: the `aud` of every token for it. */
export function workloadUri(ref: WorkloadRef): string {
  return `tachograph://${ref.cluster}/${ref.namespace}/${ref.workload}`;
}

/** Reads a workload URI; `undefined` when the text is none. */
export function parseWorkloadUri(text: string): WorkloadRef | undefined {
  const match = /^tachograph:\/\/([a-z0-9-]{1,40})\/([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})$/.exec(text);
  if (match === null) return undefined;
  const [, cluster = '', namespace = '', workload = ''] = match;
  return { cluster, namespace, workload };
}

/** Where a workload's auth server is mounted on every origin. */
export function loginMount({ namespace, workload }: Pick<WorkloadRef, 'namespace' | 'workload'>): string {
  return `/as/${namespace}/${workload}`;
}

/** The stable issuer of the auth server's tokens for a workload: the same on every port and behind every ingress. */
export function loginIssuer(ref: WorkloadRef): string {
  return `tachograph://${ref.cluster}${loginMount(ref)}`;
}

/** Scope of the auth server's tokens, the only one. */
export const loginScope = 'mcp';

/** The host of the auth server's pages where a sidecar forwards them: browsers resolve it to loopback. */
export const loginPageHost = 'tachograph.localhost';

/** A sequence number as object names carry it: 12 decimal digits, so that names sort. */
export function pad12(value: number): string {
  return String(value).padStart(12, '0');
}

/** A log index or size as object names carry it: 16 decimal digits, so that names sort. */
export function pad16(value: number): string {
  return String(value).padStart(16, '0');
}

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether it is a UUIDv7 in lower case, as ids of streams, sessions, holds and erasures are: safe in any object name. */
export function isUuidV7(text: string): boolean {
  return uuidV7.test(text);
}

/** What a segment's file name says. `sha16`: first 16 hex digits of SHA-256 of the stored `.gz`. */
export interface SegmentName {
  readonly stream: string;
  readonly first: number;
  readonly last: number;
  readonly sha16: string;
}

/** `<stream>-<first12>-<last12>-<sha16>.jsonl.gz`. */
export function segmentFileName(name: SegmentName): string {
  return `${name.stream}-${pad12(name.first)}-${pad12(name.last)}-${name.sha16}.jsonl.gz`;
}

const segmentPattern =
  /^([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})-(\d{12})-(\d{12})-([0-9a-f]{16})\.jsonl\.gz$/;

/** Reads a segment's file name; `undefined` when the text is none. */
export function parseSegmentFileName(text: string): SegmentName | undefined {
  const match = segmentPattern.exec(text);
  if (match === null) return undefined;
  const [, stream = '', first = '', last = '', sha16 = ''] = match;
  return { stream, first: Number(first), last: Number(last), sha16 };
}

/** Cluster, namespace and UTC day (`YYYY-MM-DD`) of an object: its hive partition. */
export interface Partition {
  readonly cluster: string;
  readonly namespace: string;
  readonly day: string;
}

/** The last part of a session manifest's object name. */
export function sessionFileName(session: string, rev: number, sha16: string): string {
  return `${session}-${rev}-${sha16}.json`;
}

/** Object names in the locked bucket. */
export const objectNames = {
  recordsPrefix: (at: Partition): string => `v1/records/cluster=${at.cluster}/namespace=${at.namespace}/dt=${at.day}/`,
  record: (at: Partition, fileName: string): string => objectNames.recordsPrefix(at) + fileName,
  blob: (day: string, stream: string, sha256: string): string => `v1/blobs/dt=${day}/${stream}/${sha256}`,
  session: (at: Partition, session: string, rev: number, sha16: string): string =>
    `v1/sessions/cluster=${at.cluster}/namespace=${at.namespace}/dt=${at.day}/${sessionFileName(session, rev, sha16)}`,
  batch: (firstIndex: number): string => `v1/log/batch/${pad16(firstIndex)}`,
  checkpoint: (size: number): string => `v1/log/checkpoint/${pad16(size)}`,
  key: (keyId: string): string => `v1/keys/${keyId}.json`,
} as const;

/** The UTC day of an RFC 3339 time. */
export function dayOf(time: string): string {
  return time.slice(0, 10);
}

/** The log's origin line and key name (C2SP tlog-checkpoint). */
export function logOrigin(cluster: string): string {
  return `tachograph.dev/${cluster}`;
}
