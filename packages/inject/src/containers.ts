/** Our two containers and two volumes, with every default written out, so that what the API server stores is what was derived. */
import { containers as ourNames, controllerAudience, type Origin } from '@tachograph/protocol';
import type { Plain } from './equality.ts';
import type { Plan } from './plan.ts';
import {
  listenerBase,
  paths,
  reservedPorts,
  volumes,
  type InjectCrypto,
  type InjectSettings,
  type UpstreamSecret,
} from './settings.ts';

export interface OurPart {
  readonly sidecar: Plain;
  readonly netguard: Plain;
  readonly volumes: readonly Plain[];
  /** Changes when anything but the nonce does. */
  readonly configHash: string;
}

const hashLength = 16;
const credentialFile = 'credential';

/** Derives our part. The nonce is keyed by the installation: equal for equal pods, and not to be guessed before one is made. */
export function buildOurPart(plan: Plan, settings: InjectSettings, crypto: InjectCrypto): OurPart {
  const build = (nonce: string): Omit<OurPart, 'configHash'> => ({
    sidecar: buildSidecar(plan, settings, nonce),
    netguard: buildNetguard(plan, settings, nonce),
    volumes: buildVolumes(settings, plan),
  });
  const configHash = crypto.sha256(JSON.stringify(build(''))).slice(0, hashLength);
  const nonce = crypto.hmacSha256(settings.nonceKey, [plan.namespace, plan.owner, configHash].join('\n')).slice(0, 32);
  return { ...build(nonce), configHash };
}

/** Bytes of the spool's volume: the quota and a quarter. */
export function spoolVolumeBytes(settings: InjectSettings): number {
  return Math.ceil((settings.spoolQuotaBytes * 5) / 4);
}

