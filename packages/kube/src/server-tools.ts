import { objectAt, objectsAt, textAt } from './fields.ts';
import { isKubeError } from './kube-error.ts';
import { listAll } from './reflector.ts';
import type { Json, Transport } from './transport.ts';

/** Names of the tools in the inventory of one workload (`McpServer`). */
export interface ServerTools {
  readonly namespace: string;
  /** The object's name. */
  readonly workload: string;
  readonly tools: readonly string[];
}

/** What `strict` policies are checked against. */
export interface ServerToolsPort {
  /** Of one namespace, or of all; `undefined`: this cluster has no such resource. */
  listServerTools(namespace?: string): Promise<readonly ServerTools[] | undefined>;
}

export function createServerToolsPort(transport: Transport): ServerToolsPort {
  return {
    async listServerTools(namespace) {
      const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
      try {
        const { objects } = await listAll(transport, `/apis/tachograph.dev/v1alpha1${scope}/mcpservers`, {});
        return objects.map(toServerTools);
      } catch (error) {
        if (isKubeError(error, 'not_found')) return undefined;
        throw error;
      }
    },
  };
}

function toServerTools(object: Json): ServerTools {
  const meta = objectAt(object, 'metadata');
  return {
    namespace: textAt(meta, 'namespace') ?? '',
    workload: textAt(meta, 'name') ?? '',
    tools: objectsAt(objectAt(object, 'status'), 'tools').flatMap((tool) => textAt(tool, 'name') ?? []),
  };
}
