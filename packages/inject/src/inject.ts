import {
  labels,
  parsePodObject,
  type InjectionStatus,
  type JsonPatchOperation,
  type PodObject,
} from '@tachograph/protocol';
import { isMcpServer } from './annotations.ts';
import { buildOurPart } from './containers.ts';
import { applyOperations } from './json-patch.ts';
import { patchFor } from './patch.ts';
import { planPod } from './plan.ts';
import { reason, type Reason } from './reasons.ts';
import { refusals } from './refusals.ts';
import { restorePod } from './restore.ts';
import type { InjectCrypto, InjectNamespace, InjectSettings } from './settings.ts';

/** Why a pod is left as it is: it does not ask to be recorded, or says that it must not be. */
export type SkipReason = 'not_labelled' | 'labelled_false';

/** `pod` is the patched pod, `user` the sidecar's UID. `warnings` are for the person who creates it; they refuse nothing. */
export type InjectResult =
  | {
      readonly kind: 'patched';
      /** RFC 6902; empty when the pod is injected already. */
      readonly operations: readonly JsonPatchOperation[];
      readonly pod: unknown;
      readonly status: InjectionStatus;
      readonly user: number;
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'refused'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'skipped'; readonly reason: SkipReason };

/** All that injection depends on besides the pod. */
export interface InjectContext {
  readonly settings: InjectSettings;
  readonly namespace: InjectNamespace;
  readonly crypto: InjectCrypto;
}

/**
 * Injects a pod (`injection.md`, `contracts.md` In the pod). Pure and deterministic; a second injection changes nothing.
 * Never injected-but-open: what cannot be enforced is refused, with every reason.
 */
export function injectPod(pod: unknown, context: InjectContext): InjectResult {
  const parsed = parsePodObject(pod);
  if (typeof parsed === 'string') return refused(reason('pod_invalid', `not a usable pod: ${parsed}`));
  const selected = isMcpServer(parsed);
  if (typeof selected !== 'boolean') return refused(selected);
  if (!selected) {
    return { kind: 'skipped', reason: hasLabel(parsed) ? 'labelled_false' : 'not_labelled' };
  }
  return injectSelected(pod, parsed, context);
}

function injectSelected(pod: unknown, parsed: PodObject, context: InjectContext): InjectResult {
  const { settings, crypto } = context;
  const restored = restorePod(parsed);
  if (restored.kind === 'dangling') return refused(restored.reason, ...refusals(parsed, settings));
  const plan = planPod(restored.pod, { ...context, original: parsed });
  if (!('workload' in plan)) return { kind: 'refused', reasons: plan };
  const part = buildOurPart(plan, settings, crypto);
  const { ports, workload } = plan;
  const status: InjectionStatus = {
    version: settings.version,
    mode: 'redirect',
    ports: [...ports],
    workload,
    configHash: part.configHash,
  };
  const operations = patchFor(parsed, restored.pod, { part, status });
  const patched = applyOperations(pod, operations);
  return { kind: 'patched', operations, pod: patched, status, user: plan.user, warnings: plan.warnings };
}

function hasLabel(pod: PodObject): boolean {
  return pod.metadata.labels?.[labels.mcpServer] !== undefined;
}

function refused(...reasons: readonly Reason[]): InjectResult {
  return { kind: 'refused', reasons };
}
