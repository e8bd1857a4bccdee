import { describe, expect, test } from '@jest/globals';
import {
  KubeError,
  type AccessQuestion,
  type ApprovalDraft,
  type ApprovalObject,
  type ApprovalPort,
} from '@tachograph/kube';
import { silentLogger } from '@tachograph/service';
import { testApproval, testPerson } from '../testing/test-approval.ts';
import { createKubeApprovals } from './kube-approvals.ts';
import { createKubeCallerAccess } from './kube-caller-access.ts';

/** The API server's objects; the port itself is tested with its package. */
class Objects implements ApprovalPort {
  readonly stored = new Map<string, ApprovalObject>();
  /** Thrown by the next write. */
  fault: KubeError | undefined;
  #version = 1;

  getApproval = async (namespace: string, name: string) => this.stored.get(`${namespace}/${name}`);
  listApprovals = async ({ namespace, name, labelSelector }: Parameters<ApprovalPort['listApprovals']>[0]) =>
    [...this.stored.values()]
      .filter((one) => namespace === undefined || one.namespace === namespace)
      .filter((one) => name === undefined || one.name === name)
      .filter(
        (one) => labelSelector === undefined || one.labels['tachograph.dev/live'] === labelSelector.split('=')[1],
      );
  createApproval = async (draft: ApprovalDraft) => this.#put(draft);
  updateApproval = async (draft: ApprovalDraft & { readonly resourceVersion: string }) => {
    const { fault } = this;
    this.fault = undefined;
    if (fault !== undefined) throw fault;
    const found = this.stored.get(`${draft.namespace}/${draft.name}`);
    if (found?.resourceVersion !== draft.resourceVersion) throw new KubeError('conflict', 'changed');
    return this.#put(draft);
  };
  deleteApproval = async ({ namespace, name }: { readonly namespace: string; readonly name: string }) =>
    void this.stored.delete(`${namespace}/${name}`);
  watchApprovals = () => ({
    synced: Promise.resolve(),
    isSynced: () => true,
    list: () => [],
    get: () => undefined,
    stop: () => undefined,
  });

  #put(draft: ApprovalDraft): ApprovalObject {
    this.#version += 1;
    // As over the wire.
    const copy = JSON.parse(JSON.stringify(draft)) as ApprovalDraft;
    const object = { ...copy, uid: draft.name, resourceVersion: String(this.#version), annotations: {} };
    this.stored.set(`${draft.namespace}/${draft.name}`, object);
    return object;
  }
}

describe('approvals as objects', () => {
  const approval = testApproval();

  test('come back as they were written, in the namespace of the workload', async () => {
    const objects = new Objects();
    const store = createKubeApprovals(objects, silentLogger);
    await store.create(approval);
    expect([...objects.stored.keys()]).toEqual([`demo/${approval.id}`]);
    expect(await store.get(approval.id)).toMatchObject({ approval });
    expect(await store.get(approval.id, 'elsewhere')).toBeUndefined();
  });

  test('keep what was asked in the spec and what became of it in the status', async () => {
    const objects = new Objects();
    await createKubeApprovals(objects, silentLogger).create(approval);
    const [object] = objects.stored.values();
    expect(object).toMatchObject({ spec: { tool: 'query', digest: approval.digest }, status: { state: 'pending' } });
    expect(object?.spec).not.toHaveProperty('state');
  });

  test('of two replicas with one version, one updates', async () => {
    const objects = new Objects();
    const store = createKubeApprovals(objects, silentLogger);
    await store.create(approval);
    const read = await store.get(approval.id, 'demo');
    const next = { approval: testApproval({ state: 'approved' }), version: read?.version ?? '' };
    expect(await Promise.all([store.update(next), store.update(next)])).toEqual(['updated', 'conflict']);
  });

  test('an update without an answer is no conflict: nobody knows whether it took place', async () => {
    const objects = new Objects();
    const store = createKubeApprovals(objects, silentLogger);
    await store.create(approval);
    const read = await store.get(approval.id, 'demo');
    objects.fault = new KubeError('unavailable', 'no answer');
    await expect(store.update({ approval, version: read?.version ?? '' })).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  test('that have ended are no longer listed as live', async () => {
    const store = createKubeApprovals(new Objects(), silentLogger);
    await store.create(approval);
    const read = await store.get(approval.id, 'demo');
    await store.update({ approval: testApproval({ state: 'denied' }), version: read?.version ?? '' });
    expect(await store.list({ liveOnly: true })).toEqual([]);
    expect(await store.list({ namespace: 'demo' })).toHaveLength(1);
  });

  test('somebody else’s object is as none', async () => {
    const objects = new Objects();
    const { id } = approval;
    await objects.createApproval({
      namespace: 'demo',
      name: id,
      labels: {},
      spec: { tool: 'x' },
      status: { state: 'approved' },
    });
    expect(await createKubeApprovals(objects, silentLogger).get(id, 'demo')).toBeUndefined();
  });
});

const access = (allowed: (question: AccessQuestion) => boolean, prefixes = { user: '', group: '' }) =>
  createKubeCallerAccess({ reviewAccess: async (question) => allowed(question) }, prefixes);

describe('who can act as a ServiceAccount', () => {
  const account = { namespace: 'demo', name: 'agent' };
  const bob = testPerson('b-1', { names: ['bob@example.com'] });

  test('nobody whom the cluster allows nothing', async () => {
    await expect(access(() => false).wayToActAs(bob, account)).resolves.toBeUndefined();
  });

  test.each([
    [
      'create serviceaccounts/token in demo',
      { verb: 'create', resource: 'serviceaccounts', subresource: 'token', name: 'agent' },
    ],
    ['impersonate serviceaccounts in demo', { verb: 'impersonate', resource: 'serviceaccounts', name: 'agent' }],
    [
      'impersonate users',
      { verb: 'impersonate', resource: 'users', name: 'system:serviceaccount:demo:agent', namespace: '' },
    ],
    ['create pods in demo', { verb: 'create', resource: 'pods', namespace: 'demo' }],
    ['create pods/exec in demo', { verb: 'create', resource: 'pods', subresource: 'exec' }],
    ['create cronjobs in demo', { verb: 'create', resource: 'cronjobs', group: 'batch' }],
  ])('who may %s', async (way, wanted) => {
    const asked = (question: AccessQuestion): boolean => {
      const { subresource } = { subresource: undefined, ...wanted };
      return (
        question.subresource === subresource &&
        Object.entries(wanted).every(([key, value]) => Reflect.get(question, key) === value)
      );
    };
    await expect(access(asked).wayToActAs(bob, account)).resolves.toBe(way);
  });

  test('under any name that the API server may know them by', async () => {
    const users = new Set<string>();
    const groups = new Set<string>();
    const listen = access(
      (question) => {
        users.add(question.user);
        for (const group of question.groups) groups.add(group);
        return false;
      },
      { user: 'oidc:', group: 'oidc:' },
    );
    await listen.wayToActAs(bob, account);
    expect([...users]).toEqual(
      expect.arrayContaining(['b-1', 'bob@example.com', 'oidc:bob@example.com', 'https://issuer#b-1']),
    );
    expect([...groups]).toEqual(expect.arrayContaining(['dba', 'oidc:dba', 'system:authenticated']));
  });

  test('cannot be said while the cluster does not answer', async () => {
    const silent = createKubeCallerAccess(
      { reviewAccess: async () => Promise.reject(new KubeError('unavailable', 'no answer')) },
      { user: '', group: '' },
    );
    await expect(silent.wayToActAs(bob, account)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
