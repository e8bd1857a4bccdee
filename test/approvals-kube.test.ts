/** Approvals over an API server that has other writers, loses answers and fails. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { silentLogger, systemClock } from '@tachograph/service';
import { Approvals } from '../packages/controller/src/approvals/approvals.ts';
import { noCallerAccess } from '../packages/controller/src/approvals/caller-access.ts';
import { createKubeApprovals } from '../packages/controller/src/kube/kube-approvals.ts';
import { systemTimers } from '../packages/controller/src/ports.ts';
import { testBundle, testDigest, testPerson, testRequest } from '../packages/controller/src/testing/test-approval.ts';
import { createKubeOver } from '../packages/kube/src/kube.ts';
import {
  startFakeApiServer,
  type FakeApiServer,
  type FakeObject,
} from '../packages/kube/src/testing/fake-api-server.ts';

const from = { namespace: 'demo', workload: 'store' };
const collection = '/apis/tachograph.dev/v1alpha1/namespaces/demo/mcpapprovals';
const bob = testPerson('bob');
const approve = { verdict: 'approve', reason: 'fine' } as const;
const use = { digest: testDigest, bundle: testBundle };
const noWait = { waitMs: 0, isGone: () => false };

let server: FakeApiServer;
let closing: (() => void)[];

beforeEach(async () => {
  server = await startFakeApiServer();
  // A collection that has had an object: of one without, this API server knows nothing.
  server.put(collection, { metadata: { name: 'earlier', namespace: 'demo' } });
  closing = [];
});
afterEach(async () => {
  for (const close of closing) close();
  await server.close();
});

function replica(): Approvals {
  const kube = createKubeOver(server.transport, { log: silentLogger, random: () => 0 });
  const store = createKubeApprovals(kube, silentLogger);
  const common = { clock: systemClock, timers: systemTimers, access: noCallerAccess };
  const approvals = new Approvals({ ...common, cluster: 'test', store, onState: () => undefined });
  closing.push(() => {
    approvals.close();
    store.close();
  });
  return approvals;
}

const request = () => testRequest({ expiresAt: new Date(Date.now() + 3_600_000).toISOString() });

/** The first so many updates are answered like this; `first` runs before. */
function disturbUpdates(times: number, status: number, first: (object: FakeObject) => void = () => undefined): void {
  let left = times;
  server.respond(({ method, body }) => {
    if (method !== 'PUT' || left === 0) return undefined;
    left -= 1;
    first(body as FakeObject);
    return { status, body: { kind: 'Status', code: status, message: 'disturbed' } };
  });
}

async function codeOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => (error as { readonly code?: unknown }).code,
  );
}

test('any replica answers, and one that starts after a restart knows everything', async () => {
  const { id } = await replica().request(from, request());
  await replica().decide(bob, id, approve);
  expect(await replica().consume(from, id, use)).toMatchObject({ state: 'consumed', decisions: [{ subject: 'bob' }] });
  expect(await codeOf(replica().consume(from, id, use))).toBe('approval_ended');
});

test('of replicas that consume at once, one does', async () => {
  const replicas = [replica(), replica(), replica(), replica()];
  const { id } = await replicas[0]!.request(from, request());
  await replicas[1]!.decide(bob, id, approve);
  const codes = await Promise.all(replicas.map(async (one) => codeOf(one.consume(from, id, use))));
  expect(codes.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
    'approval_ended',
    'approval_ended',
    'approval_ended',
    undefined,
  ]);
});

test('a decision goes on after conflicts, with what the other wrote', async () => {
  const approvals = replica();
  const { id } = await approvals.request(from, { ...request(), count: 2 });
  const other = replica();
  await other.decide(testPerson('carol'), id, approve);
  disturbUpdates(3, 409);
  expect(await approvals.decide(bob, id, approve)).toMatchObject({
    state: 'approved',
    decisions: [{ subject: 'carol' }, { subject: 'bob' }],
  });
});

test('a consumption whose answer is lost is not given out again', async () => {
  const approvals = replica();
  const { id } = await approvals.request(from, request());
  await approvals.decide(bob, id, approve);
  // Stored, but the answer never came.
  disturbUpdates(1, 504, (object) => server.put(collection, object));
  expect(await codeOf(approvals.consume(from, id, use))).toBe('unavailable');
  expect(await codeOf(approvals.consume(from, id, use))).toBe('approval_ended');
});

test('a consumption that failed is still to be had', async () => {
  const approvals = replica();
  const { id } = await approvals.request(from, request());
  await approvals.decide(bob, id, approve);
  disturbUpdates(1, 500);
  expect(await codeOf(approvals.consume(from, id, use))).toBe('unavailable');
  expect(await approvals.consume(from, id, use)).toMatchObject({ state: 'consumed' });
});

test('an update that never gets through is unavailable, not an endless loop', async () => {
  const approvals = replica();
  const { id } = await approvals.request(from, request());
  disturbUpdates(1000, 409);
  expect(await codeOf(approvals.decide(bob, id, approve))).toBe('unavailable');
  expect(await approvals.ofWorkload(from, id, noWait)).toMatchObject({ state: 'pending', decisions: [] });
});

test('the same call asked again is one object, and nothing unmasked is in it', async () => {
  const approvals = replica();
  const [one, other] = [await approvals.request(from, request()), await replica().request(from, request())];
  expect(other.id).toBe(one.id);
  const created = server.requests.filter(({ method, url }) => method === 'POST' && url.pathname === collection);
  expect(created).toHaveLength(1);
  expect(created[0]?.body).toMatchObject({
    kind: 'McpApproval',
    metadata: { name: one.id, labels: { 'tachograph.dev/live': 'true' } },
    spec: { arguments: request().arguments, maskedValues: 1 },
    status: { state: 'pending', decisions: [] },
  });
});

test('who decides finds it in whatever namespace, and the sweep removes what ended long ago', async () => {
  const approvals = replica();
  const { id } = await approvals.request(from, request());
  expect(await approvals.decide(bob, id, { verdict: 'deny', reason: 'no' })).toMatchObject({ state: 'denied' });
  await approvals.sweep(60_000);
  expect(await approvals.ofWorkload(from, id, noWait)).toMatchObject({ state: 'denied' });
  await approvals.sweep(-1000);
  expect(await codeOf(approvals.ofWorkload(from, id, noWait))).toBe('not_found');
});
