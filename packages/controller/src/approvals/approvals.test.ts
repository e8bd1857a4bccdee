import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { StillClock } from '../testing/still-clock.ts';
import { createMemoryApprovals } from '../testing/memory-approvals.ts';
import { testBundle, testDigest, testNowMs, testPerson, testRequest } from '../testing/test-approval.ts';
import { systemTimers } from '../ports.ts';
import type { ApprovalStore } from './approval-store.ts';
import { Approvals } from './approvals.ts';
import { noCallerAccess, type CallerAccess } from './caller-access.ts';
import { mostHeldOfCaller } from './request-approval.ts';

const from = { namespace: 'demo', workload: 'store' };
const bob = testPerson('bob');
const approve = { verdict: 'approve', reason: 'fine' } as const;
const use = { digest: testDigest, bundle: testBundle };
const noWait = { waitMs: 0, isGone: () => false };

function replica(store: ApprovalStore, more: { readonly clock?: StillClock; readonly access?: CallerAccess } = {}) {
  const states: string[] = [];
  const approvals = new Approvals({
    cluster: 'test',
    store,
    access: more.access ?? noCallerAccess,
    clock: more.clock ?? new StillClock(testNowMs),
    timers: systemTimers,
    onState: ({ state }) => void states.push(state),
  });
  return { approvals, states };
}

const byText = (one: string, other: string): number => (one < other ? -1 : 1);

/** Fulfilled values and codes of refusals. */
async function outcomes(calls: readonly Promise<{ readonly state: string }>[]): Promise<readonly string[]> {
  const all = await Promise.allSettled(calls);
  return all.map((one) => String(one.status === 'fulfilled' ? one.value.state : one.reason.code)).toSorted(byText);
}

const digestOf = (number: number) => String(number).padStart(64, '0');

const account = (name: string) => testPerson(`system:serviceaccount:ops:${name}`, { type: 'workload' });

describe('replicas', () => {
  test('of many that consume at once, one does', async () => {
    const store = createMemoryApprovals(async () => new Promise((resolve) => setImmediate(resolve)));
    const replicas = Array.from({ length: 5 }, () => replica(store).approvals);
    const [first] = replicas;
    const { id } = await first!.request(from, testRequest());
    await first!.decide(bob, id, approve);
    const results = await outcomes(replicas.map(async (one) => one.consume(from, id, use)));
    expect(results).toEqual([...Array<string>(4).fill('approval_ended'), 'consumed']);
  });

  test('two people who approve at once both count', async () => {
    const store = createMemoryApprovals(async () => new Promise((resolve) => setImmediate(resolve)));
    const [one, other] = [replica(store).approvals, replica(store).approvals];
    const { id } = await one.request(from, testRequest({ count: 2 }));
    const calls = [one.decide(bob, id, approve), other.decide(testPerson('carol'), id, approve)];
    expect(await outcomes(calls)).toEqual(['approved', 'pending']);
    expect(await outcomes([one.decide(bob, id, approve)])).toEqual(['approval_ended']);
  });

  test('one that starts later knows what was decided', async () => {
    const store = createMemoryApprovals();
    const { id } = await replica(store).approvals.request(from, testRequest());
    await replica(store).approvals.decide(bob, id, approve);
    expect(await replica(store).approvals.ofWorkload(from, id, noWait)).toMatchObject({
      state: 'approved',
      decisions: [{ subject: 'bob', verdict: 'approve', reason: 'fine' }],
    });
  });
});

const someCall = fc.record({
  replica: fc.integer({ min: 0, max: 2 }),
  kind: fc.constantFrom('approve', 'approve', 'deny', 'consume', 'consume', 'consume', 'cancel'),
  person: fc.constantFrom('alice', 'bob', 'carol'),
});

