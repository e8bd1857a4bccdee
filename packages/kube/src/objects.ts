/** The few fields of Kubernetes objects that the rest of the product uses, copied, so that watches stay small. */
import { flagAt, mapAt, numberAt, objectAt, objectsAt, textAt } from './fields.ts';
import type { Json } from './transport.ts';

/** Metadata of an object. Absent texts are empty, absent maps have no entries. */
export interface ObjectMeta {
  readonly uid: string;
  readonly name: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339, as are all times here. */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
}

/** An owner of the object; `controller` marks the one that manages it, at most one. */
export interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: boolean;
}

/** One start of a container; `containerId` tells two starts apart. */
export interface ContainerRun {
  readonly state: 'waiting' | 'running' | 'terminated';
  readonly containerId?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly exitCode?: number;
  readonly reason?: string;
}

/** What the kubelet reports of a container. */
export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly image: string;
  readonly imageId: string;
  readonly current: ContainerRun;
  /** The start before the current one. */
  readonly last?: ContainerRun;
}

/** A pod as the API server last showed it; statuses are empty until the kubelet reports. */
export interface Pod extends ObjectMeta {
  readonly serviceAccount: string;
  readonly nodeName?: string;
  readonly phase: string;
  readonly podIps: readonly string[];
  readonly owners: readonly OwnerReference[];
  /** Names of the containers, in order. */
  readonly initContainers: readonly string[];
  readonly containers: readonly string[];
  /** `TACHO_WORKLOAD` of the init container `tachograph`: as the webhook wrote it, and nobody can change it since. */
  readonly recordedWorkload?: string;
  readonly ephemeralContainers: readonly string[];
  readonly initContainerStatuses: readonly ContainerStatus[];
  readonly containerStatuses: readonly ContainerStatus[];
}

/** Of a namespace only the metadata is kept: labels and annotations are all that counts. */
export type Namespace = ObjectMeta;

/** `spec` is as stored: parse it with `policySpec` of `protocol`. */
export interface PolicyObject extends ObjectMeta {
  readonly generation: number;
  readonly spec: unknown;
  /** As last written. */
  readonly status: Readonly<Record<string, unknown>>;
}

export function toMeta(object: Json): ObjectMeta {
  const meta = objectAt(object, 'metadata');
  const creationTimestamp = textAt(meta, 'creationTimestamp');
  const deletionTimestamp = textAt(meta, 'deletionTimestamp');
  return {
    uid: textAt(meta, 'uid') ?? '',
    name: textAt(meta, 'name') ?? '',
    namespace: textAt(meta, 'namespace') ?? '',
    resourceVersion: textAt(meta, 'resourceVersion') ?? '',
    labels: mapAt(meta, 'labels'),
    annotations: mapAt(meta, 'annotations'),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  };
}

export function toPod(object: Json): Pod {
  const spec = objectAt(object, 'spec');
  const status = objectAt(object, 'status');
  const nodeName = textAt(spec, 'nodeName');
  const recordedWorkload = recordedWorkloadOf(spec);
  const names = (key: string): readonly string[] => objectsAt(spec, key).map((one) => textAt(one, 'name') ?? '');
  return {
    ...toMeta(object),
    serviceAccount: textAt(spec, 'serviceAccountName') ?? '',
    ...(nodeName === undefined ? {} : { nodeName }),
    phase: textAt(status, 'phase') ?? '',
    podIps: objectsAt(status, 'podIPs').flatMap((one) => textAt(one, 'ip') ?? []),
    owners: objectsAt(objectAt(object, 'metadata'), 'ownerReferences').map(toOwner),
    initContainers: names('initContainers'),
    containers: names('containers'),
    ...(recordedWorkload === undefined ? {} : { recordedWorkload }),
    ephemeralContainers: names('ephemeralContainers'),
    initContainerStatuses: objectsAt(status, 'initContainerStatuses').map(toContainerStatus),
    containerStatuses: objectsAt(status, 'containerStatuses').map(toContainerStatus),
  };
}

/** Of equal names the last one holds, as for the kubelet. */
function recordedWorkloadOf(spec: Json): string | undefined {
  const sidecar = objectsAt(spec, 'initContainers').find((one) => textAt(one, 'name') === 'tachograph');
  const variable = objectsAt(sidecar ?? {}, 'env').findLast((one) => textAt(one, 'name') === 'TACHO_WORKLOAD');
  return textAt(variable ?? {}, 'value');
}

export function toPolicy(object: Json): PolicyObject {
  return {
    ...toMeta(object),
    generation: numberAt(objectAt(object, 'metadata'), 'generation') ?? 0,
    spec: object['spec'],
    status: objectAt(object, 'status'),
  };
}

function toOwner(owner: Json): OwnerReference {
  return {
    kind: textAt(owner, 'kind') ?? '',
    name: textAt(owner, 'name') ?? '',
    uid: textAt(owner, 'uid') ?? '',
    controller: flagAt(owner, 'controller'),
  };
}

function toContainerStatus(status: Json): ContainerStatus {
  const current = toRun(objectAt(status, 'state'), textAt(status, 'containerID'));
  const last = objectAt(status, 'lastState');
  return {
    name: textAt(status, 'name') ?? '',
    ready: flagAt(status, 'ready'),
    restartCount: numberAt(status, 'restartCount') ?? 0,
    image: textAt(status, 'image') ?? '',
    imageId: textAt(status, 'imageID') ?? '',
    current,
    ...('terminated' in last ? { last: toRun(last, undefined) } : {}),
  };
}

function toRun(state: Json, containerId: string | undefined): ContainerRun {
  const kind = (['running', 'terminated'] as const).find((one) => one in state) ?? 'waiting';
  const detail = objectAt(state, kind);
  const id = textAt(detail, 'containerID') ?? containerId;
  const startedAt = textAt(detail, 'startedAt');
  const finishedAt = textAt(detail, 'finishedAt');
  const exitCode = numberAt(detail, 'exitCode');
  const reason = textAt(detail, 'reason');
  return {
    state: kind,
    ...(id === undefined ? {} : { containerId: id }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
  };
}
