import { afterEach, expect, test } from '@jest/globals';
import type { ApprovalReveal } from '@tachograph/protocol';
import { eventually, toolCall } from '../testing/client.ts';
import type { HarnessOptions } from '../testing/harness.ts';
import { startHoldBench, textOf, type HoldBench } from '../testing/hold-bench.ts';

const benches: HoldBench[] = [];
const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
// A public X25519 key (RFC 7748, section 6.1).
const key = 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo';

afterEach(async () => {
  await Promise.all(benches.splice(0).map(async ({ close }) => close()));
});

async function start(options: Partial<HarnessOptions> = {}): Promise<HoldBench> {
  const bench = await startHoldBench(options);
  benches.push(bench);
  return bench;
}

function wish(more: Partial<ApprovalReveal> = {}): ApprovalReveal {
  const at = new Date().toISOString();
  return { id: 'r1', iss: 'people', subject: 'bob', reason: `is ${secret} ours?`, key, at, relay: 'x', ...more };
}

test('what masking hid leaves sealed, after it is on record who asked and why', async () => {
  const { call, approvals, harness, drafts, timers } = await start();
  const answering = call(toolCall(1, secret));
  const held = await approvals.held();
  expect(held.arguments).not.toContain(secret);
  const { promise, resolve } = Promise.withResolvers<void>();
  harness.recorder.gate = promise;
  approvals.askReveal(wish());
  await eventually(() => harness.recorder.drafts.some(({ kind }) => kind === 'hold.reveal'), 'a record');
  // Written, but not durable yet.
  expect(approvals.sealed).toEqual([]);
  harness.recorder.gate = undefined;
  resolve();
  await eventually(() => approvals.sealed.length === 1, 'a box');
  expect(approvals.sealed[0]).toMatchObject({ reveal: 'r1', digest: held.digest });
  expect(drafts('hold.reveal').map(({ detail }) => detail)).toEqual([
    {
      approval: held.id,
      digest: held.digest,
      reveal: 'r1',
      by: { iss: 'people', subject: 'bob' },
      reason: expect.stringMatching(/^is .* ours\?$/),
      at: expect.any(String),
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
      masked_values: 1,
      judged_masked: false,
    },
  ]);
  expect(JSON.stringify([approvals.sealed, harness.recorder.drafts])).not.toContain(secret);
  approvals.decide('approve', 'bob');
  timers.advance(1000);
  expect(await textOf(await answering)).toContain('done');
});

test('nothing leaves that cannot be recorded', async () => {
  const { call, approvals, harness, timers } = await start();
  const answering = call(toolCall(1, secret));
  await approvals.held();
  harness.recorder.fail = true;
  approvals.askReveal(wish());
  await eventually(() => approvals.asked.filter((one) => one === 'wait').length > 0, 'a wait');
  timers.advance(1000);
  await eventually(() => approvals.asked.filter((one) => one === 'wait').length > 1, 'another wait');
  expect(approvals.asked).not.toContain('reveal');
  harness.recorder.fail = false;
  approvals.decide('deny', 'bob');
  timers.advance(1000);
  await answering;
  expect(approvals.sealed).toEqual([]);
});

test('a box that did not arrive is sent again, without another record', async () => {
  const { call, approvals, drafts, timers } = await start();
  const answering = call(toolCall(1, secret));
  await approvals.held();
  approvals.revealAnswers.push('elsewhere', 'elsewhere');
  approvals.askReveal(wish());
  for (const tries of [1, 2, 3]) {
    await eventually(() => approvals.asked.filter((one) => one === 'reveal').length === tries, `try ${tries}`);
    timers.advance(1000);
  }
  expect(approvals.sealed).toHaveLength(1);
  expect(drafts('hold.reveal')).toHaveLength(1);
  approvals.decide('deny', 'bob');
  timers.advance(1000);
  await answering;
});

test.each([
  ['is none', { key: 'A'.repeat(43) }],
  ['is of a wish that is long over', { at: '2020-01-01T00:00:00Z' }],
])('for a key that %s nothing is recorded or sent', async (_name, more) => {
  const { call, approvals, drafts, timers } = await start();
  const answering = call(toolCall(1, secret));
  await approvals.held();
  approvals.askReveal(wish(more));
  await eventually(() => approvals.asked.filter((one) => one === 'wait').length > 0, 'a wait');
  approvals.decide('deny', 'bob');
  timers.advance(1000);
  await answering;
  expect(drafts('hold.reveal')).toEqual([]);
  expect(approvals.asked).not.toContain('reveal');
});
