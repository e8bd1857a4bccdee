/** What the validating webhook asks after every mutator has run. */
import { annotations, containers as ourNames, labels, parsePodObject, type PodObject } from '@tachograph/protocol';
import { isMcpServer } from './annotations.ts';
import { firstDifference } from './equality.ts';
import { injectPod, type InjectContext } from './inject.ts';
import { declaredUser } from './pod-view.ts';
import { reason, type Reason } from './reasons.ts';
import { ephemeralReasons } from './refusals.ts';
import { volumes as ourVolumes } from './settings.ts';

/** `not_selected`: the pod does not ask to be recorded, so there is nothing to hold it to. */
export type VerifyResult =
  | { readonly kind: 'intact' }
  | { readonly kind: 'not_selected' }
  | { readonly kind: 'refused'; readonly reasons: readonly Reason[] };

/** Derives our part afresh and refuses a pod whose copy differs in any field: also one that was made by hand. */
export function verifyInjected(pod: unknown, context: InjectContext): VerifyResult {
  const result = injectPod(pod, context);
  if (result.kind === 'skipped') return { kind: 'not_selected' };
  if (result.kind === 'refused') return result;
  if (result.operations.length === 0) return { kind: 'intact' };
  const places = [...new Set(result.operations.map(({ path }) => path))].slice(0, 5).join(', ');
  const code = hasSidecar(pod) ? 'copy_differs' : 'not_injected';
  return refuse(reason(code, `the pod differs from what this version injects at ${places}`));
}

/** What an update may do, by who writes it. */
export interface UpdateContext {
  /** Whether the writer may replace our containers' image: the in-place upgrade of our own controller. */
  readonly mayUpgrade: boolean;
}

/** Refuses an update that takes the label off, changes an annotation of ours or an image of our containers, or adds a way in. */
export function verifyUpdate(before: unknown, after: unknown, context: UpdateContext): VerifyResult {
  const [old, next] = [parsePodObject(before), parsePodObject(after)];
  if (typeof old === 'string') return refuse(reason('pod_invalid', `not a usable pod: ${old}`));
  if (typeof next === 'string') return refuse(reason('pod_invalid', `not a usable pod: ${next}`));
  if (isMcpServer(old) === false && isMcpServer(next) === false) return { kind: 'not_selected' };
  const reasons = [
    ...changedMetadata(old, next),
    ...changedContainers(old, next, context.mayUpgrade),
    ...addedEphemeral(old, next),
  ];
  return reasons.length === 0 ? { kind: 'intact' } : { kind: 'refused', reasons };
}

function changedMetadata(old: PodObject, next: PodObject): readonly Reason[] {
  const changed = (kind: 'labels' | 'annotations', names: readonly string[]): readonly Reason[] =>
    names
      .filter((name) => old.metadata[kind]?.[name] !== next.metadata[kind]?.[name])
      .map((name) => reason('field_immutable', `metadata.${kind}[${name}] cannot be changed on a running pod`));
  return [...changed('labels', [labels.mcpServer]), ...changed('annotations', Object.values(annotations))];
}

/** Kubernetes itself lets only images and a few pod fields change; ours are compared whole all the same. */
function changedContainers(old: PodObject, next: PodObject, mayUpgrade: boolean): readonly Reason[] {
  const ours = [ourNames.sidecar, ourNames.netguard].flatMap((name): readonly Reason[] => {
    const find = (pod: PodObject) => pod.spec.initContainers?.find((container) => container.name === name);
    const [one, other] = [find(old), find(next)];
    const at = firstDifference(one, other);
    if (at === undefined || (at === '/image' && mayUpgrade && isOnlyImage(one, other))) return [];
    return [
      reason(
        'field_immutable',
        `container ${name} differs at ${at === '' ? 'all' : at}; only an upgrade may change it`,
      ),
    ];
  });
  const names: readonly string[] = Object.values(ourVolumes);
  const volumesOf = (pod: PodObject) => (pod.spec.volumes ?? []).filter(({ name }) => names.includes(name));
  const moved = firstDifference(volumesOf(old), volumesOf(next)) !== undefined;
  return moved ? [...ours, reason('field_immutable', 'the sidecar’s volumes cannot be changed')] : ours;
}

function isOnlyImage(one: object | undefined, other: object | undefined): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    firstDifference({ ...one, image: '' }, { ...other, image: '' }) === undefined
  );
}

function addedEphemeral(old: PodObject, next: PodObject): readonly Reason[] {
  const known = new Set((old.spec.ephemeralContainers ?? []).map(({ name }) => name));
  const sidecar = next.spec.initContainers?.find(({ name }) => name === ourNames.sidecar);
  const user = sidecar === undefined ? undefined : declaredUser(next, sidecar);
  return (next.spec.ephemeralContainers ?? [])
    .filter(({ name }) => !known.has(name))
    .flatMap((container) => ephemeralReasons(next, container, user ?? -1));
}

function hasSidecar(pod: unknown): boolean {
  const parsed = parsePodObject(pod);
  return typeof parsed !== 'string' && (parsed.spec.initContainers ?? []).some(({ name }) => name === ourNames.sidecar);
}

function refuse(...reasons: readonly Reason[]): VerifyResult {
  return { kind: 'refused', reasons };
}
