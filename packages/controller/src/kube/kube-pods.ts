import type { ContainerStatus, Kube, Pod, WatchHandle } from '@tachograph/kube';
import { annotations, containers, labels } from '@tachograph/protocol';
import type { Logger } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import type { PodEvent, PodFacts, Pods, SidecarStart } from '../ports.ts';
import { parseObject } from '../state/state-json.ts';

/** Pods through the API server. Recorded namespaces carry `tachograph.dev/inject`. */
export function createKubePods(
  kube: Pick<Kube, 'getPod' | 'listPods' | 'watchPods' | 'watchNamespaces'>,
  log: Logger,
): Pods {
  return {
    async sidecarStart({ namespace, pod, podUid }) {
      const found = await kube.getPod(namespace, pod).catch((error: unknown) => {
        throw new ControllerError('unavailable', 'the pod cannot be read now', { cause: error, retryAfterMs: 2000 });
      });
      return found?.uid === podUid ? startOf(found) : { kind: 'absent' };
    },
    async list() {
      // Labelled or not: whoever has a leaf in the log is looked for among all pods.
      return (await kube.listPods()).map(toFacts);
    },
    watch: async (handle) => watchRecorded(kube, handle, log),
  };
}

async function watchRecorded(
  kube: Pick<Kube, 'watchPods' | 'watchNamespaces'>,
  handle: (event: PodEvent) => void,
  log: Logger,
): Promise<() => void> {
  const recorded = new Set<string>();
  const told = new Set<string>();
  let watch: WatchHandle<Pod> | undefined;
  const look = (pod: Pod): void => {
    // A pod with the sidecar counts wherever it is: taking the namespace's label away stops nothing.
    if (!recorded.has(pod.namespace) && !hasSidecar(pod)) return;
    told.add(pod.uid);
    handle({ kind: 'seen', pod: toFacts(pod) });
  };
  const namespaces = kube.watchNamespaces({
    onObject: ({ name, labels: set }) => {
      const isRecorded = set[labels.inject] !== undefined;
      if (isRecorded === recorded.has(name)) return;
      if (isRecorded) recorded.add(name);
      else recorded.delete(name);
      for (const pod of watch?.list() ?? []) if (pod.namespace === name) look(pod);
    },
    onDeleted: ({ name }) => void recorded.delete(name),
  });
  await namespaces.synced;
  watch = kube.watchPods(
    {},
    {
      onObject: look,
      onDeleted: (pod) => {
        if (told.delete(pod.uid)) handle({ kind: 'gone', pod: toFacts(pod) });
      },
    },
  );
  await watch.synced;
  log.info('watching pods', { namespaces: recorded.size });
  return () => {
    namespaces.stop();
    watch.stop();
  };
}

/** The start that the kubelet shows now. A container that has ended shows none: its successor's start is awaited. */
export function startOf(pod: Pod): SidecarStart {
  if (!hasSidecar(pod)) return { kind: 'absent' };
  const status = sidecarStatus(pod);
  const run = status?.current;
  if (run?.state !== 'running' || run.startedAt === undefined) return { kind: 'pending', workload: workloadOf(pod) };
  const before = status?.last?.startedAt;
  return {
    kind: 'started',
    workload: workloadOf(pod),
    startedAt: run.startedAt,
    ...(before === undefined ? {} : { previousStartedAt: before }),
  };
}

function toFacts(pod: Pod): PodFacts {
  const run = hasSidecar(pod) ? sidecarStatus(pod)?.current : pod.containerStatuses[0]?.current;
  return {
    namespace: pod.namespace,
    pod: pod.name,
    podUid: pod.uid,
    workload: workloadOf(pod),
    labelled: pod.labels[labels.mcpServer] === 'true',
    injected: hasSidecar(pod),
    running: run?.state === 'running',
    ...(pod.deletionTimestamp === undefined ? {} : { deletionTimestamp: pod.deletionTimestamp }),
  };
}

function hasSidecar(pod: Pod): boolean {
  return pod.initContainers.includes(containers.sidecar);
}

function sidecarStatus(pod: Pod): ContainerStatus | undefined {
  return pod.initContainerStatuses.find(({ name }) => name === containers.sidecar);
}

/** What the webhook wrote where nobody can change it; without a sidecar the same rule (`contracts.md`, Names). */
function workloadOf(pod: Pod): string {
  if (hasSidecar(pod)) return pod.recordedWorkload || (ownerOf(pod) ?? pod.name);
  const written = parseObject(pod.annotations[annotations.status] ?? '')?.['workload'];
  if (typeof written === 'string' && written !== '') return written;
  return pod.annotations[annotations.workload] ?? ownerOf(pod) ?? pod.name;
}

function ownerOf(pod: Pod): string | undefined {
  const owner = pod.owners.find(({ controller }) => controller);
  const hash = pod.labels['pod-template-hash'];
  const isHashed = owner?.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`);
  return isHashed ? owner.name.slice(0, -hash.length - 1) : owner?.name;
}
