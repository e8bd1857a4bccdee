/** Questions to a pod. The tachograph's own containers are never among the answers. */
import { containers as ourNames, type PodContainer, type PodObject } from '@tachograph/protocol';

export interface PlacedContainer {
  readonly list: 'containers' | 'initContainers' | 'ephemeralContainers';
  readonly container: PodContainer;
}

const ours: readonly string[] = [ourNames.sidecar, ourNames.netguard];

export function isOurs(container: PodContainer): boolean {
  return ours.includes(container.name);
}

/** Every container of the application, of all three lists. */
export function applicationContainers(pod: PodObject): readonly PlacedContainer[] {
  const place = (list: PlacedContainer['list']): readonly PlacedContainer[] =>
    (pod.spec[list] ?? []).filter((container) => !isOurs(container)).map((container) => ({ list, container }));
  return [...place('initContainers'), ...place('containers'), ...place('ephemeralContainers')];
}

/** Containers that run while the application serves: the ordinary ones and native sidecars. */
export function servingContainers(pod: PodObject): readonly PodContainer[] {
  return applicationContainers(pod)
    .filter(({ list, container }) => list === 'containers' || container.restartPolicy === 'Always')
    .map(({ container }) => container);
}

/** The UID that the spec gives a container; `undefined`: the image decides. */
export function declaredUser(pod: PodObject, container: PodContainer): number | undefined {
  return container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser ?? undefined;
}

/** Whether a container may run as `uid`: declared so, or undeclared and not excluded. */
export function mayRunAs(pod: PodObject, container: PodContainer, uid: number): boolean {
  const declared = declaredUser(pod, container);
  if (declared !== undefined) return declared === uid;
  const nonRoot = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot ?? false;
  return uid !== 0 || !nonRoot;
}

/** The UID with which the pod sees the node's root, which dials for port-forward: unmapped in a user namespace of its own. */
export function hostUser(pod: PodObject): number {
  return pod.spec.hostUsers === false ? 65_534 : 0;
}

export function annotation(pod: PodObject, name: string): string | undefined {
  return pod.metadata.annotations?.[name];
}
