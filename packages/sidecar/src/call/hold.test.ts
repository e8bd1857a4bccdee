import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually, post, toolCall } from '../testing/client.ts';
import type { HarnessOptions } from '../testing/harness.ts';
import { messagesOf, risky, startHoldBench, textOf, type HoldBench } from '../testing/hold-bench.ts';
import type { Handler } from '../testing/upstream.ts';

const benches: HoldBench[] = [];

afterEach(async () => {
  await Promise.all(benches.splice(0).map(async ({ close }) => close()));
});

async function start(options: Partial<HarnessOptions> = {}, handler?: Handler): Promise<HoldBench> {
  const bench = await startHoldBench(options, handler);
  benches.push(bench);
  return bench;
}

const realNow = (): number => Date.now();

describe('a call that needs approval', () => {
  test('runs once when somebody else has approved it, and its records say who', async () => {
    const { call, approvals, upstream, drafts, harness } = await start();
    const answering = call(toolCall(7, 'the exact bytes'));
    const held = await approvals.held();
    expect(upstream.received).toHaveLength(0);
    expect(held).toMatchObject({
      tool: 'echo',
      arguments: '{"text":"the exact bytes"}',
      caller: { sub: 'alice', type: 'human', names: ['alice@example.com'] },
      approvers: { subjects: ['bob'], groups: ['ops'] },
      maskedValues: 0,
      judgedMasked: false,
    });
    approvals.decide('approve', 'bob');
    expect(await textOf(await answering)).toContain('done');
    expect(upstream.received.map(({ body }) => body)).toEqual([toolCall(7, 'the exact bytes')]);
    expect(drafts('mcp.request')[0]?.decision).toMatchObject({ verdict: 'approve', rule: 'risky', owner: risky.owner });
    expect(drafts('hold.open')[0]?.detail).toMatchObject({ approval: held.id, digest: held.digest, form: 'stream' });
    expect(drafts('hold.decision')[0]?.detail).toMatchObject({
      approval: held.id,
      state: 'consumed',
      runs: true,
      decisions: [{ subject: 'bob', verdict: 'approve', reason: 'bob says approve' }],
    });
    const kinds = ['mcp.request', 'hold.open', 'hold.decision', 'mcp.response'];
    expect(harness.recorder.drafts.map(({ kind }) => kind).filter((kind) => kinds.includes(kind))).toEqual(kinds);
  });

  test('is answered with who denied it, and why', async () => {
    const { call, approvals, upstream, drafts } = await start();
    const answering = call(toolCall());
    await approvals.held();
    approvals.decide('deny', 'bob');
    const [message] = await messagesOf(await answering);
    expect(message).toMatchObject({ id: 1, result: { isError: true, resultType: 'complete' } });
    const text = JSON.stringify(message);
    for (const part of ['risky', 'team/tools', 'team-a@example.com', 'bob denied it: bob says deny'])
      expect(text).toContain(part);
    expect(upstream.received).toHaveLength(0);
    expect(drafts('hold.decision')[0]?.detail).toMatchObject({ state: 'denied', runs: false });
    expect(drafts('mcp.response')[0]).toMatchObject({ outcome: 'denied' });
  });

  test('does not run when nobody decides in time', async () => {
    const { call, approvals, upstream } = await start();
    const answering = call(toolCall());
    await approvals.held();
    approvals.expire();
    expect(await textOf(await answering)).toContain('nobody decided in time');
    expect(upstream.received).toHaveLength(0);
  });

  test('is told to come again before its client gives up, and then runs once', async () => {
    const { call, approvals, timers, upstream, drafts } = await start();
    const answering = call(toolCall());
    const { id } = await approvals.held();
    await eventually(() => approvals.asked.includes('wait'), 'waiting');
    timers.advance(49_000);
    timers.advance(1_000);
    expect(await textOf(await answering)).toContain(`approval ${id} pending; call again with identical arguments`);
    expect(drafts('mcp.response')[0]).toMatchObject({
      outcome: 'timed_out',
      detail: { approval: id, state: 'pending' },
    });
    approvals.decide('approve', 'bob');
    // The same call with another id, other white space, other keys of no account.
    const again =
      '{"id":2, "jsonrpc":"2.0","params":{"arguments":{ "text" :"hello"},"name":"echo","_meta":{"x":1}},"method":"tools/call"}';
    expect(await textOf(await call(again))).toContain('done');
    expect(upstream.received.map(({ body }) => body)).toEqual([again]);
    const third = call(toolCall(3));
    expect((await approvals.held(2)).id).not.toBe(id);
    approvals.decide('deny', 'bob');
    await third;
    expect(upstream.received).toHaveLength(1);
  });

  test('with other arguments is held anew', async () => {
    const { call, approvals, upstream } = await start();
    const first = call(toolCall(1, 'small'));
    const held = await approvals.held();
    const second = call(toolCall(2, 'large'));
    const other = await approvals.held(2);
    expect(other.digest).not.toBe(held.digest);
    approvals.decide('approve', 'bob', held.id);
    await first;
    approvals.decide('deny', 'bob', other.id);
    expect(await textOf(await second)).toContain('denied it');
    expect(upstream.received.map(({ body }) => body)).toEqual([toolCall(1, 'small')]);
  });

  test('twice at once is one approval and one run', async () => {
    const { call, approvals, upstream } = await start();
    const both = [call(toolCall(1)), call(toolCall(2))];
    await eventually(() => approvals.asked.filter((one) => one === 'wait').length === 2, 'both wait');
    expect(approvals.all.size).toBe(1);
    approvals.decide('approve', 'bob');
    const texts = await Promise.all(both.map(async (one) => textOf(await one)));
    expect(texts.filter((text) => text.includes('done'))).toHaveLength(1);
    expect(texts.filter((text) => text.includes('was not run'))).toHaveLength(1);
    expect(upstream.received).toHaveLength(1);
  });

  test('that another rule asks about by now is asked about anew', async () => {
    let decision = risky;
    const { call, approvals, timers, upstream } = await start({ decide: () => decision });
    const first = call(toolCall());
    const { id } = await approvals.held();
    await eventually(() => approvals.asked.includes('wait'), 'waiting');
    timers.advance(50_000);
    await first;
    approvals.decide('approve', 'bob');
    decision = {
      ...risky,
      rule: 'night',
      approve: { subjects: [], groups: ['night-shift'], count: 2, withinSeconds: 60 },
    };
    const second = call(toolCall());
    const other = await approvals.held(2);
    expect([approvals.all.get(id)?.state, other.state, other.rule]).toEqual(['cancelled', 'pending', 'night']);
    approvals.decide('deny', 'carol');
    await second;
    expect(upstream.received).toHaveLength(0);
  });

  test('waits for as many people as the rule says', async () => {
    const { call, approvals, upstream } = await start({
      decide: () => ({ ...risky, approve: { subjects: [], groups: ['ops'], count: 2, withinSeconds: 60 } }),
    });
    const answering = call(toolCall());
    await approvals.held();
    approvals.decide('approve', 'bob');
    await Promise.resolve();
    expect(upstream.received).toHaveLength(0);
    approvals.decide('approve', 'carol');
    expect(await textOf(await answering)).toContain('done');
  });
});

