import { isKubeError } from './kube-error.ts';
import { toMeta, type ObjectMeta } from './objects.ts';
import { listAll } from './reflector.ts';
import type { Json, Transport } from './transport.ts';

/** `McpServer` as stored: parse `status` with the schema of `protocol`. The name is the workload's. */
export interface ServerObject extends ObjectMeta {
  readonly status: unknown;
}

/** What is written; `resourceVersion` only where it exists already. */
export interface ServerDraft {
  readonly namespace: string;
  readonly name: string;
  readonly status: unknown;
  readonly resourceVersion?: string;
}

/** `McpServer` objects with optimistic concurrency. Methods throw `KubeError`. */
export interface ServerPort {
  /** Asks the API server itself. */
  getServer(namespace: string, name: string): Promise<ServerObject | undefined>;
  listServers(namespace?: string): Promise<readonly ServerObject[]>;
  /** Creates, or replaces exactly the version that was read; throws `conflict` otherwise. */
  putServer(draft: ServerDraft): Promise<ServerObject>;
}

export const serversPath = '/apis/tachograph.dev/v1alpha1/mcpservers';

export function createServerPort(transport: Transport): ServerPort {
  return {
    async getServer(namespace, name) {
      try {
        return toServer(await transport.call({ method: 'GET', path: pathOf(namespace, name) }));
      } catch (error) {
        if (isKubeError(error, 'not_found')) return undefined;
        throw error;
      }
    },
    async listServers(namespace) {
      const { objects } = await listAll(transport, namespace === undefined ? serversPath : collection(namespace), {});
      return objects.map(toServer);
    },
    async putServer(draft) {
      const { namespace, name, resourceVersion } = draft;
      const isNew = resourceVersion === undefined;
      const body = fromDraft(draft);
      return toServer(
        await transport.call(
          isNew
            ? { method: 'POST', path: collection(namespace), body }
            : { method: 'PUT', path: pathOf(namespace, name), body },
        ),
      );
    },
  };
}

export function toServer(object: Json): ServerObject {
  return { ...toMeta(object), status: object['status'] };
}

function collection(namespace: string): string {
  return `/apis/tachograph.dev/v1alpha1/namespaces/${encodeURIComponent(namespace)}/mcpservers`;
}

function pathOf(namespace: string, name: string): string {
  return `${collection(namespace)}/${encodeURIComponent(name)}`;
}

function fromDraft({ namespace, name, status, resourceVersion }: ServerDraft): Json {
  return {
    apiVersion: 'tachograph.dev/v1alpha1',
    kind: 'McpServer',
    metadata: { namespace, name, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    status,
  };
}
