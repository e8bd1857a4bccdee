/** What the eras ask of a proxy beside messages: cancellation, sessions, long streams, both ways of leaving. */
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { dial, eventually, exchangeRaw, post, toolCall } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import { createTestIssuer } from '../testing/issuer.ts';
import { startUpstream, type Handler, type Upstream } from '../testing/upstream.ts';

let upstream: Upstream;
let harness: Harness;

async function start(handler: Handler, environment: Record<string, string> = {}): Promise<void> {
  upstream = await startUpstream(handler);
  harness = await startHarness({ upstream: upstream.url, environment });
}

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

const stream = (res: ServerResponse): ServerResponse => res.writeHead(200, { 'content-type': 'text/event-stream' });
const event = (message: object): string => `data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;
const outcomes = (): (string | undefined)[] => harness.recorder.drafts.map(({ outcome }) => outcome);
const ofKind = (kind: string): Harness['recorder']['drafts'] =>
  harness.recorder.drafts.filter((draft) => draft.kind === kind);

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

function modern(method: string, params: object, name?: string): [string, Record<string, string>] {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } });
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method };
  return [body, name === undefined ? headers : { ...headers, 'mcp-name': name }];
}

describe('a call is cancelled', () => {
  test('by closing its stream, from 2026-07-28 on: the server sees the close, the record says cancelled', async () => {
    await start((_, res) => void stream(res).write(': working\n\n'));
    const [body, headers] = modern('tools/call', { name: 'echo' }, 'echo');
    const controller = new AbortController();
    const answer = await post(`${harness.url}/mcp`, body, headers, controller.signal);
    await answer.body?.getReader().read();
    controller.abort();
    await eventually(() => upstream.closedEarly() === 1, 'server sees the close');
    await eventually(() => outcomes().includes('cancelled'), 'record');
    expect(outcomes()).not.toContain('disconnected');
  });

  test('by closing its connection before any answer, likewise', async () => {
    await start(() => undefined);
    const [body, headers] = modern('tools/call', { name: 'echo' }, 'echo');
    const controller = new AbortController();
    const sent = post(`${harness.url}/mcp`, body, headers, controller.signal).catch(() => undefined);
    await eventually(() => upstream.received.length === 1, 'call at the server');
    controller.abort();
    await sent;
    await eventually(() => upstream.closedEarly() === 1, 'server sees the close');
    await eventually(() => outcomes().includes('cancelled'), 'record');
    expect(outcomes()).not.toContain('disconnected');
  });

  test('by a notification before that, which reaches the server; its stream goes on and may still answer', async () => {
    let open: ServerResponse | undefined;
    await start(({ body }, res) => {
      if (body.includes('notifications/cancelled')) {
        res.writeHead(202).end();
        open?.end(event({ id: 1, error: { code: -32800, message: 'cancelled' } }));
      } else {
        open = stream(res);
        open.write(': working\n\n');
      }
    });
    const answer = await post(`${harness.url}/mcp`, toolCall(1));
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1, reason: 'enough' } };
    const accepted = await post(`${harness.url}/mcp`, JSON.stringify(cancel));
    expect([accepted.status, await accepted.text()]).toEqual([202, '']);
    expect(await answer.text()).toContain('-32800');
    expect(JSON.parse(upstream.received[1]?.body ?? '')).toEqual(cancel);
    expect(ofKind('mcp.notification')).toMatchObject([{ mcp_method_name: 'notifications/cancelled', dir: 'c2s' }]);
    expect(ofKind('mcp.response')).toMatchObject([{ jsonrpc_request_id: '1', error_type: '-32800' }]);
  });

  test('not by leaving, before 2026-07-28: the record says disconnected', async () => {
    await start((_, res) => void stream(res).write(': working\n\n'));
    const controller = new AbortController();
    const answer = await post(`${harness.url}/mcp`, toolCall(1), {}, controller.signal);
    await answer.body?.getReader().read();
    controller.abort();
    await eventually(() => outcomes().includes('disconnected'), 'record');
    await eventually(() => upstream.closedEarly() === 1, 'server sees the close');
    expect(outcomes()).not.toContain('cancelled');
  });
});

describe('messages go both ways', () => {
  test("a server's request comes on the stream of a call, and its answer in a POST of its own", async () => {
    let open: ServerResponse | undefined;
    await start(({ body }, res) => {
      if (body.includes('"result"')) {
        res.writeHead(202).end();
        open?.end(event({ id: 1, result: { content: [] } }));
      } else {
        open = stream(res);
        open.write(event({ id: 'ask-1', method: 'elicitation/create', params: { message: 'sure?' } }));
      }
    });
    const answer = await post(`${harness.url}/mcp`, toolCall(1));
    const said = '{"jsonrpc":"2.0","id":"ask-1","result":{"action":"accept","content":{"n":1.0}}}';
    expect((await post(`${harness.url}/mcp`, said)).status).toBe(202);
    await answer.text();
    expect(upstream.received[1]?.body).toBe(said);
    const asked = ofKind('mcp.request').find(({ dir }) => dir === 's2c');
    expect(asked).toMatchObject({ mcp_method_name: 'elicitation/create' });
    const answered = ofKind('mcp.response').find(({ dir }) => dir === 'c2s');
    expect(answered?.jsonrpc_request_id).toBe(asked?.jsonrpc_request_id);
    expect(answered).toMatchObject({ principal: { type: 'anonymous' } });
  });

  test('subscriptions/listen stays open, says what it has, and closes towards the server with its client', async () => {
    let open: ServerResponse | undefined;
    await start((_, res) => {
      open = stream(res);
      open.write(event({ method: 'notifications/subscriptions/acknowledged', params: {} }));
    });
    const [body, headers] = modern('subscriptions/listen', { notifications: { toolsListChanged: true } });
    const controller = new AbortController();
    const answer = await post(`${harness.url}/mcp`, body, headers, controller.signal);
    const reader = answer.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('acknowledged');
    open?.write(event({ method: 'notifications/tools/list_changed', params: {} }));
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('list_changed');
    controller.abort();
    await eventually(() => upstream.closedEarly() === 1, 'server sees the close');
    expect(ofKind('mcp.notification').map((one) => one.mcp_method_name)).toEqual([
      'notifications/subscriptions/acknowledged',
      'notifications/tools/list_changed',
    ]);
  });
});

describe('a session', () => {
  const session = { 'mcp-session-id': 's-1', accept: 'text/event-stream' };

  test('ends with the DELETE that the server accepts, and not with one that it refuses', async () => {
    let status = 405;
    await start(({ method }, res) => {
      if (method === 'DELETE') res.writeHead(status, { allow: 'GET, POST' }).end();
      else res.writeHead(202).end();
    });
    await post(`${harness.url}/mcp`, '{"jsonrpc":"2.0","method":"notifications/initialized"}', session);
    const refused = await fetch(`${harness.url}/mcp`, { method: 'DELETE', headers: session });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect(ofKind('session.close')).toEqual([]);
    status = 204;
    expect((await fetch(`${harness.url}/mcp`, { method: 'DELETE', headers: session })).status).toBe(204);
    await eventually(() => ofKind('session.close').length === 1, 'session record');
    expect(ofKind('session.close')[0]?.detail).toEqual({ closed: 'delete' });
  });

  test.each([400, 404])('that the server does not know gets its own words, status %d', async (status) => {
    const words = '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad Request: no such session"}}';
    await start((_, res) => {
      res.writeHead(status, { 'content-type': 'application/json' }).end(words);
    });
    const answer = await post(`${harness.url}/mcp`, toolCall(4), session);
    expect([answer.status, await answer.text()]).toEqual([status, words]);
  });

  test('of HTTP+SSE is nobody else’s to post to', async () => {
    const issuer = await createTestIssuer();
    upstream = await startUpstream(({ method, headers }, res) => {
      if (method === 'GET')
        stream(res).write(`event: endpoint\ndata: http://${headers.host}/message?sessionId=s-9\n\n`);
      else res.writeHead(202).end('Accepted');
    });
    harness = await startHarness({ upstream: upstream.url, issuers: issuer.payload });
    const as = async (sub: string): Promise<Record<string, string>> => ({
      authorization: `Bearer ${await issuer.sign({ sub })}`,
    });
    const headers = { accept: 'text/event-stream', ...(await as('alice')) };
    const opened = await fetch(`${harness.url}/sse`, { headers });
    const first = Buffer.from((await opened.body?.getReader().read())?.value ?? []).toString();
    // Clients refuse an endpoint of another origin than the one they typed.
    expect(first).toBe(`event: endpoint\ndata: ${harness.url}/message?sessionId=s-9\n\n`);
    const message = `${harness.url}/message?sessionId=s-9`;
    expect((await post(message, toolCall(1), await as('mallory'))).status).toBe(404);
    expect((await post(message, toolCall(1), await as('alice'))).status).toBe(202);
    expect(upstream.received.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });
});