async function approved(
  options: Partial<HarnessOptions>,
  meanwhile: (bench: HoldBench) => void,
): Promise<HoldBench & { readonly text: string }> {
  const bench = await start(options);
  const answering = bench.call(toolCall());
  await bench.approvals.held();
  meanwhile(bench);
  bench.approvals.decide('approve', 'bob');
  const text = await textOf(await answering);
  expect(bench.upstream.received).toHaveLength(0);
  return { ...bench, text };
}

describe('an approved call does not run', () => {
  test('when the policies have changed', async () => {
    let content = 'a'.repeat(64);
    const { text, approvals } = await approved({ inForce: (policy) => ({ ...policy, content }) }, () => {
      content = 'b'.repeat(64);
    });
    expect(text).toContain('the policies have changed');
    expect(approvals.asked).not.toContain('consume');
  });

  test('when the policy denies it by now', async () => {
    let verdict: 'approve' | 'deny' = 'approve';
    const { text } = await approved({ decide: () => ({ ...risky, verdict }) }, () => {
      verdict = 'deny';
    });
    expect(text).toContain('the policy denies the call now');
  });

  test('when there is no policy by now', async () => {
    let isThere = true;
    const { text, approvals } = await approved({ inForce: (policy) => (isThere ? policy : undefined) }, () => {
      isThere = false;
    });
    expect(text).toContain('no valid policy');
    expect(approvals.asked).not.toContain('consume');
  });

  test("when the caller's token has expired, but may with a new one", async () => {
    let offsetMs = 0;
    const clock = { nowMs: () => realNow() + offsetMs, monotonicNs: () => performance.now() * 1e6 };
    const { text, approvals, issuer, harness, upstream } = await approved({ clock }, () => {
      offsetMs = 2 * 3_600_000;
    });
    expect(text).toContain('token_expired');
    expect(approvals.last().state).toBe('approved');
    const fresh = await issuer.sign({ email: 'alice@example.com' }, Math.floor(realNow() / 1000) + 4 * 3600);
    const again = await post(`${harness.url}/mcp`, toolCall(2), { authorization: `Bearer ${fresh}` });
    expect(await textOf(again)).toContain('done');
    expect(upstream.received).toHaveLength(1);
  });

  test('when the controller does not confirm it', async () => {
    const { text } = await approved({}, ({ approvals }) => {
      approvals.unreachable = true;
    });
    expect(text).toContain('did not confirm');
  });

  test('when the decision cannot be recorded', async () => {
    const { text, approvals } = await approved({}, ({ harness }) => {
      harness.recorder.fail = true;
    });
    expect(text).toContain('cannot be recorded');
    expect(approvals.last().state).toBe('consumed');
  });
});

