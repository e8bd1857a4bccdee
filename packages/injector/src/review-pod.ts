/** Pods: injected on creation, then checked for what they became and for what is done to them later. */
import { injectPod, isMcpServer, verifyInjected, verifyUpdate, type Reason } from '@tachograph/inject';
import { parsePodObject, type AdmissionRequest } from '@tachograph/protocol';
import { contextFor, isEnforced, type Installation } from './installation.ts';
import type { Journal } from './journal.ts';
import { allow, deny, type Reviewer, type Verdict } from './verdict.ts';

export interface PodReviewOptions {
  readonly installation: Installation;
  readonly journal: Journal;
  /** The only user that may replace our containers' image. */
  readonly upgrader: string | undefined;
}

/** `POST /mutate`: pods CREATE. */
export function createPodMutator({ installation, journal }: PodReviewOptions): Reviewer {
  return async (request) => {
    if (request.operation !== 'CREATE' || !isPods(request)) return allow('not_ours');
    const context = await contextFor(installation, request.namespace ?? '');
    if (typeof context === 'string') return deny('unready', context);
    const result = injectPod(request.object, context);
    if (result.kind === 'skipped') return allow(result.reason);
    if (result.kind === 'refused') return refuse(request, result.reasons, journal);
    return {
      kind: 'allow',
      reason: 'injected',
      patch: result.operations,
      warnings: result.warnings.map((text) => `tachograph: ${text}`),
      audit: { workload: result.status.workload },
    };
  };
}

/** `POST /validate`: pods CREATE and UPDATE, and `pods/ephemeralcontainers`. */
export function createPodValidator(options: PodReviewOptions): Reviewer {
  const { journal, upgrader } = options;
  return async (request) => {
    if (!isPods(request)) return allow('not_ours');
    if (request.operation === 'UPDATE') {
      const mayUpgrade = upgrader !== undefined && request.userInfo.username === upgrader;
      const result = verifyUpdate(request.oldObject, request.object, { mayUpgrade });
      return result.kind === 'refused' ? refuse(request, result.reasons, journal) : allow(result.kind);
    }
    if (request.operation !== 'CREATE') return allow('not_ours');
    return validateCreated(request, options);
  };
}

async function validateCreated(
  request: AdmissionRequest,
  { installation, journal }: PodReviewOptions,
): Promise<Verdict> {
  const name = request.namespace ?? '';
  const pod = parsePodObject(request.object);
  if (typeof pod !== 'string' && isMcpServer(pod) === false)
    return validateUnselected(request, { installation, journal });
  const context = await contextFor(installation, name);
  if (typeof context === 'string') return deny('unready', context);
  const result = verifyInjected(request.object, context);
  return result.kind === 'refused' ? refuse(request, result.reasons, journal) : allow(result.kind);
}

async function validateUnselected(
  request: AdmissionRequest,
  { installation, journal }: Pick<PodReviewOptions, 'installation' | 'journal'>,
): Promise<Verdict> {
  const pod = parsePodObject(request.object);
  const hasLabel = typeof pod !== 'string' && pod.metadata.labels?.['tachograph.dev/mcp-server'] !== undefined;
  if (hasLabel) return allow('labelled_false');
  const namespace = await installation.namespace(request.namespace ?? '');
  if (!isEnforced(namespace)) return allow('not_labelled');
  const message = 'this namespace enforces recording: label the pod tachograph.dev/mcp-server "true" or "false"';
  return refuse(request, [{ code: 'unlabelled', message }], journal);
}

function refuse(request: AdmissionRequest, reasons: readonly Reason[], journal: Journal): Verdict {
  const message = reasons.map((reason) => reason.message).join('; ');
  const code = reasons[0]?.code ?? 'refused';
  journal(request, { type: 'Warning', reason: 'TachographRefused', message, about: aboutPod(request) });
  return deny(code, message);
}

/** The pod, or its owner while it has no name: an Event about an owner is seen where people look. */
function aboutPod(request: AdmissionRequest): { readonly kind: string; readonly name: string } {
  const pod = parsePodObject(request.object);
  const owner =
    typeof pod === 'string' ? undefined : pod.metadata.ownerReferences?.find((one) => one.controller === true);
  if (owner !== undefined) return { kind: owner.kind, name: owner.name };
  const generated = typeof pod === 'string' ? undefined : pod.metadata.generateName;
  return { kind: 'Pod', name: request.name || generated?.replace(/-$/, '') || 'pod' };
}

function isPods({ resource, subResource = '' }: AdmissionRequest): boolean {
  const isWhole = subResource === '' || subResource === 'ephemeralcontainers';
  return resource.group === '' && resource.resource === 'pods' && isWhole;
}
