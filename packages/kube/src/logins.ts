import { isKubeError } from './kube-error.ts';
import { toMeta, type ObjectMeta } from './objects.ts';
import { listAll } from './reflector.ts';
import type { Json, Transport } from './transport.ts';

/** `McpLogin` as stored: a piece of login state with a lifetime. Whoever reads `spec` parses it. */
export interface LoginObject extends ObjectMeta {
  readonly spec: unknown;
}

/** What is written; `resourceVersion` only where it exists already. */
export interface LoginDraft {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: unknown;
}

/** `McpLogin` objects with optimistic concurrency. Every read asks the API server itself. Methods throw `KubeError`. */
export interface LoginPort {
  getLogin(namespace: string, name: string): Promise<LoginObject | undefined>;
  /** `labelSelector` in Kubernetes' own syntax; absent: all of the namespace. */
  listLogins(namespace: string, labelSelector?: string): Promise<readonly LoginObject[]>;
  /** Throws `conflict` when it exists. */
  createLogin(draft: LoginDraft): Promise<LoginObject>;
  /** Replaces exactly the version that was read; throws `conflict` otherwise, `not_found` when it is gone. */
  updateLogin(draft: LoginDraft & { readonly resourceVersion: string }): Promise<LoginObject>;
  /** With `resourceVersion` removes only that version; throws `conflict` otherwise. An absent one is removed. */
  deleteLogin(login: {
    readonly namespace: string;
    readonly name: string;
    readonly resourceVersion?: string;
  }): Promise<void>;
}

export function createLoginPort(transport: Transport): LoginPort {
  return {
    async getLogin(namespace, name) {
      try {
        return toLogin(await transport.call({ method: 'GET', path: pathOf(namespace, name) }));
      } catch (error) {
        if (isKubeError(error, 'not_found')) return undefined;
        throw error;
      }
    },
    async listLogins(namespace, labelSelector) {
      const query = labelSelector === undefined ? {} : { labelSelector };
      const { objects } = await listAll(transport, collection(namespace), query);
      return objects.map(toLogin);
    },
    createLogin: async (draft) =>
      toLogin(await transport.call({ method: 'POST', path: collection(draft.namespace), body: fromDraft(draft) })),
    updateLogin: async (draft) =>
      toLogin(
        await transport.call({ method: 'PUT', path: pathOf(draft.namespace, draft.name), body: fromDraft(draft) }),
      ),
    async deleteLogin({ namespace, name, resourceVersion }) {
      const preconditions = resourceVersion === undefined ? {} : { preconditions: { resourceVersion } };
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...preconditions };
      try {
        await transport.call({ method: 'DELETE', path: pathOf(namespace, name), body });
      } catch (error) {
        if (!isKubeError(error, 'not_found')) throw error;
      }
    },
  };
}

function collection(namespace: string): string {
  return `/apis/tachograph.dev/v1alpha1/namespaces/${encodeURIComponent(namespace)}/mcplogins`;
}

function pathOf(namespace: string, name: string): string {
  return `${collection(namespace)}/${encodeURIComponent(name)}`;
}

function toLogin(object: Json): LoginObject {
  return { ...toMeta(object), spec: object['spec'] };
}

function fromDraft({
  namespace,
  name,
  labels,
  spec,
  resourceVersion,
}: LoginDraft & { resourceVersion?: string }): Json {
  return {
    apiVersion: 'tachograph.dev/v1alpha1',
    kind: 'McpLogin',
    metadata: { namespace, name, labels, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    spec,
  };
}
