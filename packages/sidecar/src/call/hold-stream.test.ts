import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually, toolCall } from '../testing/client.ts';
import { messagesOf, startHoldBench, type HoldBench } from '../testing/hold-bench.ts';
import type { Handler } from '../testing/upstream.ts';

const benches: HoldBench[] = [];

afterEach(async () => {
  await Promise.all(benches.splice(0).map(async ({ close }) => close()));
});

async function start(handler?: Handler): Promise<HoldBench> {
  const bench = await startHoldBench({}, handler);
  benches.push(bench);
  return bench;
}

function withToken(progressToken: unknown, name = 'client'): string {
  const meta = { progressToken, 'io.modelcontextprotocol/clientInfo': { name, version: '1' } };
  const params = { name: 'echo', arguments: { text: 'x' }, _meta: meta };
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
}

/** Waits until the sidecar waits. */
async function waiting({ approvals }: HoldBench): Promise<void> {
  await approvals.held();
  await eventually(() => approvals.asked.includes('wait'), 'waiting');
}

describe('the stream of a held call', () => {
  test('has its head within a second, and a comment every ten', async () => {
    const bench = await start();
    const answering = bench.call(toolCall());
    await waiting(bench);
    bench.timers.advance(700);
    const answer = await answering;
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    bench.timers.advance(30_000);
    bench.approvals.decide('approve', 'bob');
    const text = await answer.text();
    expect(text.match(/^: held for approval$/gm)).toHaveLength(3);
    expect(text).not.toContain('notifications/progress');
    expect(text).toContain('"done"');
  });

  test('brings progress that rises, with the approval, where the client gave a token', async () => {
    const bench = await start();
    const answering = bench.call(withToken('p1'));
    await waiting(bench);
    for (let tens = 0; tens < 4; tens += 1) {
      bench.timers.advance(10_000);
      await eventually(() => bench.drafts('mcp.notification').length >= tens + 1, 'recorded');
    }
    bench.approvals.decide('approve', 'bob');
    const messages = await messagesOf(await answering);
    const progress = messages.flatMap(({ params }) =>
      params === undefined ? [] : [params as Record<string, unknown>],
    );
    expect(progress.length).toBeGreaterThanOrEqual(4);
    const { id, url } = bench.approvals.last();
    for (const { progressToken, message } of progress) {
      expect(progressToken).toBe('p1');
      expect(message).toContain(id);
      expect(message).toContain(url);
    }
    const values = progress.map(({ progress: value }) => Number(value));
    expect(values).toEqual([...new Set(values)].toSorted((a, b) => a - b));
    expect(values.at(-1)).toBeLessThan(0.01);
    expect(bench.drafts('mcp.notification')).toHaveLength(progress.length);
    expect(messages.at(-1)).toMatchObject({ id: 1, result: { content: [{ text: 'done' }] } });
  });

  test('goes on for clients that are known to count from the last progress', async () => {
    const bench = await start();
    const answering = bench.call(withToken(1, 'claude-code'));
    await waiting(bench);
    bench.timers.advance(200_000);
    expect(bench.drafts('mcp.response')).toHaveLength(0);
    bench.timers.advance(40_000);
    expect(JSON.stringify((await messagesOf(await answering)).at(-1))).toContain('call again');
  });

  test('is not opened for a client that takes none', async () => {
    const bench = await start();
    const answering = bench.call(toolCall(), { accept: 'application/json' });
    await waiting(bench);
    bench.timers.advance(45_000);
    bench.approvals.decide('approve', 'bob');
    const answer = await answering;
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toMatchObject({ id: 1, result: { content: [{ text: 'done' }] } });
  });
});

async function released(handler: Handler): Promise<readonly Record<string, unknown>[]> {
  const bench = await start(handler);
  const answering = bench.call(toolCall());
  await waiting(bench);
  bench.timers.advance(1_000);
  bench.approvals.decide('approve', 'bob');
  return messagesOf(await answering);
}

