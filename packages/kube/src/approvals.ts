import { toMeta, type ObjectMeta } from './objects.ts';
import { isKubeError } from './kube-error.ts';
import { listAll } from './reflector.ts';
import type { Json, Transport } from './transport.ts';

/** `McpApproval` as stored: parse `spec` and `status` with the schemas of `protocol`. */
export interface ApprovalObject extends ObjectMeta {
  readonly spec: unknown;
  readonly status: unknown;
}

/** What is written; `resourceVersion` only where it exists already. */
export interface ApprovalDraft {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: unknown;
  readonly status: unknown;
}

/** Which approvals: of a namespace or all. */
export interface ApprovalSelector {
  readonly namespace?: string;
  readonly name?: string;
  /** In Kubernetes' own syntax. */
  readonly labelSelector?: string;
}

/** `McpApproval` objects with optimistic concurrency. Every read asks the API server itself. Methods throw `KubeError`. */
export interface ApprovalPort {
  getApproval(namespace: string, name: string): Promise<ApprovalObject | undefined>;
  listApprovals(selector: ApprovalSelector): Promise<readonly ApprovalObject[]>;
  /** Throws `conflict` when it exists. */
  createApproval(draft: ApprovalDraft): Promise<ApprovalObject>;
  /** Replaces exactly the version that was read; throws `conflict` otherwise. */
  updateApproval(draft: ApprovalDraft & { readonly resourceVersion: string }): Promise<ApprovalObject>;
  /** Removes exactly the version that was read; throws `conflict` otherwise. An absent one is removed. */
  deleteApproval(approval: Pick<ApprovalObject, 'namespace' | 'name' | 'uid' | 'resourceVersion'>): Promise<void>;
}

export const approvalsPath = '/apis/tachograph.dev/v1alpha1/mcpapprovals';

export function createApprovalPort(transport: Transport): ApprovalPort {
  return {
    async getApproval(namespace, name) {
      try {
        return toApproval(
          await transport.call({ method: 'GET', path: `${collection(namespace)}/${encodeURIComponent(name)}` }),
        );
      } catch (error) {
        if (isKubeError(error, 'not_found')) return undefined;
        throw error;
      }
    },
    listApprovals: async (selector) => listPages(transport, selector),
    createApproval: async (draft) =>
      toApproval(await transport.call({ method: 'POST', path: collection(draft.namespace), body: fromDraft(draft) })),
    updateApproval: async (draft) =>
      toApproval(
        await transport.call({
          method: 'PUT',
          path: `${collection(draft.namespace)}/${draft.name}`,
          body: fromDraft(draft),
        }),
      ),
    async deleteApproval({ namespace, name, uid, resourceVersion }) {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } };
      try {
        await transport.call({ method: 'DELETE', path: `${collection(namespace)}/${name}`, body });
      } catch (error) {
        if (!isKubeError(error, 'not_found')) throw error;
      }
    },
  };
}

async function listPages(transport: Transport, selector: ApprovalSelector): Promise<readonly ApprovalObject[]> {
  const { namespace, name, labelSelector } = selector;
  const { objects } = await listAll(transport, namespace === undefined ? approvalsPath : collection(namespace), {
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }),
  });
  return objects.map(toApproval);
}

function collection(namespace: string): string {
  return `/apis/tachograph.dev/v1alpha1/namespaces/${encodeURIComponent(namespace)}/mcpapprovals`;
}

function toApproval(object: Json): ApprovalObject {
  return { ...toMeta(object), spec: object['spec'], status: object['status'] };
}

function fromDraft(draft: ApprovalDraft & { readonly resourceVersion?: string }): Json {
  const { namespace, name, labels, spec, status, resourceVersion } = draft;
  return {
    apiVersion: 'tachograph.dev/v1alpha1',
    kind: 'McpApproval',
    metadata: { namespace, name, labels, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    spec,
    status,
  };
}