describe('nothing ends a stream but its two ends', () => {
  /** Time enough to send a request on a slow machine, and over before the stream is. */
  const briefly = { TACHO_HEADERS_TIMEOUT: '1s', TACHO_REQUEST_TIMEOUT: '2s' };

  test('it outlives every time limit for receiving', async () => {
    let open: ServerResponse | undefined;
    await start((_, res) => (open = stream(res)).write(': first\n\n'), briefly);
    const answer = await fetch(`${harness.url}/mcp`, { headers: { accept: 'text/event-stream' } });
    const reader = answer.body?.getReader();
    await reader?.read();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    open?.end(': last\n\n');
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(': last\n\n');
  });

  test('a call that is answered late is answered', async () => {
    await start(({ body }, res) => {
      const { id } = JSON.parse(body);
      setTimeout(() => res.end(JSON.stringify({ jsonrpc: '2.0', id, result: {} })), 3000);
    }, briefly);
    expect((await post(`${harness.url}/mcp`, toolCall(1))).status).toBe(200);
  });

  test('heads leave at once, before anything follows', async () => {
    await start((_, res) => stream(res).flushHeaders());
    const answer = await post(`${harness.url}/mcp`, toolCall(1));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    await answer.body?.cancel();
  });

  test('a server that resets the connection of a stream resets it towards the client', async () => {
    await start((_, res) => {
      stream(res).write(': hello\n\n', () => setTimeout(() => res.socket?.resetAndDestroy(), 20));
    });
    const socket = await dial(harness.url);
    const ended = new Promise<boolean>((resolve) => {
      socket.on('error', () => undefined);
      socket.once('close', () => resolve(true));
    });
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write('GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n');
    expect(await ended).toBe(true);
    // The last chunk of an orderly end is missing: no client takes this for one.
    expect(text).toContain(': hello');
    expect(text.endsWith('0\r\n\r\n')).toBe(false);
    const ends = harness.recorder.drafts.filter(({ outcome }) => outcome !== undefined);
    expect(ends).toMatchObject([{ outcome: 'upstream_error', detail: { reason: 'stream_broken' } }]);
  });

  test('a server that resets the connection in the middle of its answer leaves an error with the id', async () => {
    await start((_, res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      res.write('{"half', () => setTimeout(() => res.socket?.resetAndDestroy(), 20));
    });
    const answer = await post(`${harness.url}/mcp`, toolCall(8));
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ id: 8, error: { code: 1502 } });
    const ends = harness.recorder.drafts.filter(({ outcome }) => outcome !== undefined);
    expect(ends).toMatchObject([{ outcome: 'upstream_error', detail: { reason: 'answer_incomplete' } }]);
  });

  test('a listed page that the server resets in its middle is broken off', async () => {
    await start(
      (_, res) => {
        res.writeHead(200, { 'content-type': 'application/octet-stream' });
        res.write('half', () => setTimeout(() => res.socket?.resetAndDestroy(), 20));
      },
      { TACHO_PASSTHROUGH: 'GET /file' },
    );
    const answer = await fetch(`${harness.url}/file`);
    await expect(answer.text()).rejects.toThrow('terminated');
    expect(outcomes()).toContain('upstream_error');
  });
});

