import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually, post, toolCall } from '../testing/client.ts';
import { risky, startHoldBench, type HoldBench } from '../testing/hold-bench.ts';
import type { HarnessOptions } from '../testing/harness.ts';

const benches: HoldBench[] = [];

afterEach(async () => {
  await Promise.all(benches.splice(0).map(async ({ close }) => close()));
});

interface OldSession extends HoldBench {
  /** What has come on the session's stream. */
  readonly stream: () => string;
  readonly leave: () => void;
  readonly send: (body: string) => Promise<Response>;
}

/** A client of HTTP+SSE: it reads answers on the stream of its session only. */
async function startSession(options: Partial<HarnessOptions> = {}): Promise<OldSession> {
  const bench = await startHoldBench(options, ({ method }, res) => {
    if (method === 'GET') {
      res
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write('event: endpoint\ndata: /message?sessionId=s1\n\n');
    } else res.writeHead(202).end('Accepted');
  });
  benches.push(bench);
  const authorization = `Bearer ${bench.token}`;
  const leaving = new AbortController();
  const answer = await fetch(`${bench.harness.url}/sse`, {
    headers: { accept: 'text/event-stream', authorization },
    signal: leaving.signal,
  });
  let text = '';
  const read = async (): Promise<void> => {
    for await (const chunk of answer.body ?? []) text += Buffer.from(chunk).toString();
  };
  read().catch(() => undefined);
  await eventually(() => text.includes('endpoint'), 'the endpoint');
  return {
    ...bench,
    stream: () => text,
    leave: () => leaving.abort(),
    send: async (body) => post(`${bench.harness.url}/message?sessionId=s1`, body, { authorization, accept: '*/*' }),
  };
}

describe('a session of HTTP+SSE reads on its stream', () => {
  test('that a call was denied', async () => {
    const { send, stream, upstream } = await startSession({
      decide: () => ({ verdict: 'deny', rule: 'no', policy: 'p' }),
    });
    expect((await send(toolCall(4))).status).toBe(202);
    await eventually(() => stream().includes('"id":4'), 'the denial');
    expect(stream()).toContain('Denied by rule');
    expect(upstream.received.filter(({ method }) => method === 'POST')).toHaveLength(0);
  });

  test('that a call waits, and the call runs when it is sent again', async () => {
    const { send, stream, approvals, timers, upstream } = await startSession({ decide: () => risky });
    const first = send(toolCall(4));
    await approvals.held();
    await eventually(() => approvals.asked.includes('wait'), 'waiting');
    timers.advance(50_000);
    expect((await first).status).toBe(202);
    await eventually(() => stream().includes('call again with identical arguments'), 'the fallback');
    approvals.decide('approve', 'bob');
    const second = await send(toolCall(5));
    expect([second.status, await second.text()]).toEqual([202, 'Accepted']);
    expect(upstream.received.filter(({ method }) => method === 'POST').map(({ body }) => body)).toEqual([toolCall(5)]);
  });
});

test('a call is cancelled when the stream of its session closes', async () => {
  const { send, leave, approvals } = await startSession({ decide: () => risky });
  const sent = send(toolCall(4));
  await approvals.held();
  await eventually(() => approvals.asked.includes('wait'), 'waiting');
  leave();
  await sent;
  await eventually(() => approvals.asked.includes('cancel'), 'the end');
  expect(approvals.last().state).toBe('cancelled');
});
