/** Sessions, events, tasks and states belong to the person that they were given to; expiry ends at the next request. */
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Clock } from '@tachograph/service';
import { ask, type Told } from '../testing/ask.ts';
import { dial, eventually } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import { createTestIssuer, type TestIssuer } from '../testing/issuer.ts';
import { startUpstream, type Received, type Upstream } from '../testing/upstream.ts';

const startMs = Date.parse('2026-11-21T12:00:00Z');
const related = 'io.modelcontextprotocol/related-task';

let upstream: Upstream;
let harness: Harness;
let issuer: TestIssuer;
let nowMs: number;
const clock: Clock = { nowMs: () => nowMs, monotonicNs: () => nowMs * 1e6 };

/** Sessions and events by the caller's own name for itself, which only the test sends. */
function application({ method, headers, body }: Received, res: ServerResponse): void {
  const who = String(headers['x-who']);
  if (method === 'GET') return events(who, res);
  const { id, method: name, params }: Request = JSON.parse(body);
  const json = (result: unknown, more: Record<string, string> = {}): void =>
    void res
      .writeHead(200, { 'content-type': 'application/json', ...more })
      .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  if (name === 'initialize') return json({ protocolVersion: '2025-11-25' }, { 'mcp-session-id': `session-${who}` });
  if (params['task'] !== undefined) return json({ task: { taskId: `task-${who}`, status: 'working' } });
  if (params['name'] === 'modern') return json({ resultType: 'task', taskId: `modern-${who}` });
  return json({ ok: true });
}

interface Request {
  readonly id: unknown;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

function events(who: string, res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.write(
    `id: ${who}-1\ndata:\n\nid: ${who}-é2\ndata: {"jsonrpc":"2.0","method":"notifications/progress","params":{}}\n\n`,
  );
  res.end();
}

beforeEach(async () => {
  nowMs = startMs;
  issuer = await createTestIssuer();
  upstream = await startUpstream(application);
  harness = await startHarness({ upstream: upstream.url, issuers: issuer.payload, clock });
});

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

type Headers = Readonly<Record<string, string>>;

async function as(who: string, headers: Headers = {}): Promise<Headers> {
  const token = await issuer.sign({ sub: who }, startMs / 1000 + 300);
  return { authorization: `Bearer ${token}`, 'x-who': who, 'content-type': 'application/json', ...headers };
}

async function call(who: string, method: string, params: unknown, headers: Headers = {}): Promise<Told> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 'r-1', method, params });
  return ask(harness.url, '/mcp', { method: 'POST', body, headers: await as(who, headers) });
}

async function resume(who: string, event: string, session?: string): Promise<Told> {
  const named = session === undefined ? {} : { 'mcp-session-id': session };
  const accept = 'text/event-stream';
  return ask(harness.url, '/mcp', { headers: await as(who, { accept, 'last-event-id': event, ...named }) });
}

async function listen(who: string, session: string): Promise<void> {
  const headers = await as(who, { accept: 'text/event-stream', 'mcp-session-id': session });
  expect((await ask(harness.url, '/mcp', { headers })).body).toContain(`id: ${who}-1`);
}

const one = (id: number, method: string, params: unknown): unknown => ({ jsonrpc: '2.0', id, method, params });

/** Everything that reached the application from now on. */
function forwarded(): () => number {
  const before = upstream.received.length;
  return () => upstream.received.length - before;
}

describe('a session', () => {
  test('is the caller’s that the server gave it to, also when another named it before', async () => {
    const early = await call('mallory', 'tools/list', {}, { 'mcp-session-id': 'session-alice' });
    expect(early.status).toBe(200);
    await call('alice', 'initialize', { protocolVersion: '2025-11-25' });
    const count = forwarded();
    const [own, other] = [
      await call('alice', 'tools/list', {}, { 'mcp-session-id': 'session-alice' }),
      await call('mallory', 'tools/list', {}, { 'mcp-session-id': 'session-alice' }),
    ];
    expect([own.status, other.status, count()]).toEqual([200, 404, 1]);
    expect(JSON.parse(other.body)).toMatchObject({ jsonrpc: '2.0', error: { message: 'there is no such session' } });
  });

  test.each(['DELETE', 'GET'])('is not opened or ended by another with %s', async (method) => {
    await call('alice', 'initialize', { protocolVersion: '2025-11-25' });
    const count = forwarded();
    const headers = await as('bob', { accept: 'text/event-stream', 'mcp-session-id': 'session-alice' });
    const told = await ask(harness.url, '/mcp', { method, headers });
    expect([told.status, count()]).toEqual([404, 0]);
  });
});

