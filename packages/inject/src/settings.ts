/** What injection takes besides the pod. Pure: digests come from outside, so that webhook, command line and browser share the code. */
import type { Durability } from '@tachograph/protocol';

/** Kubernetes quantities by resource name, such as `cpu: 50m`. */
export interface ContainerResources {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

/** One installation's settings. Two equal settings inject equal pods. */
export interface InjectSettings {
  /** Tachograph's version, for the status annotation. */
  readonly version: string;
  readonly cluster: string;
  /** Holds the sidecar (its entrypoint) and netguard (`netguardCommand`). */
  readonly image: string;
  readonly imagePullPolicy: 'IfNotPresent' | 'Always' | 'Never';
  readonly netguardCommand: readonly string[];
  /** `https://host:port`. */
  readonly controllerUrl: string;
  /** `sha256:<hex>` of the trust root's SPKI DER. */
  readonly trustFingerprint: string;
  /** Key of the nonces by which netguard recognises the sidecar: never in a pod. */
  readonly nonceKey: string;
  readonly durabilityFloor: Durability;
  /** Bytes. The volume and the ephemeral-storage request are a quarter larger. */
  readonly spoolQuotaBytes: number;
  readonly sidecarResources: ContainerResources;
  readonly netguardResources: ContainerResources;
  /** Host names, or `*.suffix`, under which recorded servers are reached besides their Services: an Ingress's, for example. */
  readonly hosts?: readonly string[];
  /** RuntimeClasses known to enforce the rules; any other is refused. */
  readonly runtimeClasses: readonly string[];
  /** Refuse containers that declare no `runAsUser`: an image's own user could be the sidecar's. */
  readonly requireRunAsUser: boolean;
  /** Bodies are sealed by keys of their sessions, which the controller can destroy. */
  readonly sealBodies?: boolean;
}

/** Digests, synchronous, over the UTF-8 bytes of the text. */
export interface InjectCrypto {
  /** Lower-case hex. */
  sha256(text: string): string;
  /** Lower-case hex. */
  hmacSha256(key: string, text: string): string;
}

/** The namespace that a pod is admitted to; the pod's own field may be empty at admission. */
export interface InjectNamespace {
  readonly name: string;
  /** What the namespace asks for; the stronger of this and the installation's floor counts. */
  readonly durabilityFloor?: Durability;
  /** The Secret whose key its policies send to the server of a workload. */
  readonly upstreamSecret?: (workload: string) => UpstreamSecret | undefined;
}

/** A key of a Secret of the pod's namespace. */
export interface UpstreamSecret {
  readonly name: string;
  readonly key: string;
}

/** From the weakest to the strongest. */
export const durabilities: readonly Durability[] = ['process', 'node', 'archive'];

/** Ports of the sidecar that no application may declare: listeners, probes, admin. */
export const reservedPorts = { first: 15_001, last: 15_199, probe: 15_100, admin: 15_101 } as const;

/** Listeners of the n-th MCP port: `listenerBase + 10n` network, then port-forward, then in-pod. */
export const listenerBase = 15_001;
/** More would leave the range that the rules guard. */
export const maxMcpPorts = 9;

/** Names of the volumes that injection adds; a pod that has its own of such a name is refused. */
export const volumes = {
  spool: 'tachograph-spool',
  token: 'tachograph-token',
  upstream: 'tachograph-upstream',
} as const;
export const paths = {
  spool: '/var/lib/tachograph/spool',
  token: '/var/run/secrets/tachograph',
  upstream: '/var/run/secrets/tachograph-upstream',
} as const;
