import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually, post, toolCall } from '../testing/client.ts';
import { messagesOf, startHoldBench, textOf, type HoldBench } from '../testing/hold-bench.ts';

const benches: HoldBench[] = [];

afterEach(async () => {
  await Promise.all(benches.splice(0).map(async ({ close }) => close()));
});

async function start(): Promise<HoldBench> {
  const bench = await startHoldBench();
  benches.push(bench);
  return bench;
}

const cancelled = (requestId: number): string =>
  JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } });

async function expectCancelled({ approvals, upstream, drafts }: HoldBench): Promise<void> {
  await eventually(() => approvals.last().state === 'cancelled', 'cancelled at the controller');
  await eventually(() => drafts('http.exchange').some(({ outcome }) => outcome !== undefined), 'recorded');
  expect(drafts('hold.decision')[0]?.detail).toMatchObject({ runs: false });
  expect(upstream.received.filter(({ body }) => body.includes('tools/call'))).toHaveLength(0);
}

describe('a held call is cancelled', () => {
  test('when its client leaves', async () => {
    const bench = await start();
    const leaving = new AbortController();
    const answering = bench.call(toolCall(5), {}, leaving.signal).catch(() => undefined);
    await bench.approvals.held();
    await eventually(() => bench.approvals.asked.includes('wait'), 'waiting');
    leaving.abort();
    await answering;
    await expectCancelled(bench);
    expect(bench.drafts('http.exchange').at(-1)).toMatchObject({ outcome: 'disconnected' });
  });

  test('by notifications/cancelled', async () => {
    const bench = await start();
    const answering = bench.call(toolCall(5), { 'mcp-session-id': 's1' });
    await bench.approvals.held();
    await bench.call(cancelled(5), { 'mcp-session-id': 's1' });
    expect((await answering).status).toBe(202);
    await expectCancelled(bench);
    expect(bench.drafts('http.exchange').map(({ outcome }) => outcome)).toContain('cancelled');
  });

  test('when its session is deleted', async () => {
    const bench = await start();
    const answering = bench.call(toolCall(5), { 'mcp-session-id': 's1' });
    await bench.approvals.held();
    const headers = { authorization: `Bearer ${bench.token}`, 'mcp-session-id': 's1' };
    await fetch(`${bench.harness.url}/mcp`, { method: 'DELETE', headers });
    expect((await answering).status).toBe(202);
    await expectCancelled(bench);
  });

  test('with an end of its stream and no answer', async () => {
    const bench = await start();
    const answering = bench.call(toolCall(5), { 'mcp-session-id': 's1' });
    await bench.approvals.held();
    bench.timers.advance(1_000);
    const answer = await answering;
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    await bench.call(cancelled(5), { 'mcp-session-id': 's1' });
    expect(await messagesOf(answer)).toEqual([]);
    await expectCancelled(bench);
  });

  test('between the consent and the run, so that a used grant runs nothing', async () => {
    const bench = await start();
    const { promise, resolve: confirm } = Promise.withResolvers<void>();
    bench.approvals.consuming = promise;
    const leaving = new AbortController();
    const answering = bench.call(toolCall(5), {}, leaving.signal).catch(() => undefined);
    await bench.approvals.held();
    bench.approvals.decide('approve', 'bob');
    await eventually(() => bench.approvals.asked.includes('consume'), 'consuming');
    leaving.abort();
    await answering;
    // Round trips on other connections: the sidecar has seen the end of the first by then.
    for (let trips = 0; trips < 3; trips += 1) await bench.call(cancelled(99));
    confirm();
    await eventually(() => bench.drafts('hold.decision').length > 0, 'decided');
    expect(bench.drafts('hold.decision')[0]?.detail).toMatchObject({
      state: 'consumed',
      runs: false,
      why: 'client_left',
    });
    expect(bench.upstream.received.filter(({ body }) => body.includes('tools/call'))).toHaveLength(0);
  });
});

describe('a held call stays', () => {
  test('when somebody else cancels its id, or another session is deleted', async () => {
    const bench = await start();
    const answering = bench.call(toolCall(5), { 'mcp-session-id': 's1' });
    await bench.approvals.held();
    const mallory = { authorization: `Bearer ${await bench.issuer.sign({ sub: 'mallory' })}` };
    await post(`${bench.harness.url}/mcp`, cancelled(5), mallory);
    await bench.call(cancelled(5), { 'mcp-session-id': 's2' });
    await bench.call(cancelled(6), { 'mcp-session-id': 's1' });
    await fetch(`${bench.harness.url}/mcp`, { method: 'DELETE', headers: { ...mallory, 'mcp-session-id': 's1' } });
    bench.approvals.decide('approve', 'bob');
    expect(await textOf(await answering)).toContain('done');
  });

  test('when another client of the same call leaves: the approval is still awaited', async () => {
    const bench = await start();
    const leaving = new AbortController();
    const left = bench.call(toolCall(1), {}, leaving.signal).catch(() => undefined);
    const staying = bench.call(toolCall(2));
    await eventually(() => bench.approvals.asked.filter((one) => one === 'wait').length === 2, 'both wait');
    leaving.abort();
    await left;
    await eventually(() => bench.drafts('hold.decision').length === 1, 'the first has ended');
    expect(bench.approvals.asked).not.toContain('cancel');
    bench.approvals.decide('approve', 'bob');
    expect(await textOf(await staying)).toContain('done');
  });
});

test('a sidecar that stops tells its clients to call again, and the approval stays', async () => {
  const bench = await start();
  const answering = bench.call(toolCall(5));
  await bench.approvals.held();
  await eventually(() => bench.approvals.asked.includes('wait'), 'waiting');
  bench.harness.sidecar.drain();
  expect(await textOf(await answering)).toContain('call again with identical arguments');
  expect(bench.approvals.last().state).toBe('pending');
  expect(bench.upstream.received).toHaveLength(0);
});

test('a sidecar that stops while the grant is being used runs the call', async () => {
  const bench = await start();
  const { promise, resolve: confirm } = Promise.withResolvers<void>();
  bench.approvals.consuming = promise;
  const answering = bench.call(toolCall(5));
  await bench.approvals.held();
  bench.approvals.decide('approve', 'bob');
  await eventually(() => bench.approvals.asked.includes('consume'), 'consuming');
  bench.harness.sidecar.drain();
  confirm();
  expect(await textOf(await answering)).toContain('done');
});
