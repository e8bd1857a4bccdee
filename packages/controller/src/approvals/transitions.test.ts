import { describe, expect, test } from '@jest/globals';
import type { ApprovalState, HeldApproval } from '@tachograph/protocol';
import fc from 'fast-check';
import { testApproval, testBundle, testDigest, testNowMs, testPerson } from '../testing/test-approval.ts';
import type { Person } from './person.ts';
import { maybeSamePerson } from './same-person.ts';
import { cancel, consume, decide, isLive, settle, type Transition } from './transitions.ts';

const bob = testPerson('bob');
const carol = testPerson('carol');
const approve = { verdict: 'approve', reason: 'looks right' } as const;
const deny = { verdict: 'deny', reason: 'too wide' } as const;
const use = { digest: testDigest, bundle: testBundle };
const later = testNowMs + 3_600_000;

/** State after it, or the code of the refusal. */
function outcome(transition: Transition): string {
  return transition.kind === 'refused' ? transition.code : `${transition.kind} ${transition.approval.state}`;
}

const inState = (state: ApprovalState): HeldApproval =>
  testApproval({
    state,
    ...(isLive({ state }) ? {} : { ended: { reason: 'denied', at: '2026-11-21T10:00:00.000Z' } }),
  });

describe('every state and every step', () => {
  test.each([
    // State, then what approve, deny, consume and cancel come to.
    ['pending', ['changed approved', 'changed denied', 'approval_pending', 'changed cancelled']],
    ['approved', ['approval_ended', 'approval_ended', 'changed consumed', 'changed cancelled']],
    ['denied', ['approval_ended', 'approval_ended', 'approval_ended', 'approval_ended']],
    ['expired', ['approval_ended', 'approval_ended', 'approval_ended', 'approval_ended']],
    ['cancelled', ['approval_ended', 'approval_ended', 'approval_ended', 'same cancelled']],
    ['consumed', ['approval_ended', 'approval_ended', 'approval_ended', 'approval_ended']],
  ] as const)('%s: %j', (state, expected) => {
    const approval = inState(state);
    const steps = [
      decide(approval, bob, approve, testNowMs),
      decide(approval, bob, deny, testNowMs),
      consume(approval, use, testNowMs),
      cancel(approval, testNowMs),
    ];
    expect(steps.map(outcome)).toEqual(expected);
  });

  test.each(['pending', 'approved'] as const)('%s ends with its time', (state) => {
    const approval = inState(state);
    expect(settle(approval, later - 1).state).toBe(state);
    expect(settle(approval, later)).toMatchObject({ state: 'expired', ended: { reason: 'expired' } });
    expect(outcome(decide(approval, bob, approve, later))).toBe('approval_ended');
    expect(outcome(consume(approval, use, later))).toBe('approval_ended');
  });
});

describe('nobody decides on the own call', () => {
  test.each([
    ['the same token', testPerson('alice')],
    ['the same name at another issuer', testPerson('alice', { iss: 'https://other' })],
    ['the same name in other letters', testPerson('ALICE')],
    ['another sub, but the caller’s name as e-mail', testPerson('u-77', { names: ['alice'] })],
    ['an administrator', testPerson('alice', { groups: ['dba', 'system:masters'] })],
  ])('%s', (_name, person) => {
    for (const request of [approve, deny])
      expect(outcome(decide(testApproval(), person, request, testNowMs))).toBe('own_call');
  });

  test('a name that both tokens carry beside their subs', () => {
    const caller = { iss: 'https://issuer', sub: 'a1', type: 'human' as const, names: ['alice@example.com'] };
    const person = testPerson('b2', { iss: 'https://other', names: ['Alice@Example.com'] });
    expect(outcome(decide(testApproval({ caller }), person, approve, testNowMs))).toBe('own_call');
  });
});

describe('who may decide', () => {
  test.each<readonly [string, Person, HeldApproval['approvers'], string]>([
    ['a group', bob, { subjects: [], groups: ['d*'] }, 'changed approved'],
    ['a subject', bob, { subjects: ['bob'], groups: [] }, 'changed approved'],
    ['another group', bob, { subjects: ['carol'], groups: ['oncall'] }, 'not_an_approver'],
    ['any human where nobody is named', bob, { subjects: [], groups: [] }, 'changed approved'],
    [
      'no machine where nobody is named',
      testPerson('ci', { type: 'ci' }),
      { subjects: [], groups: [] },
      'not_an_approver',
    ],
  ])('%s', (_name, person, approvers, expected) => {
    expect(outcome(decide(testApproval({ approvers }), person, approve, testNowMs))).toBe(expected);
  });
});

