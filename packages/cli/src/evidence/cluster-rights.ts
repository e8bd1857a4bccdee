/** Who may get past the recorder, or change what it does, by the cluster's own roles (RBAC). */
import { isJsonObject } from '@tachograph/protocol';
import type { Row } from './evidence-table.ts';

/** A right worth knowing. `onlyCluster`: of what is in no namespace, so that a RoleBinding cannot give it. */
interface WatchedRight {
  readonly right: string;
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly onlyCluster?: true;
  /** Only in the installation's own namespace. */
  readonly onlySystem?: true;
}

const change = ['create', 'update', 'patch', 'delete', 'deletecollection'] as const;
const read = ['get', 'list', 'watch'] as const;
const rbac = 'rbac.authorization.k8s.io';
const tachograph = 'tachograph.dev';

const watched: readonly WatchedRight[] = [
  { right: 'port-forward to pods', group: '', resources: ['pods/portforward'], verbs: ['create', 'get'] },
  { right: 'exec into pods', group: '', resources: ['pods/exec'], verbs: ['create', 'get'] },
  { right: 'attach to pods', group: '', resources: ['pods/attach'], verbs: ['create', 'get'] },
  { right: 'debug pods', group: '', resources: ['pods/ephemeralcontainers'], verbs: ['update', 'patch'] },
  { right: 'proxy to pods', group: '', resources: ['pods/proxy', 'services/proxy'], verbs: ['create', 'get'] },
  { right: 'make pods', group: '', resources: ['pods'], verbs: ['create'] },
  { right: 'mint tokens of service accounts', group: '', resources: ['serviceaccounts/token'], verbs: ['create'] },
  { right: 'reach nodes', group: '', resources: ['nodes/proxy'], verbs: ['create', 'get'], onlyCluster: true },
  {
    right: 'change admission webhooks',
    group: 'admissionregistration.k8s.io',
    resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
    verbs: change,
    onlyCluster: true,
  },
  { right: 'label namespaces', group: '', resources: ['namespaces'], verbs: ['update', 'patch'] },
  { right: 'change policies', group: tachograph, resources: ['mcppolicies'], verbs: change },
  {
    right: 'change policies of the cluster',
    group: tachograph,
    resources: ['clustermcppolicies'],
    verbs: change,
    onlyCluster: true,
  },
  { right: 'pin tools', group: tachograph, resources: ['mcpservers/pins'], verbs: ['update'] },
  { right: 'change inventories of tools', group: tachograph, resources: ['mcpservers'], verbs: change },
  { right: 'read held calls', group: tachograph, resources: ['mcpapprovals'], verbs: read },
  { right: 'change held calls', group: tachograph, resources: ['mcpapprovals'], verbs: change },
  { right: 'end logins', group: tachograph, resources: ['mcplogins'], verbs: change, onlySystem: true },
  { right: 'read keys of the installation', group: '', resources: ['secrets'], verbs: read, onlySystem: true },
  { right: 'change keys of the installation', group: '', resources: ['secrets'], verbs: change, onlySystem: true },
  {
    right: 'run the installation',
    group: 'apps',
    resources: ['deployments', 'statefulsets'],
    verbs: change,
    onlySystem: true,
  },
  {
    right: 'give rights',
    group: rbac,
    resources: ['rolebindings', 'clusterrolebindings', 'roles', 'clusterroles'],
    verbs: [...change, 'bind', 'escalate'],
  },
  { right: 'act as others', group: '', resources: ['users', 'groups', 'serviceaccounts'], verbs: ['impersonate'] },
];

/** What the rights of a cluster are read from. `system`: the installation's own namespace. */
export interface ClusterAccess {
  /** `ClusterRole`, `Role`, `ClusterRoleBinding` and `RoleBinding` objects; others are passed over. */
  readonly objects: readonly Readonly<Record<string, unknown>>[];
  readonly system: string;
}

interface Binding {
  readonly kind: string;
  readonly name: string;
  /** Empty: every namespace. */
  readonly namespace: string;
  readonly role: string;
  readonly subjects: readonly Subject[];
}

