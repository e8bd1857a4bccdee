import type { Kube } from '@tachograph/kube';
import { checkMaskingSpec } from '@tachograph/masking/check';
import { checkPolicy, findUnknownTools, loadConditions, type PolicyObject } from '@tachograph/policy';
import type { AdmissionRequest, ClusterPolicySpec } from '@tachograph/protocol';
import { describeError } from '@tachograph/service';
import { allow, deny, type Reviewer, type Verdict } from './verdict.ts';

/** Faults shown to the user; the rest are counted. */
const shown = 5;

const kinds: ReadonlyMap<string, 'McpPolicy' | 'ClusterMcpPolicy'> = new Map([
  ['mcppolicies', 'McpPolicy'],
  ['clustermcppolicies', 'ClusterMcpPolicy'],
]);

interface Fault {
  readonly path: string;
  readonly message: string;
}

/**
 * `POST /policies`: CREATE and UPDATE of McpPolicy and ClusterMcpPolicy. A policy that could not be enforced as written
 * is not stored. The schema in the cluster keeps unknown fields, so they are seen and refused here.
 */
export function createPolicyReviewer(kube: Pick<Kube, 'listServerTools'>): Reviewer {
  return async (request) => {
    const kind = kinds.get(request.resource.resource);
    if (kind === undefined || !['CREATE', 'UPDATE'].includes(request.operation)) return allow('not_ours');
    if (isUnchanged(request)) return allow('policy_unchanged');
    const { namespace = '', name = '' } = request;
    const checked = checkPolicy({ kind, name, namespace, spec: specOf(request.object) }, await loadConditions());
    if (checked.kind === 'refused') return refuse(checked.errors);
    const faults = [...maskingFaults(checked.spec), ...(await toolFaults(kube, { kind, namespace }, checked.spec))];
    return faults.length === 0 ? allow('policy') : refuse(faults);
  };
}

/** Labels, annotations and finalizers of a policy can be changed whatever is known of its tools by now. */
function isUnchanged({ operation, object, oldObject }: AdmissionRequest): boolean {
  const before = specOf(oldObject);
  return operation === 'UPDATE' && before !== undefined && JSON.stringify(before) === JSON.stringify(specOf(object));
}

function specOf(object: unknown): unknown {
  return typeof object === 'object' && object !== null && 'spec' in object ? object.spec : undefined;
}

function maskingFaults({ masking, floors }: ClusterPolicySpec): readonly Fault[] {
  return [
    ...checkMaskingSpec(masking ?? {}).map((fault) => at('spec.masking', fault)),
    ...checkMaskingSpec(floors?.masking ?? {}).map((fault) => at('spec.floors.masking', fault)),
  ];
}

function at(root: string, { path, message }: Fault): Fault {
  return { path: `${root}${path.replaceAll('/', '.')}`, message };
}

async function toolFaults(
  kube: Pick<Kube, 'listServerTools'>,
  { kind, namespace }: Required<Pick<PolicyObject, 'kind' | 'namespace'>>,
  spec: ClusterPolicySpec,
): Promise<readonly Fault[]> {
  if (spec.strict !== true) return [];
  const path = 'spec.strict';
  try {
    const servers = await kube.listServerTools(kind === 'McpPolicy' ? namespace : undefined);
    if (servers === undefined) return [{ path, message: 'this cluster keeps no inventory of servers (McpServer)' }];
    return findUnknownTools(spec, servers);
  } catch (error) {
    return [{ path, message: `the inventory of servers cannot be read: ${describeError(error)}` }];
  }
}

function refuse(faults: readonly Fault[]): Verdict {
  const texts = faults.slice(0, shown).map(({ path, message }) => `${path}: ${message}`);
  const more = faults.length > shown ? [`and ${faults.length - shown} more`] : [];
  return deny('policy_invalid', [...texts, ...more].join('; '));
}
