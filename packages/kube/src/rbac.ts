import { listAll } from './reflector.ts';
import type { Json, Transport } from './transport.ts';

/** Who may do what, as Kubernetes' own authoriser is told. */
export interface RbacPort {
  /** Every `ClusterRole`, `Role`, `ClusterRoleBinding` and `RoleBinding`, as the API server sends them, with their `kind`. */
  listRbac(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

const group = '/apis/rbac.authorization.k8s.io/v1';
const collections = [
  ['clusterroles', 'ClusterRole'],
  ['roles', 'Role'],
  ['clusterrolebindings', 'ClusterRoleBinding'],
  ['rolebindings', 'RoleBinding'],
] as const;

export function createRbacPort(transport: Transport): RbacPort {
  return {
    async listRbac() {
      const found: Json[] = [];
      for (const [collection, kind] of collections) {
        const { objects } = await listAll(transport, `${group}/${collection}`, {});
        // An item of a list does not name its kind.
        found.push(...objects.map((object) => ({ ...object, kind })));
      }
      return found;
    },
  };
}
