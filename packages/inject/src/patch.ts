/** The operations that bring a pod to its injected form: only what differs, so that a second injection gives none. */
import { annotations, probeKinds } from '@tachograph/protocol';
import type { InjectionStatus, JsonPatchOperation, PodContainer, PodObject } from '@tachograph/protocol';
import { confine } from './confine.ts';
import type { OurPart } from './containers.ts';
import { isSame } from './equality.ts';
import { pointer } from './json-patch.ts';
import { isOurs } from './pod-view.ts';
import { actionFields, actionOf, probePath, rewriteAction, toProbe } from './probes.ts';
import { volumes as ourVolumes } from './settings.ts';
import { copyDifference } from './stored-copy.ts';

export interface Target {
  readonly part: OurPart;
  readonly status: InjectionStatus;
}

/** `pod` as it arrived, `restored` without an earlier injection; both have the application's containers in the same order. */
export function patchFor(pod: PodObject, restored: PodObject, target: Target): readonly JsonPatchOperation[] {
  const { ports } = target.status;
  const rest = (pod.spec.initContainers ?? []).filter((container) => !isOurs(container));
  const restoredInit = restored.spec.initContainers ?? [];
  return [
    ...annotationOperations(pod, target.status),
    ...initOperations(pod, target.part),
    ...rest.flatMap((it, index) =>
      containerOperations(it, restoredInit[index] ?? it, { at: ['spec', 'initContainers', index + 2], ports }),
    ),
    ...pod.spec.containers.flatMap((it, index) =>
      containerOperations(it, restored.spec.containers[index] ?? it, { at: ['spec', 'containers', index], ports }),
    ),
    ...volumeOperations(pod, target.part),
  ];
}

function annotationOperations(pod: PodObject, status: InjectionStatus): readonly JsonPatchOperation[] {
  const value = JSON.stringify(status);
  if (!pod.metadata.annotations) {
    return [{ op: 'add', path: '/metadata/annotations', value: { [annotations.status]: value } }];
  }
  if (pod.metadata.annotations[annotations.status] === value) return [];
  return [{ op: 'add', path: pointer('metadata', 'annotations', annotations.status), value }];
}

/** Ours stand first and second; anything else of our names goes. */
function initOperations(pod: PodObject, part: OurPart): readonly JsonPatchOperation[] {
  const present = pod.spec.initContainers;
  const derived = [part.sidecar, part.netguard];
  if (!present) return [{ op: 'add', path: '/spec/initContainers', value: derived }];
  const isInPlace =
    derived.every((one, index) => copyDifference(one, present[index]) === undefined) &&
    !present.slice(derived.length).some(isOurs);
  if (isInPlace) return [];
  const stale = present.flatMap((container, index) => (isOurs(container) ? [index] : [])).toReversed();
  return [
    ...stale.map((index): JsonPatchOperation => ({ op: 'remove', path: pointer('spec', 'initContainers', index) })),
    { op: 'add', path: '/spec/initContainers/0', value: part.sidecar },
    { op: 'add', path: '/spec/initContainers/1', value: part.netguard },
  ];
}

function volumeOperations(pod: PodObject, part: OurPart): readonly JsonPatchOperation[] {
  const present = pod.spec.volumes;
  if (!present) return [{ op: 'add', path: '/spec/volumes', value: part.volumes }];
  const names: readonly string[] = Object.values(ourVolumes);
  const isKept = part.volumes.map((derived) =>
    present.some((volume) => volume.name === derived['name'] && copyDifference(derived, volume) === undefined),
  );
  const ours = present.filter(({ name }) => names.includes(name));
  if (isKept.every(Boolean) && ours.length === part.volumes.length) return [];
  const stale = present.flatMap(({ name }, index) => (names.includes(name) ? [index] : [])).toReversed();
  return [
    ...stale.map((index): JsonPatchOperation => ({ op: 'remove', path: pointer('spec', 'volumes', index) })),
    ...part.volumes.map((value): JsonPatchOperation => ({ op: 'add', path: '/spec/volumes/-', value })),
  ];
}

interface ContainerPlace {
  readonly at: readonly (string | number)[];
  readonly ports: readonly number[];
}

function containerOperations(
  container: PodContainer,
  restored: PodContainer,
  { at, ports }: ContainerPlace,
): readonly JsonPatchOperation[] {
  const context = confine(container);
  const confined: readonly JsonPatchOperation[] = isSame(context, container.securityContext)
    ? []
    : [{ op: 'add', path: pointer(...at, 'securityContext'), value: context }];
  const rewritten = probeKinds.flatMap((kind): readonly JsonPatchOperation[] => {
    const action = actionOf(restored, kind);
    if (action === undefined || toProbe(restored, action, ports) === undefined) return [];
    const value = rewriteAction(action, probePath(container, kind));
    if (isSame(value, actionOf(container, kind))) return [];
    return [{ op: 'replace', path: pointer(...at, ...actionFields[kind]), value }];
  });
  return [...confined, ...rewritten];
}
