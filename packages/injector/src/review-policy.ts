import { checkMaskingSpec } from '@tachograph/masking';
import { checkPolicy } from '@tachograph/policy';
import type { AdmissionRequest } from '@tachograph/protocol';
import { allow, deny, type Verdict } from './verdict.ts';

/** Faults shown to the user; the rest are counted. */
const shown = 5;

/** `POST /policies`: McpPolicy CREATE and UPDATE. A policy that could not be enforced as written is not stored. */
export async function reviewPolicy(request: AdmissionRequest): Promise<Verdict> {
  if (request.resource.resource !== 'mcppolicies' || !['CREATE', 'UPDATE'].includes(request.operation)) {
    return allow('not_ours');
  }
  const { namespace = '', name = '' } = request;
  const checked = checkPolicy({ name, namespace, spec: specOf(request.object) });
  if (checked.kind === 'refused') return refuse(checked.errors);
  const faults = checkMaskingSpec(checked.spec.masking ?? {});
  return faults.length === 0
    ? allow('policy')
    : refuse(faults.map(({ path, message }) => ({ path: `spec.masking${path.replaceAll('/', '.')}`, message })));
}

function specOf(object: unknown): unknown {
  return typeof object === 'object' && object !== null && 'spec' in object ? object.spec : undefined;
}

function refuse(faults: readonly { readonly path: string; readonly message: string }[]): Verdict {
  const texts = faults.slice(0, shown).map(({ path, message }) => `${path}: ${message}`);
  const more = faults.length > shown ? [`and ${faults.length - shown} more`] : [];
  return deny('policy_invalid', [...texts, ...more].join('; '));
}