describe('after the head, the answer comes as an event', () => {
  test('in one event, whatever its lines', async () => {
    const [message] = await released((_, res) => {
      const text = '{"jsonrpc":"2.0",\r\n"id":1,\n"result":{"a":1}}';
      res.writeHead(200, { 'content-type': 'application/json' }).end(text);
    });
    expect(message).toEqual({ jsonrpc: '2.0', id: 1, result: { a: 1 } });
  });

  test.each<[string, Handler, unknown]>([
    [
      'instead of a status that clients act upon',
      (_, res) => {
        const text = '{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"no session"}}';
        res.writeHead(404, { 'content-type': 'application/json' }).end(text);
      },
      { id: 1, error: { code: 1502, message: 'the MCP server answered with HTTP status 404' } },
    ],
    ['instead of none', (_, res) => void res.destroy(), { id: 1, error: { code: 1502 } }],
    [
      "among the server's own",
      (_, res) => {
        const log = 'data: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\n\n';
        const answer = 'data: {"jsonrpc":"2.0","id":1,"result":{"b":2}}\n\n';
        res.writeHead(200, { 'content-type': 'text/event-stream' }).end(log + answer);
      },
      { id: 1, result: { b: 2 } },
    ],
  ])('%s', async (_, handler, expected) => {
    expect((await released(handler)).at(-1)).toMatchObject(Object(expected));
  });

  test('a server that breaks off leaves an error with the id', async () => {
    const messages = await released((_, res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).write('{');
      setImmediate(() => res.destroy());
    });
    expect(messages.at(-1)).toMatchObject({ id: 1, error: { code: 1502 } });
  });
});

function idOf(text: string): string {
  return [...text.matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? '';
}

describe('a client that loses its stream and comes back', () => {
  const legacy = { 'mcp-protocol-version': '2025-11-25', 'mcp-session-id': 's1' };

  async function comeBack(bench: HoldBench, id: string): Promise<Response> {
    const headers = {
      authorization: `Bearer ${bench.token}`,
      accept: 'text/event-stream',
      'last-event-id': id,
      ...legacy,
    };
    return fetch(`${bench.harness.url}/mcp`, { headers });
  }

  test('is told to call again, by a sidecar that knows nothing of it, and the server is not asked', async () => {
    const first = await start();
    const answering = first.call(toolCall(9), legacy);
    await waiting(first);
    first.timers.advance(700);
    const answer = await answering;
    first.approvals.decide('deny', 'bob');
    const id = idOf(await answer.text());
    const second = await start();
    const [message] = await messagesOf(await comeBack(second, id));
    expect(message).toMatchObject({ id: 9, result: { isError: true } });
    expect(JSON.stringify(message)).toContain('call again with identical arguments');
    expect(second.upstream.received).toHaveLength(0);
    expect(second.drafts('mcp.response')[0]).toMatchObject({ outcome: 'refused', detail: { resumed: 'held' } });
  });

  test('is told that nobody knows, when the call had begun to run', async () => {
    const bench = await start();
    const answering = bench.call(toolCall(9), legacy);
    await waiting(bench);
    bench.timers.advance(700);
    const answer = await answering;
    bench.approvals.decide('approve', 'bob');
    const [message] = await messagesOf(await comeBack(bench, idOf(await answer.text())));
    expect(JSON.stringify(message)).toContain('what became of it is unknown');
  });

  test('gets no such id where it would not know what to do with it, and a broken one is refused', async () => {
    const bench = await start();
    const answering = bench.call(toolCall(9), { 'mcp-protocol-version': '2025-06-18' });
    await waiting(bench);
    bench.timers.advance(700);
    const answer = await answering;
    bench.approvals.decide('deny', 'bob');
    expect(await answer.text()).not.toContain('id: ');
    expect((await comeBack(bench, 'tachograph-hold.1.e30')).status).toBe(400);
    expect(bench.upstream.received).toHaveLength(0);
  });
});
