/** exec, attach, port-forward and proxy to MCP pods: who, which pod, when. Which port, and until when, nobody tells admission. */
import { containers as ourNames, labels, type AdmissionRequest, type BreakGlassReport } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import type { Kube, Pod } from '@tachograph/kube';
import type { Journal } from './journal.ts';
import { allow, deny, type Reviewer, type Verdict } from './verdict.ts';

export interface ConnectReviewOptions {
  readonly kube: Pick<Kube, 'getPod' | 'reviewAccess'>;
  readonly journal: Journal;
  /** `deny`: exec and attach need the verb `break-glass` on `pods.tachograph.dev`. */
  readonly exec: 'allow' | 'deny';
  /** Broken glass becomes a leaf of the log; whoever breaks it does not wait for that. */
  readonly brokenGlass: (report: BreakGlassReport) => void;
  readonly clock: Clock;
}

const intoContainers: readonly string[] = ['exec', 'attach'];

/** `POST /connect`. */
export function createConnectReviewer(options: ConnectReviewOptions): Reviewer {
  return async (request) => {
    if (request.operation !== 'CONNECT' || request.resource.resource !== 'pods') return allow('not_ours');
    const pod = await options.kube.getPod(request.namespace ?? '', request.name ?? '');
    if (pod?.labels[labels.mcpServer] !== 'true') return allow('not_recorded');
    return judge(request, pod, options);
  };
}

async function judge(request: AdmissionRequest, pod: Pod, options: ConnectReviewOptions): Promise<Verdict> {
  const { subResource = '' } = request;
  const verdict = intoContainers.includes(subResource) ? await judgeExec(request, options) : allow(subResource);
  const isDenied = verdict.kind === 'deny';
  options.journal(request, {
    type: isDenied ? 'Warning' : 'Normal',
    reason: isDenied ? 'TachographConnectDenied' : 'TachographConnect',
    message: describeConnect(request, verdict),
    about: { kind: 'Pod', name: pod.name, uid: pod.uid },
  });
  if (verdict.reason === 'break_glass') options.brokenGlass(toReport(request, pod, options.clock));
  return isDenied ? verdict : withNotice(request, pod, verdict.reason);
}

async function judgeExec(request: AdmissionRequest, { kube, exec }: ConnectReviewOptions): Promise<Verdict> {
  const { subResource = '', namespace = '', name = '', userInfo } = request;
  const container = containerOf(request);
  if (container === ourNames.sidecar || container === ourNames.netguard) {
    return deny('own_container', `${subResource} to container ${container} would reach the application unrecorded`);
  }
  if (exec === 'allow') return allow(subResource);
  const allowed = await kube.reviewAccess({
    user: userInfo.username ?? '',
    groups: userInfo.groups ?? [],
    verb: 'break-glass',
    group: 'tachograph.dev',
    resource: 'pods',
    namespace,
    name,
  });
  if (allowed) return allow('break_glass');
  return deny('exec', `${subResource} to a recorded pod needs the verb break-glass on pods.tachograph.dev`);
}

function toReport(request: AdmissionRequest, pod: Pod, clock: Clock): BreakGlassReport {
  const { subResource, userInfo } = request;
  const container = containerOf(request);
  return {
    namespace: pod.namespace,
    pod: pod.name,
    podUid: pod.uid,
    subResource: subResource === 'attach' ? 'attach' : 'exec',
    ...(container === undefined ? {} : { container }),
    user: userInfo.username ?? 'nobody',
    at: new Date(clock.nowMs()).toISOString(),
  };
}

function withNotice(request: AdmissionRequest, pod: Pod, reason: string): Verdict {
  const { subResource = '', userInfo } = request;
  return {
    kind: 'allow',
    reason,
    warnings: [`tachograph: pod ${pod.name} is recorded; this ${subResource} is noted`],
    audit: { user: userInfo.username ?? '', pod: pod.uid, subresource: subResource },
  };
}

function describeConnect(request: AdmissionRequest, verdict: Verdict): string {
  const { subResource = '', userInfo } = request;
  const container = containerOf(request);
  const target = container === undefined ? '' : ` container ${container}`;
  const outcome = verdict.kind === 'deny' ? 'denied' : `allowed (${verdict.reason})`;
  return `${subResource}${target} by ${userInfo.username ?? 'nobody'}: ${outcome}`;
}

/** The options name a container, or the API server takes the pod's only ordinary one: never one of ours. */
function containerOf({ object }: AdmissionRequest): string | undefined {
  if (typeof object !== 'object' || object === null || !('container' in object)) return undefined;
  return typeof object.container === 'string' && object.container !== '' ? object.container : undefined;
}