interface Subject {
  readonly kind: string;
  readonly name: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** A row for each subject and right that a binding gives, in the order of the bindings. A binding to a role that is not there gives none. */
export function* clusterRights({ objects, system }: ClusterAccess, only?: string): Generator<Row> {
  const roles = new Map(objects.filter(isRole).map((role) => [keyOf(role), rulesOf(role)]));
  for (const binding of objects.flatMap(toBinding)) {
    const { namespace } = binding;
    if (only !== undefined && namespace !== '' && namespace !== only && namespace !== system) continue;
    const rules = roles.get(binding.role) ?? [];
    for (const right of watched) {
      if (!isWithin(right, namespace, system)) continue;
      const granted = rules.filter((rule) => grants(rule, right));
      if (granted.length > 0) yield* rowsOf(binding, right, granted.every(isLimited));
    }
  }
}

function isWithin({ onlyCluster, onlySystem }: WatchedRight, namespace: string, system: string): boolean {
  if (namespace === '') return true;
  return onlyCluster !== true && (onlySystem !== true || namespace === system);
}

function* rowsOf(binding: Binding, { right, onlySystem }: WatchedRight, conditional: boolean): Generator<Row> {
  const { kind, name, namespace, role, subjects } = binding;
  const scope = namespace === '' ? (onlySystem === true ? 'the installation' : '*') : `${namespace}/*`;
  for (const subject of subjects) {
    yield {
      basis: 'rbac',
      principal: subject.name,
      principal_type: subject.kind,
      issuer: 'kubernetes',
      server: scope,
      right,
      conditional,
      rule: role,
      policy: namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`,
    };
  }
}

function isRole(object: Fields): boolean {
  return object['kind'] === 'ClusterRole' || object['kind'] === 'Role';
}

function metaOf(object: Fields): { readonly name: string; readonly namespace: string } {
  const meta = fieldsAt(object, 'metadata');
  return { name: textAt(meta, 'name'), namespace: textAt(meta, 'namespace') };
}

function keyOf(role: Fields): string {
  const { name, namespace } = metaOf(role);
  return role['kind'] === 'Role' ? `Role ${namespace}/${name}` : `ClusterRole ${name}`;
}

function toBinding(object: Fields): Binding[] {
  const kind = textAt(object, 'kind');
  if (kind !== 'ClusterRoleBinding' && kind !== 'RoleBinding') return [];
  const { name, namespace } = metaOf(object);
  const ref = fieldsAt(object, 'roleRef');
  const target = textAt(ref, 'name');
  const role = textAt(ref, 'kind') === 'Role' ? `Role ${namespace}/${target}` : `ClusterRole ${target}`;
  const subjects = listAt(object, 'subjects').map((subject) => toSubject(subject, namespace));
  return [{ kind, name, namespace: kind === 'RoleBinding' ? namespace : '', role, subjects }];
}

/** A service account by the name that tokens and audit logs give it. */
function toSubject(subject: Fields, of: string): Subject {
  const kind = textAt(subject, 'kind');
  const name = textAt(subject, 'name');
  if (kind !== 'ServiceAccount') return { kind, name };
  return { kind, name: `system:serviceaccount:${textAt(subject, 'namespace') || of}:${name}` };
}

function rulesOf(role: Fields): readonly Fields[] {
  return listAt(role, 'rules');
}

function grants(rule: Fields, { group, resources, verbs }: WatchedRight): boolean {
  return (
    names(rule, 'apiGroups', [group]) &&
    names(rule, 'verbs', verbs) &&
    names(rule, 'resources', resources.flatMap(ways))
  );
}

/** How a rule can name a resource: itself, or `*` before the slash of a subresource. */
function ways(resource: string): readonly string[] {
  const slash = resource.indexOf('/');
  return slash < 0 ? [resource] : [resource, `*${resource.slice(slash)}`];
}

function names(rule: Fields, field: string, wanted: readonly string[]): boolean {
  const list = rule[field];
  return Array.isArray(list) && list.some((one) => one === '*' || wanted.includes(String(one)));
}

/** For named objects only. */
function isLimited(rule: Fields): boolean {
  const list = rule['resourceNames'];
  return Array.isArray(list) && list.length > 0;
}

function fieldsAt(object: Fields, field: string): Fields {
  const value = object[field];
  return isJsonObject(value) ? value : {};
}

function listAt(object: Fields, field: string): readonly Fields[] {
  const value = object[field];
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function textAt(object: Fields, field: string): string {
  const value = object[field];
  return typeof value === 'string' ? value : '';
}