test('however calls of three replicas interleave, a grant is used once and never without its people', async () => {
  const counts = { consumed: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 2 }),
      fc.array(fc.array(someCall, { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
      async (count, rounds, pauses) => {
        const store = createMemoryApprovals(async () => {
          for (let turns = pauses.next().value; turns > 0; turns -= 1)
            await new Promise((resolve) => setImmediate(resolve));
        });
        const replicas = [1, 2, 3].map(() => replica(store).approvals);
        const { id } = await replicas[0]!.request(from, testRequest({ count }));
        let used = 0;
        for (const round of rounds) {
          const calls = round.map(async ({ replica: at, kind, person }) => {
            const one = replicas[at]!;
            if (kind === 'consume') return one.consume(from, id, use);
            if (kind === 'cancel') return one.cancel(from, id);
            return one.decide(testPerson(person), id, { verdict: kind === 'deny' ? 'deny' : 'approve', reason: 'r' });
          });
          used += (await outcomes(calls)).filter((state) => state === 'consumed').length;
        }
        counts.consumed += used;
        const stored = await store.get(id);
        const agreed = stored?.approval.decisions.filter(({ verdict }) => verdict === 'approve') ?? [];
        expect(used).toBe(stored?.approval.state === 'consumed' ? 1 : 0);
        expect(new Set(agreed.map(({ subject }) => subject)).size).toBe(agreed.length);
        expect(agreed.map(({ subject }) => subject)).not.toContain('alice');
        expect(agreed.length).toBeGreaterThanOrEqual(used * count);
      },
    ),
    { numRuns: 300 },
  );
  expect(counts.consumed).toBeGreaterThan(10);
});

describe('asking', () => {
  test('again for the same call gives the same approval until it is used', async () => {
    const { approvals } = replica(createMemoryApprovals());
    const asked = await Promise.all([1, 2, 3].map(async () => approvals.request(from, testRequest())));
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
    const [{ id } = { id: '' }] = asked;
    await approvals.decide(bob, id, approve);
    expect(await approvals.request(from, testRequest())).toMatchObject({ id, state: 'approved' });
    await approvals.consume(from, id, use);
    expect((await approvals.request(from, testRequest())).id).not.toBe(id);
  });

  test.each([
    ['edited arguments', testRequest({ digest: 'e'.repeat(64) })],
    ['another policy version', testRequest({ bundle: 'c'.repeat(64) })],
    ['another caller', testRequest({ caller: { iss: 'https://issuer', sub: 'eve', type: 'human' } })],
  ])('for %s is held anew', async (_name, request) => {
    const { approvals } = replica(createMemoryApprovals());
    const { id } = await approvals.request(from, testRequest());
    await approvals.decide(bob, id, approve);
    expect(await approvals.request(from, request)).toMatchObject({ state: 'pending', decisions: [] });
  });

  test('too often is refused, for that caller only', async () => {
    const { approvals } = replica(createMemoryApprovals());
    for (let number = 0; number < mostHeldOfCaller; number += 1) {
      await approvals.request(from, testRequest({ digest: digestOf(number) }));
    }
    expect(await outcomes([approvals.request(from, testRequest({ digest: digestOf(99) }))])).toEqual(['too_many_held']);
    expect(await outcomes([approvals.request(from, testRequest({ digest: digestOf(3) }))])).toEqual(['pending']);
    const caller = { iss: 'https://issuer', sub: 'eve', type: 'human' } as const;
    expect(await outcomes([approvals.request(from, testRequest({ caller }))])).toEqual(['pending']);
  });

  test('for longer than a day is shortened, for a time that is over refused', async () => {
    const { approvals } = replica(createMemoryApprovals());
    const { expiresAt } = await approvals.request(from, testRequest({ expiresAt: '2027-01-01T00:00:00.000Z' }));
    expect(Date.parse(expiresAt)).toBe(testNowMs + 86_400_000);
    const request = testRequest({ digest: digestOf(1), expiresAt: '2026-01-01T00:00:00.000Z' });
    const past = approvals.request(from, request);
    expect(await outcomes([past])).toEqual(['bad_request']);
  });
});

test('another workload sees nothing of it', async () => {
  const { approvals } = replica(createMemoryApprovals());
  const { id } = await approvals.request(from, testRequest());
  await approvals.decide(bob, id, approve);
  const calls = [
    { namespace: 'demo', workload: 'other' },
    { namespace: 'elsewhere', workload: 'store' },
  ].flatMap((other) => [
    approvals.ofWorkload(other, id, noWait),
    approvals.consume(other, id, use),
    approvals.cancel(other, id),
  ]);
  expect(await outcomes(calls)).toEqual(Array<string>(6).fill('not_found'));
});

test('a waiting sidecar hears of the decision at once', async () => {
  const { approvals } = replica(createMemoryApprovals());
  const { id } = await approvals.request(from, testRequest());
  const waiting = approvals.ofWorkload(from, id, { waitMs: 20_000, isGone: () => false });
  await approvals.decide(bob, id, approve);
  expect(await waiting).toMatchObject({ state: 'approved' });
});