describe('what is neither call nor stream', () => {
  test('a preflight reaches the server without a token, and the answer comes back', async () => {
    await start((_, res) => {
      res.writeHead(204, { 'access-control-allow-methods': 'POST', 'access-control-allow-origin': '*' }).end();
    });
    const answer = await exchangeRaw(
      harness.url,
      'OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:6274\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 204 /);
    expect(answer).toContain('access-control-allow-methods: POST');
    expect(upstream.received.map(({ method }) => method)).toEqual(['OPTIONS']);
  });

  test('headers of the era go through unchanged, known or not', async () => {
    await start(({ body }, res) => {
      const { id } = JSON.parse(body);
      res.writeHead(200, { 'content-type': 'application/json', 'x-accel-buffering': 'no', 'mcp-session-id': 'a b' });
      res.end(JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete' } }));
    });
    const [body, headers] = modern('tools/call', { name: 'echo' }, 'echo');
    const more = { ...headers, 'mcp-param-region': '=?base64?w6k=?=', 'mcp-param-unknown': 'x' };
    const answer = await post(`${harness.url}/mcp`, body, more);
    expect(upstream.received[0]?.headers).toMatchObject({ ...more, host: new URL(harness.url).host });
    expect([answer.headers.get('x-accel-buffering'), answer.headers.get('mcp-session-id')]).toEqual(['no', 'a b']);
  });

  test('the words of a server about a version are its own, status and body', async () => {
    const words = '{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"no","data":{"supported":["2025-11-25"]}}}';
    await start((_, res) => void res.writeHead(400, { 'content-type': 'application/json' }).end(words));
    const [body, headers] = modern('server/discover', {});
    const answer = await post(`${harness.url}/mcp`, body, headers);
    expect([answer.status, await answer.text()]).toEqual([400, words]);
  });
});