describe('an event', () => {
  beforeEach(async () => {
    for (const who of ['alice', 'bob']) {
      await call(who, 'initialize', { protocolVersion: '2025-11-25' });
      await listen(who, `session-${who}`);
    }
  });

  test('is where its own caller goes on', async () => {
    expect((await resume('alice', 'alice-1', 'session-alice')).status).toBe(200);
    const utf8 = Buffer.from('alice-é2').toString('latin1');
    expect((await resume('alice', utf8, 'session-alice')).status).toBe(200);
    expect((await resume('alice', 'alice-1')).status).toBe(200);
  });

  test.each([
    ['in the own session', 'session-bob'],
    ['without a session', undefined],
    ['in the other’s session', 'session-alice'],
  ])('of somebody else is a 404 %s, and nothing is forwarded', async (_where, session) => {
    const count = forwarded();
    const told = await resume('bob', 'alice-1', session);
    expect([told.status, count()]).toEqual([404, 0]);
    expect(JSON.parse(told.body)).toMatchObject({ jsonrpc: '2.0', error: { code: 1404 } });
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ outcome: 'refused', principal: { sub: 'bob' } });
  });

  test('that nobody was given is none of a session that was opened here', async () => {
    const count = forwarded();
    expect([(await resume('bob', 'guess-1', 'session-bob')).status, count()]).toEqual([404, 0]);
  });

  test('of a held call’s stream is the sidecar’s own, and is answered here', async () => {
    const count = forwarded();
    const held = Buffer.from(JSON.stringify({ id: 7, method: 'tools/call', phase: 'held' })).toString('base64url');
    const told = await resume('bob', `tachograph-hold.1.${held}`, 'session-bob');
    expect([told.status, count()]).toEqual([200, 0]);
    expect(told.body).toContain('the connection broke while this call was held');
  });

  test('of a session from before this start is the server’s to know', async () => {
    expect((await resume('carol', 'old-1', 'session-from-before')).status).toBe(200);
  });
});

describe('a task', () => {
  const modern = { 'mcp-protocol-version': '2026-07-28' };
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };

  beforeEach(async () => {
    for (const who of ['alice', 'bob']) {
      await call(who, 'tools/call', { name: 'slow', arguments: {}, task: { ttl: 1000 } });
      const headers = { ...modern, 'mcp-method': 'tools/call', 'mcp-name': 'modern' };
      await call(who, 'tools/call', { name: 'modern', arguments: {}, _meta: meta }, headers);
    }
  });

  test('answers its own caller', async () => {
    for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel'])
      expect((await call('alice', method, { taskId: 'task-alice' })).status).toBe(200);
    expect((await call('alice', 'tasks/get', { taskId: 'task-of-earlier' })).status).toBe(200);
  });

  test.each<[string, string, unknown, Headers]>([
    ['tasks/get', 'tasks/get', { taskId: 'task-alice' }, {}],
    ['tasks/result', 'tasks/result', { taskId: 'task-alice' }, {}],
    ['tasks/cancel', 'tasks/cancel', { taskId: 'task-alice' }, {}],
    ['a related task', 'tools/list', { _meta: { [related]: { taskId: 'task-alice' } } }, {}],
    [
      'tasks/get of the stateless era',
      'tasks/get',
      { taskId: 'modern-alice', _meta: meta },
      { ...modern, 'mcp-method': 'tasks/get', 'mcp-name': 'modern-alice' },
    ],
    [
      'subscriptions/listen',
      'subscriptions/listen',
      { notifications: { taskIds: ['modern-bob', 'modern-alice'] }, _meta: meta },
      { ...modern, 'mcp-method': 'subscriptions/listen' },
    ],
  ])('of somebody else is a 404 to %s, and nothing is forwarded', async (_what, method, params, headers) => {
    const count = forwarded();
    const told = await call('bob', method, params, headers);
    expect([told.status, count()]).toEqual([404, 0]);
    expect(JSON.parse(told.body)).toMatchObject({ jsonrpc: '2.0', id: 'r-1', error: { code: -32602 } });
    const request = harness.recorder.drafts.find(({ decision }) => decision?.rule === 'foreign-handle');
    expect(request).toMatchObject({ kind: 'mcp.request', principal: { sub: 'bob' }, decision: { verdict: 'deny' } });
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ kind: 'mcp.response', outcome: 'refused' });
  });

  test('of somebody else takes the whole batch with it', async () => {
    const count = forwarded();
    const batch = [one(1, 'tools/list', {}), one(2, 'tasks/get', { taskId: 'task-alice' })];
    const told = await ask(harness.url, '/mcp', {
      method: 'POST',
      body: JSON.stringify(batch),
      headers: await as('bob'),
    });
    expect([told.status, count()]).toEqual([404, 0]);
  });
});

describe('a token that expires', () => {
  test('ends at the next request; what streams goes on', async () => {
    const open = Promise.withResolvers<ServerResponse>();
    const slow = await startUpstream(({ method }, res) => {
      res.writeHead(200, { 'content-type': method === 'GET' ? 'text/event-stream' : 'application/json' });
      if (method !== 'GET') return void res.end('{"jsonrpc":"2.0","id":1,"result":{}}');
      res.write(': hello\n\n');
      return open.resolve(res);
    });
    const own = await startHarness({ upstream: slow.url, issuers: issuer.payload, clock });
    try {
      const headers = await as('alice');
      const socket = await dial(own.url);
      let seen = '';
      socket.on('data', (chunk: Buffer) => (seen += chunk.toString()));
      socket.write(
        `GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nAuthorization: ${headers['authorization'] ?? ''}\r\n\r\n`,
      );
      const stream = await open.promise;
      await eventually(() => seen.includes(': hello'), 'the stream');
      nowMs += 331_000;
      const told = await ask(own.url, '/mcp', {
        method: 'POST',
        body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
        headers,
      });
      expect([told.status, slow.received.length]).toEqual([401, 1]);
      expect(told.headers['www-authenticate']).toContain('error="invalid_token"');
      stream.write(': still\n\n');
      await eventually(() => seen.includes(': still'), 'the stream after the expiry');
      socket.destroy();
    } finally {
      await own.close();
      await slow.close();
    }
  });
});