describe('a workload’s call', () => {
  const caller = { iss: 'https://cluster', sub: 'system:serviceaccount:demo:agent', type: 'workload' } as const;
  const access: CallerAccess = {
    wayToActAs: async ({ sub }, { namespace, name }) =>
      sub === 'admin' ? `create serviceaccounts/token of ${namespace}/${name}` : undefined,
  };

  test('is not approved by who could act as it, whatever else they may', async () => {
    const { approvals } = replica(createMemoryApprovals(), { access });
    const { id } = await approvals.request(from, testRequest({ caller }));
    const admin = testPerson('admin', { groups: ['dba', 'system:masters'] });
    await expect(approvals.decide(admin, id, approve)).rejects.toMatchObject({
      code: 'may_act_as_caller',
      message: expect.stringContaining('serviceaccounts/token of demo/agent'),
    });
    expect(await outcomes([approvals.decide(admin, id, { verdict: 'deny', reason: 'no' })])).toEqual(['denied']);
  });

  test('is not approved by an account that the caller could act as', async () => {
    const puppets: CallerAccess = {
      wayToActAs: async ({ sub, groups }, { namespace, name }) =>
        sub === caller.sub && groups.includes('system:serviceaccounts:demo') && namespace === 'ops' && name === 'puppet'
          ? 'create pods in ops'
          : undefined,
    };
    const { approvals } = replica(createMemoryApprovals(), { access: puppets });
    const { id } = await approvals.request(from, testRequest({ caller }));
    await expect(approvals.decide(account('puppet'), id, approve)).rejects.toMatchObject({
      code: 'may_act_as_caller',
      message: expect.stringContaining('create pods in ops'),
    });
    expect(await outcomes([approvals.decide(account('other'), id, approve)])).toEqual(['approved']);
  });

  test('waits while nobody can say who could', async () => {
    const failing: CallerAccess = { wayToActAs: async () => Promise.reject(new Error('no answer')) };
    const { approvals } = replica(createMemoryApprovals(), { access: failing });
    const { id } = await approvals.request(from, testRequest({ caller }));
    await expect(approvals.decide(bob, id, approve)).rejects.toThrow('no answer');
    expect(await approvals.ofWorkload(from, id, noWait)).toMatchObject({ state: 'pending' });
  });
});

test('changed policies void the grant for good', async () => {
  const { approvals } = replica(createMemoryApprovals());
  const { id } = await approvals.request(from, testRequest());
  await approvals.decide(bob, id, approve);
  const calls = [approvals.consume(from, id, { ...use, bundle: 'c'.repeat(64) })];
  expect(await outcomes(calls)).toEqual(['approval_mismatch']);
  expect(await outcomes([approvals.consume(from, id, use)])).toEqual(['approval_ended']);
});

test('the sweep writes down what expired, and removes it after the retention', async () => {
  const store = createMemoryApprovals();
  const clock = new StillClock(testNowMs);
  const { approvals, states } = replica(store, { clock });
  await approvals.request(from, testRequest());
  await clock.pass(3_600_000);
  await approvals.sweep(60_000);
  expect((await store.list({})).map(({ approval }) => approval.state)).toEqual(['expired']);
  await clock.pass(60_001);
  await approvals.sweep(60_000);
  expect(await store.list({})).toEqual([]);
  expect(states).toEqual(['pending', 'expired']);
});

test('people see what they may decide, and their own calls', async () => {
  const { approvals } = replica(createMemoryApprovals());
  const { id } = await approvals.request(from, testRequest());
  const stranger = testPerson('mallory', { groups: [] });
  expect((await approvals.list(bob, { state: 'pending' })).map((one) => one.id)).toEqual([id]);
  expect(await approvals.list(bob, { namespace: 'elsewhere' })).toEqual([]);
  expect(await approvals.list(stranger, {})).toEqual([]);
  expect(await approvals.list(testPerson('alice'), {})).toEqual([]);
  expect(await outcomes([approvals.ofPerson(stranger, id, noWait)])).toEqual(['not_an_approver']);
  expect(await outcomes([approvals.ofPerson(testPerson('alice'), id, noWait)])).toEqual(['pending']);
});
