import { annotations, type PodObject } from '@tachograph/protocol';
import { annotation, applicationContainers } from './pod-view.ts';
import { reason, type Reason } from './reasons.ts';
import type { InjectCrypto } from './settings.ts';

const workloadPattern = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/** The workload's name (`contracts.md`, Names). */
export function workloadName(pod: PodObject): string | Reason {
  const name = annotation(pod, annotations.workload) ?? ownerWorkload(pod);
  if (workloadPattern.test(name)) return name;
  return reason('workload_invalid', `workload ${JSON.stringify(name)}: expected a lower-case DNS name`);
}

/** What the sidecar's UID and nonce are derived from: equal for all pods of one owner. */
export function ownerName(pod: PodObject): string {
  return controller(pod)?.name ?? podBaseName(pod);
}

/**
 * 20000 + (first 4 bytes of SHA-256 of `<namespace>/<owner or pod name>`) mod 40000, +1 while a container declares it:
 * deterministic, so that a second injection finds the first one's UID.
 */
export function sidecarUser(pod: PodObject, namespace: string, crypto: InjectCrypto): number {
  const declared = new Set(
    [pod.spec.securityContext, ...applicationContainers(pod).map(({ container }) => container.securityContext)].map(
      (context) => context?.runAsUser,
    ),
  );
  const digest = crypto.sha256(`${namespace}/${ownerName(pod)}`);
  let uid = 20_000 + (Number.parseInt(digest.slice(0, 8), 16) % 40_000);
  while (declared.has(uid)) uid += 1;
  return uid;
}

function ownerWorkload(pod: PodObject): string {
  const owner = controller(pod);
  if (owner === undefined) return podBaseName(pod);
  const hash = pod.metadata.labels?.['pod-template-hash'];
  const suffix = `-${hash ?? ''}`;
  const isHashed = owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(suffix);
  return isHashed ? owner.name.slice(0, -suffix.length) : owner.name;
}

function controller(pod: PodObject): { readonly kind: string; readonly name: string } | undefined {
  return pod.metadata.ownerReferences?.find((owner) => owner.controller === true);
}

/** A generated name does not exist yet at admission, and must not change the result afterwards. */
function podBaseName(pod: PodObject): string {
  return pod.metadata.generateName?.replace(/[-.]+$/, '') ?? pod.metadata.name ?? '';
}
