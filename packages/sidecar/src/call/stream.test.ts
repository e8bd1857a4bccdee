import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { dial, eventually, post, readAll, toolCall } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import { startUpstream, type Handler, type Upstream } from '../testing/upstream.ts';

let upstream: Upstream;
let harness: Harness;
const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';

async function start(handler: Handler): Promise<void> {
  upstream = await startUpstream(handler);
  harness = await startHarness({ upstream: upstream.url });
}

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

const stream = (res: ServerResponse): ServerResponse => res.writeHead(200, { 'content-type': 'text/event-stream' });
const answer = (id: number, text = 'ok'): string =>
  `data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { text } })}\n\n`;
const kinds = (): string[] => harness.recorder.drafts.map(({ kind }) => kind);

describe('an event stream', () => {
  test('passes what needs no masking byte for byte', async () => {
    const bytes = `\uFEFFid: a-1\r\nretry: 500\r\ndata:\r\n\r\n: keep-alive\n\nevent: message\rid: 2\rdata: {"jsonrpc":"2.0",\rdata: "method":"x"}\r\r${answer(1)}`;
    await start((_, res) => stream(res).end(bytes));
    const response = await post(`${harness.url}/mcp`, toolCall(1));
    expect(Buffer.from(await response.arrayBuffer()).toString()).toBe(bytes);
    expect(harness.recorder.drafts.filter(({ sse }) => sse?.comment_only === true)).toHaveLength(1);
    expect(harness.recorder.drafts.find(({ kind }) => kind === 'mcp.notification')).toMatchObject({
      mcp_method_name: 'x',
      sse: { id: '2' },
    });
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ kind: 'mcp.response', jsonrpc_request_id: '1' });
  });

  test('is released event by event, each after its record', async () => {
    const later: { more?: () => void } = {};
    await start((_, res) => {
      stream(res).write('data: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n');
      later.more = () => res.end(answer(1));
    });
    const response = await post(`${harness.url}/mcp`, toolCall(1));
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(Buffer.from(first?.value ?? []).toString()).toContain('notifications/progress');
    expect(kinds()).not.toContain('mcp.response');
    later.more?.();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(answer(1));
  });

  test('is masked in data and comments, with ids and retry untouched', async () => {
    await start((_, res) => stream(res).end(`id: 7\nretry: 9\n: ${secret}\nevent: message\n${answer(1, secret)}`));
    const text = await (await post(`${harness.url}/mcp`, toolCall(1))).text();
    expect(text).not.toContain(secret);
    expect(text).toMatch(/^id: 7\nretry: 9\nevent: message\ndata: \{.*REDACTED.*\}\n\n$/);
    expect(JSON.stringify(harness.recorder.drafts)).not.toContain(secret);
  });

  test('loses an event without its blank line, but records it', async () => {
    await start((_, res) => stream(res).end(`${answer(1)}data: {"never":"ended"}\n`));
    expect(await (await post(`${harness.url}/mcp`, toolCall(1))).text()).toBe(answer(1));
    expect(harness.recorder.drafts.at(-1)).toMatchObject({
      kind: 'mcp.stream_chunk',
      outcome: 'withheld',
      detail: { reason: 'unterminated_event' },
    });
  });

  test.each([
    ['no JSON', `data: ${secret}\n\n`],
    ['no UTF-8', Buffer.concat([Buffer.from('data: "'), Buffer.from([0xff]), Buffer.from('"\n\n')])],
  ])('has an error in place of an event that is %s', async (_name, bytes) => {
    await start((_, res) => stream(res).end(bytes));
    const text = await (await post(`${harness.url}/mcp`, toolCall(6))).text();
    expect(JSON.parse(text.replace(/^event: message\ndata: /, ''))).toMatchObject({ id: 6, error: { code: 1502 } });
  });

  test('fails closed on an event over 4 MiB', async () => {
    await start((_, res) => {
      stream(res).write(answer(1));
      res.write(`data: ${'x'.repeat(5 * 1024 * 1024)}`);
    });
    const response = await post(`${harness.url}/mcp`, toolCall(1));
    await expect(response.text()).rejects.toThrow('terminated');
    expect(harness.recorder.drafts.at(-1)).toMatchObject({
      outcome: 'withheld',
      detail: { reason: 'event_too_large' },
    });
  });

  test('that breaks off is broken off towards the client, and recorded', async () => {
    await start((_, res) => stream(res).write(`: hello\n\n`, () => setTimeout(() => res.destroy(), 20)));
    const response = await post(`${harness.url}/mcp`, toolCall(1));
    await expect(response.text()).rejects.toThrow('terminated');
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ outcome: 'upstream_error', jsonrpc_request_id: '1' });
  });

  test('that the client leaves is closed towards the application, and recorded', async () => {
    await start((_, res) => stream(res).write(': hello\n\n'));
    const socket = await dial(harness.url);
    socket.write('GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n');
    await eventually(() => kinds().includes('mcp.stream_chunk'), 'first event');
    socket.destroy();
    await eventually(() => upstream.closedEarly() === 1, 'application sees the close');
    await eventually(() => harness.recorder.drafts.at(-1)?.outcome === 'disconnected', 'record');
    expect(harness.recorder.drafts.at(-1)?.kind).toBe('http.exchange');
  });

  test('that ends without the answer leaves a terminal record', async () => {
    await start((_, res) => stream(res).end('id: 1\ndata:\n\n'));
    await (await post(`${harness.url}/mcp`, toolCall(1))).text();
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ outcome: 'disconnected', jsonrpc_request_id: '1' });
  });

  test('that resumes another is flagged', async () => {
    await start((_, res) => stream(res).end(answer(1)));
    const headers = { accept: 'text/event-stream', 'last-event-id': '4' };
    await (await fetch(`${harness.url}/mcp`, { headers })).text();
    expect(harness.recorder.drafts.find(({ kind }) => kind === 'mcp.response')?.sse).toEqual({ replay: true });
  });

  test('does not outrun a client that reads slowly', async () => {
    const event = answer(1, 'x'.repeat(64 * 1024));
    let sent = 0;
    await start((_, res) => {
      stream(res);
      const pump = (): void => {
        if (sent === 400) return void res.end();
        sent += 1;
        if (res.write(event)) pump();
        else res.once('drain', pump);
        return undefined;
      };
      pump();
    });
    const socket = await dial(harness.url);
    socket.pause();
    const body = toolCall(1);
    socket.write(
      `POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await eventually(() => sent > 5, 'some sent');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(sent).toBeLessThan(400);
    const all = readAll(socket);
    socket.resume();
    expect((await all).split('"jsonrpc"')).toHaveLength(401);
  });
});

describe('HTTP+SSE', () => {
  test('ties an answer on the stream to the request of another exchange', async () => {
    let events: ServerResponse | undefined;
    await start(({ method, body }, res) => {
      if (method === 'GET') {
        events = stream(res);
        events.write('event: endpoint\ndata: /message?sessionId=s-1\n\n');
        return;
      }
      const { id }: { id?: number } = JSON.parse(body);
      // The answer overtakes the 202.
      events?.write(answer(id ?? 0), () => setTimeout(() => res.writeHead(202).end('Accepted'), 20));
    });
    const controller = new AbortController();
    await fetch(`${harness.url}/sse`, { headers: { accept: 'text/event-stream' }, signal: controller.signal });
    await eventually(() => kinds().includes('mcp.stream_chunk'), 'endpoint event');
    const accepted = await post(`${harness.url}/message?sessionId=s-1`, toolCall(41));
    expect([accepted.status, await accepted.text()]).toEqual([202, 'Accepted']);
    const [request, response] = ['mcp.request', 'mcp.response'].map((kind) =>
      harness.recorder.drafts.find((draft) => draft.kind === kind),
    );
    expect(response).toMatchObject({
      jsonrpc_request_id: '41',
      exchange: request?.exchange,
      session: request?.session,
    });
    expect(JSON.stringify(harness.recorder.drafts.map(({ body }) => body))).not.toContain('s-1');
    controller.abort();
    await eventually(() => harness.recorder.drafts.at(-1)?.outcome === 'disconnected', 'stream end');
  });

  test('ends every open request with the stream that would have answered it', async () => {
    let events: ServerResponse | undefined;
    await start(({ method }, res) => {
      if (method === 'GET') {
        events = stream(res);
        events.write('event: endpoint\ndata: /message?sessionId=s-2\n\n');
      } else res.writeHead(202).end('Accepted');
    });
    const opened = fetch(`${harness.url}/sse`, { headers: { accept: 'text/event-stream' } });
    await (await opened).body?.getReader().read();
    await post(`${harness.url}/message?sessionId=s-2`, toolCall(5));
    events?.end();
    const ended = (): unknown => harness.recorder.drafts.find(({ detail }) => detail?.['reason'] === 'stream_ended');
    await eventually(() => ended() !== undefined, 'terminal record');
    expect(ended()).toMatchObject({ outcome: 'disconnected' });
  });
});
