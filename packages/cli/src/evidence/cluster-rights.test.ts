import { describe, expect, test } from '@jest/globals';
import { clusterRights } from './cluster-rights.ts';

type Fields = Readonly<Record<string, unknown>>;

const system = 'tachograph';

function role(name: string, ...rules: readonly Fields[]): Fields {
  return { kind: 'ClusterRole', metadata: { name }, rules };
}

function bound(roleName: string, namespace?: string, ...subjects: readonly Fields[]): Fields {
  const kind = namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding';
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: roleName };
  const who = subjects.length > 0 ? subjects : [{ kind: 'Group', name: 'devs' }];
  return { kind, metadata: { name: 'b', ...(namespace === undefined ? {} : { namespace }) }, roleRef, subjects: who };
}

const rule = (resources: readonly string[], verbs: readonly string[], apiGroups = ['']): Fields => ({
  apiGroups,
  resources,
  verbs,
});

function rightsOf(objects: readonly Fields[], only?: string): unknown[] {
  return [...clusterRights({ objects, system }, only)].map((row) => `${String(row['server'])} ${String(row['right'])}`);
}

describe('rights of the cluster', () => {
  test('name who may port-forward, by which role and binding', () => {
    const objects = [role('edit', rule(['pods/portforward'], ['create'])), bound('edit', 'team-a')];
    expect([...clusterRights({ objects, system })]).toEqual([
      {
        basis: 'rbac',
        principal: 'devs',
        principal_type: 'Group',
        issuer: 'kubernetes',
        server: 'team-a/*',
        right: 'port-forward to pods',
        conditional: false,
        rule: 'ClusterRole edit',
        policy: 'RoleBinding team-a/b',
      },
    ]);
  });

  test.each([
    ['a subresource by its own name', rule(['pods/exec'], ['create']), ['* exec into pods']],
    ['a subresource of all resources', rule(['*/exec'], ['*'], ['*']), ['* exec into pods']],
    ['the resource is not its subresource', rule(['pods'], ['get', 'list']), []],
    ['another group', rule(['pods/exec'], ['create'], ['apps']), []],
    ['another verb', rule(['pods/exec'], ['list']), []],
    ['impersonation', rule(['users'], ['impersonate']), ['* act as others']],
    [
      'webhooks',
      rule(['mutatingwebhookconfigurations'], ['patch'], ['admissionregistration.k8s.io']),
      ['* change admission webhooks'],
    ],
  ])('follow the rules of RBAC: %s', (_, given, expected) => {
    expect(rightsOf([role('r', given), bound('r')])).toEqual(expected);
  });

  test('of everything are all of them for the cluster, and what is in a namespace for a namespace', () => {
    const all = [role('cluster-admin', rule(['*'], ['*'], ['*']))];
    const cluster = rightsOf([...all, bound('cluster-admin')]);
    const namespace = rightsOf([...all, bound('cluster-admin', 'team-a')]);
    expect(cluster).toContain('* change policies of the cluster');
    expect(cluster).toContain('the installation read keys of the installation');
    expect(namespace).toContain('team-a/* port-forward to pods');
    expect(namespace.join()).not.toMatch(/webhooks|of the cluster|nodes|installation/);
    expect(rightsOf([...all, bound('cluster-admin', system)])).toContain('tachograph/* read keys of the installation');
  });

  test('for named objects only are conditional', () => {
    const limited = { ...rule(['secrets'], ['get']), resourceNames: ['tachograph-trust'] };
    const rows = [...clusterRights({ objects: [role('r', limited), bound('r', system)], system })];
    expect(rows).toEqual([expect.objectContaining({ right: 'read keys of the installation', conditional: true })]);
  });

  test('of a service account stand under the name that tokens give it', () => {
    const account = { kind: 'ServiceAccount', name: 'ci' };
    const objects = [role('r', rule(['pods/exec'], ['create'])), bound('r', 'team-a', account)];
    expect([...clusterRights({ objects, system })][0]?.['principal']).toBe('system:serviceaccount:team-a:ci');
  });

  test('come from the Role of the namespace where the binding names one, and from none that is not there', () => {
    const own = {
      kind: 'Role',
      metadata: { name: 'r', namespace: 'team-a' },
      rules: [rule(['pods/attach'], ['create'])],
    };
    const to = (namespace: string): Fields => ({ ...bound('r', namespace), roleRef: { kind: 'Role', name: 'r' } });
    expect(rightsOf([own, to('team-a'), to('team-b'), bound('r')])).toEqual(['team-a/* attach to pods']);
  });

  test('of other namespaces are left out, but not those of all and of the installation', () => {
    const some = [role('r', rule(['pods/exec'], ['create']))];
    const bindings = [bound('r', 'team-a'), bound('r', 'team-b'), bound('r'), bound('r', system)];
    expect(rightsOf([...some, ...bindings], 'team-a')).toEqual([
      'team-a/* exec into pods',
      '* exec into pods',
      'tachograph/* exec into pods',
    ]);
  });

  test.each([[{}], [{ kind: 'RoleBinding' }], [{ kind: 'ClusterRoleBinding', subjects: 'x', roleRef: [] }]])(
    'of what is no binding, %j, are none',
    (object) => {
      expect(rightsOf([object])).toEqual([]);
    },
  );
});