test('what a rule judged and masking hid can be denied only', () => {
  const approval = testApproval({ judgedMasked: true });
  expect(outcome(decide(approval, bob, approve, testNowMs))).toBe('masked_judged_argument');
  expect(outcome(decide(approval, bob, deny, testNowMs))).toBe('changed denied');
});

test('two of a group are two people', () => {
  const first = decide(testApproval({ count: 2 }), { ...bob, names: ['bob@example.com'] }, approve, testNowMs);
  expect(outcome(first)).toBe('changed pending');
  if (first.kind !== 'changed') throw new Error('expected a change');
  const again = { ...bob, iss: 'https://other', sub: 'u-2', names: ['Bob@example.com'] };
  expect(outcome(decide(first.approval, again, approve, testNowMs))).toBe('already_decided');
  expect(outcome(decide(first.approval, carol, approve, testNowMs))).toBe('changed approved');
  expect(outcome(decide(first.approval, carol, deny, testNowMs))).toBe('changed denied');
});

test('a grant is for one call under one policy version', () => {
  const approval = inState('approved');
  expect(outcome(consume(approval, { ...use, digest: 'e'.repeat(64) }, testNowMs))).toBe('approval_mismatch');
  const changed = consume(approval, { ...use, bundle: 'c'.repeat(64) }, testNowMs);
  expect(changed).toMatchObject({
    kind: 'void',
    approval: { state: 'cancelled', ended: { reason: 'policy_changed' } },
  });
});

const people = ['alice', 'bob', 'carol', 'dave'].flatMap((sub) => [
  testPerson(sub, { names: [`${sub}@example.com`] }),
  testPerson(`id-of-${sub}`, { iss: 'https://other', names: [`${sub}@example.com`] }),
]);

type Step = (approval: HeldApproval, nowMs: number) => Transition;
const someDecision = fc
  .record({ person: fc.constantFrom(...people), verdict: fc.constantFrom('approve', 'approve', 'approve', 'deny') })
  .map(
    ({ person, verdict }): Step =>
      (approval, nowMs) =>
        decide(approval, person, { verdict: verdict === 'deny' ? 'deny' : 'approve', reason: 'r' }, nowMs),
  );
const someUse = fc
  .record({
    digest: fc.constantFrom(testDigest, testDigest, 'e'.repeat(64)),
    bundle: fc.constantFrom(testBundle, testBundle, 'c'.repeat(64)),
  })
  .map(
    (request): Step =>
      (approval, nowMs) =>
        consume(approval, request, nowMs),
  );
const someStep = fc.oneof(
  { weight: 5, arbitrary: someDecision },
  { weight: 4, arbitrary: someUse },
  { weight: 1, arbitrary: fc.constant<Step>(cancel) },
);

test('no sequence of steps uses a grant twice, lets the caller approve, or counts one person twice', () => {
  const caller = { iss: 'https://issuer', sub: 'alice', type: 'human' as const, names: ['alice@example.com'] };
  const counts = { consumed: 0 };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.tuple(someStep, fc.integer({ min: 0, max: 900_000 })), { maxLength: 30 }),
      (count, steps) => {
        let approval = testApproval({ count, caller });
        let nowMs = testNowMs;
        let uses = 0;
        for (const [step, passes] of steps) {
          nowMs += passes;
          const next = step(approval, nowMs);
          if (next.kind === 'refused') continue;
          // An end is an end.
          if (!isLive(approval) && next.kind !== 'same')
            throw new Error(`${approval.state} became ${next.approval.state}`);
          if (next.approval.state === 'consumed') uses += 1;
          approval = next.approval;
        }
        counts.consumed += uses;
        expect(uses).toBeLessThanOrEqual(1);
        const agreed = approval.decisions.filter(({ verdict }) => verdict === 'approve');
        const asNamed = agreed.map(({ iss, subject, names }) => ({ iss, sub: subject, names }));
        expect(asNamed.some((one) => maybeSamePerson(one, caller))).toBe(false);
        expect(asNamed.every((one, at) => asNamed.slice(at + 1).every((other) => !maybeSamePerson(one, other)))).toBe(
          true,
        );
        const needed = approval.state === 'approved' || uses > 0 ? count : 0;
        expect(agreed.length).toBeGreaterThanOrEqual(needed);
      },
    ),
    { numRuns: 5000 },
  );
  // Else the property would hold of nothing.
  expect(counts.consumed).toBeGreaterThan(100);
});
