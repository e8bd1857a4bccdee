import { describe, expect, test } from '@jest/globals';
import { maxReveals, type ApprovalReveal, type HeldApproval } from '@tachograph/protocol';
import { systemTimers } from '../ports.ts';
import { createMemoryApprovals } from '../testing/memory-approvals.ts';
import { StillClock } from '../testing/still-clock.ts';
import { testApproval, testDigest, testNowMs, testPerson } from '../testing/test-approval.ts';
import type { ApprovalStore } from './approval-store.ts';
import { noCallerAccess, type CallerAccess } from './caller-access.ts';
import type { Person } from './person.ts';
import { createRevealRelay } from './reveal-relay.ts';
import { createReveals } from './reveals.ts';
import { decide } from './transitions.ts';

const from = { namespace: 'demo', workload: 'store' };
const bob = testPerson('bob');
const request = { reason: 'ticket 4711', key: 'k'.repeat(43) };
const sealed = { digest: testDigest, box: 'Ym94' };

async function start(more: Partial<HeldApproval> = {}) {
  const store = createMemoryApprovals();
  const approval = testApproval({ judgedMasked: true, ...more });
  await store.create(approval);
  return { store, id: approval.id, ...replica(store) };
}

function replica(store: ApprovalStore, access: CallerAccess = noCallerAccess) {
  const relay = createRevealRelay(systemTimers);
  return { relay, reveals: createReveals({ cluster: 'test', store, access, clock: new StillClock(testNowMs), relay }) };
}

/** The newest wish, once it is written down. */
async function asked(store: ApprovalStore, id: string): Promise<ApprovalReveal> {
  for (;;) {
    const found = (await store.get(id))?.approval.reveals?.at(-1);
    if (found !== undefined) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    (error: { readonly code: string }) => error.code,
  );
}

test('what the sidecar seals comes to the one who asked, and is kept nowhere', async () => {
  const { store, id, reveals } = await start();
  const asking = reveals.ask(bob, id, request);
  const wish = await asked(store, id);
  expect(wish).toMatchObject({ subject: 'bob', reason: 'ticket 4711', key: request.key });
  expect(wish.sealedAt).toBeUndefined();
  await reveals.seal(from, id, wish.id, sealed);
  expect(await asking).toMatchObject({ approval: id, digest: testDigest, box: sealed.box, reveal: { id: wish.id } });
  expect(JSON.stringify(await store.get(id))).not.toContain(sealed.box);
  expect(await codeOf(reveals.seal(from, id, wish.id, sealed))).toBe('approval_ended');
});

test('who has been shown it may approve, and nobody else', async () => {
  const { store, id, reveals } = await start({ count: 2 });
  const approve = { verdict: 'approve', reason: 'fine' } as const;
  const outcome = async (person: Person): Promise<string> => {
    const { approval } = (await store.get(id))!;
    const next = decide(approval, person, approve, testNowMs);
    return next.kind === 'refused' ? next.code : next.kind;
  };
  expect(await outcome(bob)).toBe('masked_judged_argument');
  const asking = reveals.ask(bob, id, request);
  const wish = await asked(store, id);
  // Asking is not seeing.
  expect(await outcome(bob)).toBe('masked_judged_argument');
  await reveals.seal(from, id, wish.id, sealed);
  await asking;
  expect(await outcome(bob)).toBe('changed');
  expect(await outcome(testPerson('carol'))).toBe('masked_judged_argument');
  expect(await outcome(testPerson('bob', { iss: 'https://other' }))).toBe('masked_judged_argument');
});

describe('refused', () => {
  test.each<[string, Partial<HeldApproval>, Person]>([
    ['own_call', {}, testPerson('alice')],
    ['own_call', {}, testPerson('a-1', { names: ['Alice'] })],
    ['not_an_approver', {}, testPerson('eve', { groups: [] })],
    // Whoever may decide because nobody is named does not read other people's secrets.
    ['not_an_approver', { approvers: { subjects: [], groups: [] } }, bob],
    ['bad_request', { maskedValues: 0 }, bob],
    ['approval_ended', { state: 'denied', ended: { reason: 'denied', at: '2026-11-21T10:00:00Z' } }, bob],
    ['approval_ended', { expiresAt: '2026-11-21T09:59:59Z' }, bob],
  ])('%s', async (code, more, person) => {
    const { store, id, reveals } = await start(more);
    expect(await codeOf(reveals.ask(person, id, request))).toBe(code);
    expect((await store.get(id))?.approval.reveals).toBeUndefined();
  });

  test('is who may act as the caller', async () => {
    const sub = 'system:serviceaccount:demo:agent';
    const { store, id } = await start({ caller: { iss: 'https://issuer', sub, type: 'workload' } });
    const access: CallerAccess = { wayToActAs: async () => 'create tokens of it' };
    expect(await codeOf(replica(store, access).reveals.ask(bob, id, request))).toBe('may_act_as_caller');
  });

  test('is a wish too many', async () => {
    const wish = { ...request, id: 'r', iss: bob.iss, subject: 'bob', at: '2026-11-21T10:00:00Z', relay: 'x' };
    const { id, reveals } = await start({ reveals: Array.from({ length: maxReveals }, () => wish) });
    expect(await codeOf(reveals.ask(bob, id, request))).toBe('too_many_held');
  });

  test('is a sidecar of another workload, another call, and a wish that nobody has', async () => {
    const { store, id, reveals, relay } = await start();
    const asking = codeOf(reveals.ask(bob, id, request));
    const wish = await asked(store, id);
    const other = { ...from, workload: 'other' };
    expect(await codeOf(reveals.seal(other, id, wish.id, sealed))).toBe('not_found');
    const edited = { ...sealed, digest: 'e'.repeat(64) };
    expect(await codeOf(reveals.seal(from, id, wish.id, edited))).toBe('approval_mismatch');
    expect(await codeOf(reveals.seal(from, id, 'none', sealed))).toBe('not_found');
    relay.close();
    expect(await asking).toBe('unavailable');
  });
});

test('a sidecar that meets another replica is sent on, until it finds the one where the person waits', async () => {
  const { store, id, reveals } = await start();
  const asking = reveals.ask(bob, id, request);
  const wish = await asked(store, id);
  expect(await codeOf(replica(store).reveals.seal(from, id, wish.id, sealed))).toBe('reveal_elsewhere');
  expect((await store.get(id))?.approval.reveals?.[0]?.sealedAt).toBeUndefined();
  await reveals.seal(from, id, wish.id, sealed);
  expect((await asking).box).toBe(sealed.box);
});

test('a wish that nobody waits for any more is not answered', async () => {
  const { store, id, reveals, relay } = await start();
  const asking = codeOf(reveals.ask(bob, id, request));
  const wish = await asked(store, id);
  relay.forget(wish.id);
  expect(await asking).toBe('unavailable');
  expect(await codeOf(reveals.seal(from, id, wish.id, sealed))).toBe('approval_ended');
  expect((await store.get(id))?.approval.reveals?.[0]?.sealedAt).toBeUndefined();
});