function buildSidecar(plan: Plan, settings: InjectSettings, nonce: string): Plain {
  const { requests, limits } = settings.sidecarResources;
  return {
    name: ourNames.sidecar,
    image: settings.image,
    imagePullPolicy: settings.imagePullPolicy,
    restartPolicy: 'Always',
    env: sidecarEnvironment(plan, settings, nonce),
    resources: { requests: { ...requests, 'ephemeral-storage': toQuantity(spoolVolumeBytes(settings)) }, limits },
    startupProbe: adminProbe('/healthz', { periodSeconds: 1, failureThreshold: 120 }),
    readinessProbe: adminProbe('/readyz', { periodSeconds: 5, failureThreshold: 2 }),
    volumeMounts: [
      { name: volumes.spool, mountPath: paths.spool },
      { name: volumes.token, mountPath: paths.token, readOnly: true },
      ...(plan.upstreamSecret === undefined
        ? []
        : [{ name: volumes.upstream, mountPath: paths.upstream, readOnly: true }]),
    ],
    securityContext: {
      runAsUser: plan.user,
      runAsGroup: plan.user,
      runAsNonRoot: true,
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...terminationDefaults,
  };
}

/** UID 0, because a process without it gets no ambient capability; NET_ADMIN is all that it keeps (`contracts.md`, In the pod). */
function buildNetguard(plan: Plan, settings: InjectSettings, nonce: string): Plain {
  return {
    name: ourNames.netguard,
    image: settings.image,
    imagePullPolicy: settings.imagePullPolicy,
    command: settings.netguardCommand,
    env: [
      { name: 'TACHO_PORTS', value: plan.ports.join(',') },
      { name: 'TACHO_UID', value: String(plan.user) },
      { name: 'TACHO_HOST_UID', value: String(plan.hostUser) },
      ...(nonce === '' ? [] : [{ name: 'TACHO_NONCE', value: nonce }]),
    ],
    resources: settings.netguardResources,
    securityContext: {
      runAsUser: 0,
      runAsGroup: 0,
      runAsNonRoot: false,
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...terminationDefaults,
  };
}

function buildVolumes(settings: InjectSettings, { upstreamSecret }: Plan): readonly Plain[] {
  const token = { audience: controllerAudience, expirationSeconds: 3600, path: 'token' };
  return [
    { name: volumes.spool, emptyDir: { sizeLimit: toQuantity(spoolVolumeBytes(settings)) } },
    { name: volumes.token, projected: { defaultMode: 420, sources: [{ serviceAccountToken: token }] } },
    ...(upstreamSecret === undefined ? [] : [upstreamVolume(upstreamSecret)]),
  ];
}

/** Optional: without the Secret the pod starts, and the sidecar refuses calls and says why. Its user is not root's. */
function upstreamVolume({ name, key }: UpstreamSecret): Plain {
  const items = [{ key, path: credentialFile }];
  return { name: volumes.upstream, secret: { secretName: name, items, defaultMode: 0o444, optional: true } };
}

function sidecarEnvironment(plan: Plan, settings: InjectSettings, nonce: string): readonly Plain[] {
  const { namespace, workload, ports, upstreamSecret } = plan;
  const values: Readonly<Record<string, string | undefined>> = {
    TACHO_LISTEN: ports.flatMap((port, index) => listeners(plan.hostOrigin, port, index)).join(','),
    TACHO_UPSTREAM: 'http://auto',
    TACHO_PROBE_LISTEN: `[::]:${reservedPorts.probe}`,
    TACHO_PROBES: JSON.stringify(plan.probes),
    TACHO_ADMIN: `[::]:${reservedPorts.admin}`,
    TACHO_SPOOL: paths.spool,
    TACHO_SPOOL_QUOTA: String(settings.spoolQuotaBytes),
    TACHO_DURABILITY: plan.durability,
    TACHO_SEAL_BODIES: settings.sealBodies === true ? 'true' : undefined,
    TACHO_CONTROLLER: settings.controllerUrl,
    TACHO_TRUST: settings.trustFingerprint,
    TACHO_TOKEN_FILE: `${paths.token}/token`,
    TACHO_CLUSTER: settings.cluster,
    TACHO_NAMESPACE: namespace,
    TACHO_WORKLOAD: workload,
    TACHO_HOSTS: (settings.hosts ?? []).join(',') || undefined,
    TACHO_PATHS: plan.paths.paths,
    TACHO_PASSTHROUGH: plan.paths.passthrough,
    TACHO_HEALTH_PATHS: plan.paths.healthPaths,
    TACHO_UPSTREAM_CREDENTIAL_FILE: upstreamSecret && `${paths.upstream}/${credentialFile}`,
    TACHO_UPSTREAM_SECRET: upstreamSecret && `${upstreamSecret.name}/${upstreamSecret.key}`,
    TACHO_NONCE: nonce === '' ? undefined : nonce,
  };
  return [
    ...Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }])),
    downward('TACHO_POD', 'metadata.name'),
    downward('TACHO_POD_UID', 'metadata.uid'),
    // A call by pod address from within the pod is redirected to loopback: only this says that the address is ours.
    downward('TACHO_POD_IPS', 'status.podIPs'),
  ];
}

/** One listener per origin: the port itself says where a connection came from, and which application port it wanted. */
function listeners(hostOrigin: Origin, port: number, index: number): readonly string[] {
  const origins: readonly Origin[] = ['network', hostOrigin, 'in-pod'];
  return origins.map((origin, offset) => `${origin}=[::]:${listenerBase + 10 * index + offset}:${port}`);
}

function downward(name: string, fieldPath: string): Plain {
  return { name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } };
}

function adminProbe(path: string, times: { readonly periodSeconds: number; readonly failureThreshold: number }): Plain {
  return {
    httpGet: { path, port: reservedPorts.admin, scheme: 'HTTP' },
    timeoutSeconds: 2,
    successThreshold: 1,
    ...times,
  };
}

const terminationDefaults: Plain = {
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};

/** Bytes in the form in which the API server writes them. */
function toQuantity(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi'];
  let value = bytes;
  let unit = 0;
  while (value % 1024 === 0 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value}${units[unit] ?? ''}`;
}
