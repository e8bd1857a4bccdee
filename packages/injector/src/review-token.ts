import { controllerAudience, sequencerAudience, type AdmissionRequest } from '@tachograph/protocol';
import { allow, deny, type Verdict } from './verdict.ts';

const ours: readonly string[] = [controllerAudience, sequencerAudience];

/**
 * `POST /tokens`: serviceaccounts/token CREATE. A token for our audiences proves that its holder is a sidecar or a part of
 * the installation, so only the kubelet, which gives it to the pod that is bound to it, may ask for one.
 */
export async function reviewToken(request: AdmissionRequest): Promise<Verdict> {
  if (request.resource.resource !== 'serviceaccounts' || request.subResource !== 'token') return allow('not_ours');
  const audience = audiencesOf(request.object).find((one) => ours.includes(one));
  if (audience === undefined || isKubelet(request)) return allow('token');
  return deny('token_audience', `tokens for the audience ${audience} are for sidecars only`);
}

function isKubelet({ userInfo }: AdmissionRequest): boolean {
  return (userInfo.groups ?? []).includes('system:nodes') && (userInfo.username ?? '').startsWith('system:node:');
}

function audiencesOf(object: unknown): readonly string[] {
  if (typeof object !== 'object' || object === null || !('spec' in object)) return [];
  const { spec } = object;
  if (typeof spec !== 'object' || spec === null || !('audiences' in spec) || !Array.isArray(spec.audiences)) return [];
  return spec.audiences.filter((one) => typeof one === 'string');
}
