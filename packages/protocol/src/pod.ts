/** The fields of a Kubernetes Pod that injection reads. Everything else passes through; `null` counts as absent. */
import * as z from 'zod/mini';

const texts = z.nullish(z.array(z.string()));
const port = z.union([z.int(), z.string()]);

/** An HTTP probe or hook. `port` is a number or a container port's name; `host` absent: the pod's address. */
export const podHttpGet = z.looseObject({
  path: z.nullish(z.string()),
  port,
  host: z.nullish(z.string()),
  scheme: z.nullish(z.string()),
  httpHeaders: z.nullish(z.array(z.looseObject({ name: z.string(), value: z.nullish(z.string()) }))),
});

/** A probe or a lifecycle hook: exactly one of the actions is set. */
export const podAction = z.looseObject({
  httpGet: z.nullish(podHttpGet),
  tcpSocket: z.nullish(z.looseObject({ port, host: z.nullish(z.string()) })),
  grpc: z.nullish(z.looseObject({ port: z.int(), service: z.nullish(z.string()) })),
  exec: z.nullish(z.looseObject({ command: texts })),
});
export type PodAction = z.infer<typeof podAction>;

/** Of a pod or of a container; some fields exist on one of the two only. */
export const podSecurityContext = z.looseObject({
  runAsUser: z.nullish(z.int()),
  runAsNonRoot: z.nullish(z.boolean()),
  privileged: z.nullish(z.boolean()),
  allowPrivilegeEscalation: z.nullish(z.boolean()),
  procMount: z.nullish(z.string()),
  capabilities: z.nullish(z.looseObject({ add: texts, drop: texts })),
  windowsOptions: z.nullish(z.looseObject({ hostProcess: z.nullish(z.boolean()) })),
});
export type PodSecurityContext = z.infer<typeof podSecurityContext>;

/** A container of any of the three lists. `targetContainerName` is an ephemeral container's. */
export const podContainer = z.looseObject({
  name: z.string(),
  restartPolicy: z.nullish(z.string()),
  targetContainerName: z.nullish(z.string()),
  ports: z.nullish(
    z.array(z.looseObject({ name: z.nullish(z.string()), containerPort: z.int(), protocol: z.nullish(z.string()) })),
  ),
  env: z.nullish(z.array(z.looseObject({ name: z.string(), value: z.nullish(z.string()) }))),
  volumeMounts: z.nullish(z.array(z.looseObject({ name: z.string(), mountPath: z.nullish(z.string()) }))),
  volumeDevices: z.nullish(z.array(z.looseObject({ name: z.string() }))),
  securityContext: z.nullish(podSecurityContext),
  livenessProbe: z.nullish(podAction),
  readinessProbe: z.nullish(podAction),
  startupProbe: z.nullish(podAction),
  lifecycle: z.nullish(z.looseObject({ postStart: z.nullish(podAction), preStop: z.nullish(podAction) })),
});
export type PodContainer = z.infer<typeof podContainer>;

/** A volume. Host paths and tokens for our audiences are ways past the sidecar. */
export const podVolume = z.looseObject({
  name: z.string(),
  hostPath: z.nullish(z.looseObject({})),
  projected: z.nullish(
    z.looseObject({
      sources: z.nullish(
        z.array(z.looseObject({ serviceAccountToken: z.nullish(z.looseObject({ audience: z.nullish(z.string()) })) })),
      ),
    }),
  ),
});
export type PodVolume = z.infer<typeof podVolume>;

/** A Pod at admission: `name` is absent where it is generated, `namespace` where the request states it. */
export const podObject = z.looseObject({
  metadata: z.looseObject({
    name: z.nullish(z.string()),
    generateName: z.nullish(z.string()),
    namespace: z.nullish(z.string()),
    uid: z.nullish(z.string()),
    labels: z.nullish(z.record(z.string(), z.string())),
    annotations: z.nullish(z.record(z.string(), z.string())),
    ownerReferences: z.nullish(
      z.array(
        z.looseObject({
          apiVersion: z.nullish(z.string()),
          kind: z.string(),
          name: z.string(),
          uid: z.nullish(z.string()),
          controller: z.nullish(z.boolean()),
        }),
      ),
    ),
  }),
  spec: z.looseObject({
    containers: z.array(podContainer),
    initContainers: z.nullish(z.array(podContainer)),
    ephemeralContainers: z.nullish(z.array(podContainer)),
    volumes: z.nullish(z.array(podVolume)),
    securityContext: z.nullish(podSecurityContext),
    hostNetwork: z.nullish(z.boolean()),
    hostPID: z.nullish(z.boolean()),
    hostUsers: z.nullish(z.boolean()),
    shareProcessNamespace: z.nullish(z.boolean()),
    runtimeClassName: z.nullish(z.string()),
    dnsPolicy: z.nullish(z.string()),
    nodeSelector: z.nullish(z.record(z.string(), z.string())),
    os: z.nullish(z.looseObject({ name: z.nullish(z.string()) })),
  }),
});
export type PodObject = z.infer<typeof podObject>;

/** Reads a Pod; a text says what is wrong with it. */
export function parsePodObject(value: unknown): PodObject | string {
  const result = podObject.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return `${(issue?.path ?? []).join('.')}: ${issue?.message ?? 'invalid'}`;
}

/** One rewritten probe or hook: the exact request that the sidecar makes for the kubelet (`contracts.md`, In the pod). */
const podProbe = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('http'),
    port: z.int(),
    path: z.string(),
    scheme: z.optional(z.enum(['HTTP', 'HTTPS'])),
    headers: z.optional(z.record(z.string(), z.string())),
  }),
  z.strictObject({ type: z.literal('tcp'), port: z.int() }),
  z.strictObject({ type: z.literal('grpc'), port: z.int(), service: z.optional(z.string()) }),
]);
export type PodProbe = z.infer<typeof podProbe>;

/** What the kubelet asks of a container, as `/probe/<container>/<kind>` names it: probes, then lifecycle hooks. */
export const probeKinds = ['liveness', 'readiness', 'startup', 'postStart', 'preStop'] as const;
export type ProbeKind = (typeof probeKinds)[number];

/** `TACHO_PROBES`: by container, then by kind; `/probe/<container>/<kind>` asks for one. */
export const probeTable = z.record(z.string(), z.record(z.string(), podProbe));
export type ProbeTable = z.infer<typeof probeTable>;

/** Reads `TACHO_PROBES`; `undefined` when malformed. */
export function parseProbeTable(text: string): ProbeTable | undefined {
  try {
    const result = probeTable.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

/** What the webhook writes into the annotation `tachograph.dev/status`. */
export const injectionStatus = z.strictObject({
  version: z.string(),
  mode: z.enum(['redirect', 'takeover']),
  ports: z.array(z.int()),
  workload: z.string(),
  configHash: z.string(),
});
export type InjectionStatus = z.infer<typeof injectionStatus>;
