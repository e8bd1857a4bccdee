/** Pods: injected on creation, then checked for what they became and for what is done to them later. */
import { injectPod, isMcpServer, verifyInjected, verifyUpdate, type Reason } from '@tachograph/inject';
import type { Namespace } from '@tachograph/kube';
import { annotations, injectionStatus, parsePodObject } from '@tachograph/protocol';
import type { AdmissionRequest, InjectionStatus, PodObject } from '@tachograph/protocol';
import type { AdmittedPod } from './controller-client.ts';
import { contextFor, isEnforced, nodeCrypto, type Installation } from './installation.ts';
import type { About, Journal } from './journal.ts';
import { allow, deny, type Reviewer, type Verdict } from './verdict.ts';

export interface PodReviewOptions {
  readonly installation: Installation;
  readonly journal: Journal;
  /** The only user that may replace our containers' image. */
  readonly upgrader: string | undefined;
  /** Hears of every pod that was let in with a sidecar. */
  readonly admitted: (pod: AdmittedPod) => void;
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
      warnings: [...result.warnings, ...podSecurityWarnings(await installation.namespace(request.namespace ?? ''))].map(
        (text) => `tachograph: ${text}`,
      ),
      audit: { workload: result.status.workload },
    };
  };
}

/** PodSecurity would refuse netguard with a message that names the capability, not what it is for. */
function podSecurityWarnings(namespace: Namespace | undefined): readonly string[] {
  const level = namespace?.labels['pod-security.kubernetes.io/enforce'] ?? 'privileged';
  if (level === 'privileged') return [];
  return [`the namespace enforces PodSecurity ${level}, but netguard needs NET_ADMIN to redirect the MCP ports`];
}

/** `POST /validate`: pods CREATE and UPDATE, and UPDATE of `pods/ephemeralcontainers` and `pods/resize`. */
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

async function validateCreated(request: AdmissionRequest, options: PodReviewOptions): Promise<Verdict> {
  const { installation, journal, admitted } = options;
  const name = request.namespace ?? '';
  const pod = parsePodObject(request.object);
  if (typeof pod !== 'string' && isMcpServer(pod) === false) return validateUnselected(request, options);
  const context = await contextFor(installation, name);
  if (typeof context === 'string') return deny('unready', context);
  const result = verifyInjected(request.object, context);
  if (result.kind === 'refused') return refuse(request, result.reasons, journal);
  if (typeof pod !== 'string' && request.dryRun !== true) admitted(describeAdmitted(name, pod, request.object));
  return allow(result.kind);
}

/** The digest is of the spec as it came, whatever our own reading of it leaves in what order. */
function describeAdmitted(namespace: string, { metadata }: PodObject, object: unknown): AdmittedPod {
  const status = parseStatus(metadata.annotations?.[annotations.status] ?? '');
  return {
    namespace,
    pod: metadata.name ?? '',
    podUid: metadata.uid ?? '',
    workload: status?.workload ?? '',
    specDigest: nodeCrypto.sha256(JSON.stringify(isObject(object) ? object['spec'] : null)),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function parseStatus(text: string): InjectionStatus | undefined {
  const result = injectionStatus.safeParse(JSON.parse(text));
  return result.success ? result.data : undefined;
}

async function validateUnselected(
  request: AdmissionRequest,
  { installation, journal }: PodReviewOptions,
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
function aboutPod(request: AdmissionRequest): About {
  const pod = parsePodObject(request.object);
  if (typeof pod === 'string') return { kind: 'Pod', name: request.name || 'pod' };
  const owner = pod.metadata.ownerReferences?.find((one) => one.controller === true);
  if (owner === undefined) return { kind: 'Pod', name: podName(request, pod), ...uidOf(pod.metadata) };
  const { apiVersion, kind, name } = owner;
  return { kind, name, ...(apiVersion ? { apiVersion } : {}), ...uidOf(owner) };
}

function podName(request: AdmissionRequest, { metadata }: PodObject): string {
  return request.name || metadata.name || metadata.generateName?.replace(/-$/, '') || 'pod';
}

function uidOf({ uid }: { readonly uid?: string | null | undefined }): { readonly uid?: string } {
  return uid ? { uid } : {};
}

/** Subresources whose object is the whole pod. */
const wholePod: readonly string[] = ['', 'ephemeralcontainers', 'resize'];

function isPods({ resource, subResource = '' }: AdmissionRequest): boolean {
  return resource.group === '' && resource.resource === 'pods' && wholePod.includes(subResource);
}