describe('nobody can be asked', () => {
  test.each([
    ['without a controller', { approvals: undefined }, 'there is no controller'],
    ['for a caller that nobody knows', { issuers: undefined }, 'nobody knows who calls'],
  ])('%s', async (_, options, reason) => {
    const bench = await start(options);
    const [message] = await messagesOf(await bench.call(toolCall()));
    expect(JSON.stringify(message)).toContain(reason);
    expect(message).toMatchObject({ result: { isError: true } });
    expect(bench.upstream.received).toHaveLength(0);
    expect(bench.drafts('mcp.request')[0]?.decision).toMatchObject({ verdict: 'approve' });
    expect(bench.drafts('mcp.response')[0]).toMatchObject({ outcome: 'denied' });
  });

  test('without the key of the digests', async () => {
    const bench = await start();
    bench.approvals.secret = undefined;
    expect(await textOf(await bench.call(toolCall()))).toContain('has not given the key');
    expect(bench.approvals.asked).toEqual([]);
  });

  test('while the controller is away', async () => {
    const bench = await start();
    bench.approvals.unreachable = true;
    expect(await textOf(await bench.call(toolCall()))).toContain('cannot be asked now');
    expect(bench.upstream.received).toHaveLength(0);
  });

  test('in a batch, and for a notification', async () => {
    const bench = await start();
    const batch = await bench.call(`[${toolCall(1)},${toolCall(2)}]`);
    expect(await batch.text()).toMatch(/batch cannot wait.*batch cannot wait/);
    const notified = await bench.call('{"jsonrpc":"2.0","method":"tools/call","params":{"name":"echo"}}');
    expect(notified.status).toBe(202);
    expect([bench.upstream.received.length, bench.approvals.all.size]).toEqual([0, 0]);
  });

  test('beyond what one caller may have held', async () => {
    const { call, approvals } = await start({ environment: { TACHO_MAX_HOLDS_PER_CALLER: '1' } });
    const first = call(toolCall(1, 'a'));
    await approvals.held();
    expect(await textOf(await call(toolCall(2, 'b')))).toContain('1 calls of this caller are held already');
    approvals.decide('approve', 'bob');
    expect(await textOf(await first)).toContain('done');
    const third = call(toolCall(3, 'c'));
    await approvals.held(2);
    approvals.decide('deny', 'bob');
    await third;
  });
});

test('what is no tool call is refused by a JSON-RPC error', async () => {
  const { call, approvals } = await start();
  const read = call('{"jsonrpc":"2.0","id":"r","method":"resources/read","params":{"uri":"file:///etc/passwd"}}');
  expect(await approvals.held()).toMatchObject({
    tool: 'file:///etc/passwd',
    arguments: '{}',
    method: 'resources/read',
  });
  approvals.decide('deny', 'bob');
  expect((await messagesOf(await read))[0]).toMatchObject({ id: 'r', error: { code: 1403 } });
});

test('approvers see masked arguments, and how much is hidden', async () => {
  const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
  const { call, approvals, harness } = await start({ judgedArguments: new Set(['token']) });
  const body = (name: string): string =>
    JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'echo', arguments: { [name]: secret } },
    });
  const first = call(body('text'));
  expect(await approvals.held()).toMatchObject({ maskedValues: 1, judgedMasked: false });
  approvals.decide('deny', 'bob');
  const second = call(body('token'));
  expect(await approvals.held(2)).toMatchObject({ maskedValues: 1, judgedMasked: true });
  approvals.decide('deny', 'bob');
  await Promise.all([first, second]);
  expect(JSON.stringify([[...approvals.all.values()], harness.recorder.drafts])).not.toContain(secret);
});
