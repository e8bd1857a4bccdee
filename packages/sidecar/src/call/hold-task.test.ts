import { afterEach, describe, expect, test } from '@jest/globals';
import { toJsonObject, type Decision } from '@tachograph/protocol';
import { eventually, post } from '../testing/client.ts';
import type { HarnessOptions } from '../testing/harness.ts';
import { messagesOf, risky, startHoldBench, type HoldBench } from '../testing/hold-bench.ts';
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

type Json = Readonly<Record<string, unknown>>;

const tasks = { extensions: { 'io.modelcontextprotocol/tasks': {} } };

function metaOf(capabilities: Json): Json {
  return {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
}

const headersOf = (method: string, name: string): Record<string, string> => ({
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': method,
  'mcp-name': name,
});

function callBody(id: number, text = 'x', capabilities: Json = tasks): string {
  const params = { name: 'echo', arguments: { text }, _meta: metaOf(capabilities) };
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
}

async function lastOf(answer: Response): Promise<Json> {
  return toJsonObject((await messagesOf(answer)).at(-1));
}

async function callTool(bench: HoldBench, body = callBody(1)): Promise<Json> {
  return lastOf(await bench.call(body, headersOf('tools/call', 'echo')));
}

let lastId = 100;

async function send(bench: HoldBench, method: string, taskId: string, more: Json = {}): Promise<Response> {
  const { as = bench.token, declares = true, ...params } = more;
  const meta = metaOf(declares === true ? tasks : {});
  lastId += 1;
  const body = JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params: { taskId, ...params, _meta: meta } });
  return post(`${bench.harness.url}/mcp`, body, {
    ...headersOf(method, taskId),
    authorization: `Bearer ${String(as)}`,
  });
}

async function ask(bench: HoldBench, method: string, taskId: string, more: Json = {}): Promise<Json> {
  return lastOf(await send(bench, method, taskId, more));
}

/** Asks until it has ended. */
async function endOf(bench: HoldBench, taskId: string): Promise<Json> {
  for (let tries = 0; tries < 500; tries += 1) {
    const result = toJsonObject((await ask(bench, 'tasks/get', taskId))['result']);
    if (result['status'] !== 'working') return result;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the task never ended');
}

/** Calls, and gets a task. */
async function held(bench: HoldBench, body?: string): Promise<string> {
  const { result } = await callTool(bench, body);
  return String(toJsonObject(result)['taskId']);
}

const toolCalls = ({ upstream }: HoldBench): readonly string[] => upstream.received.map(({ body }) => body);

describe('a call whose client takes tasks', () => {
  test('is a task at once, runs once when it has been approved and is asked about, and its records say so', async () => {
    const bench = await start();
    const { result } = await callTool(bench);
    const { id } = bench.approvals.last();
    expect(result).toMatchObject({
      resultType: 'task',
      taskId: expect.stringMatching(/^tachograph-task\.1\./),
      status: 'working',
      statusMessage: expect.stringContaining(id),
      ttlMs: 900_000,
      pollIntervalMs: 2_000,
    });
    const taskId = String(toJsonObject(result)['taskId']);
    expect(await ask(bench, 'tasks/get', taskId)).toMatchObject({
      result: { resultType: 'complete', status: 'working' },
    });
    expect(bench.drafts('hold.open').map(({ detail }) => detail)).toMatchObject([{ approval: id, form: 'task' }]);
    bench.approvals.decide('approve', 'bob');
    expect(await endOf(bench, taskId)).toMatchObject({
      resultType: 'complete',
      taskId,
      status: 'completed',
      result: { content: [{ type: 'text', text: 'done' }] },
    });
    expect(await endOf(bench, taskId)).toMatchObject({ status: 'completed' });
    expect(bench.approvals.asked.filter((one) => one === 'consume')).toHaveLength(1);
    expect(toolCalls(bench)).toEqual([callBody(1, 'x', { extensions: {} })]);
    expect(bench.drafts('hold.decision').map(({ detail }) => detail)).toMatchObject([
      { approval: id, state: 'consumed', runs: true, decisions: [{ subject: 'bob' }] },
    ]);
    const [request] = bench.drafts('mcp.request');
    const answers = bench.drafts('mcp.response').filter(({ exchange }) => exchange === request?.exchange);
    expect(answers.map(({ detail }) => detail?.['task'])).toEqual(['created', undefined]);
    expect(answers.map(({ body }) => body)).toEqual([
      expect.stringContaining('"task"'),
      expect.stringContaining('done'),
    ]);
  });

  test('does not run while nobody asks about it, whoever has approved it', async () => {
    const bench = await start();
    await held(bench);
    bench.approvals.decide('approve', 'bob');
    for (let trips = 0; trips < 5; trips += 1) await ask(bench, 'tasks/get', 'tachograph-task.1.other');
    expect(bench.approvals.asked).not.toContain('consume');
    expect(toolCalls(bench)).toEqual([]);
  });

  test('reads who denied it, as the result of the tool', async () => {
    const bench = await start();
    const taskId = await held(bench);
    bench.approvals.decide('deny', 'bob');
    const ended = await endOf(bench, taskId);
    expect(ended).toMatchObject({ status: 'completed', result: { isError: true } });
    expect(JSON.stringify(ended)).toContain('bob denied it: bob says deny');
    expect(bench.drafts('hold.decision')[0]?.detail).toMatchObject({ state: 'denied', runs: false });
    expect(toolCalls(bench)).toEqual([]);
  });

  test('reads that nobody decided in time', async () => {
    const bench = await start();
    const taskId = await held(bench);
    bench.approvals.expire();
    expect(JSON.stringify(await endOf(bench, taskId))).toContain('nobody decided in time');
    expect(toolCalls(bench)).toEqual([]);
  });

  test('with other arguments is another task of another approval', async () => {
    const bench = await start();
    const first = await held(bench);
    const second = await held(bench, callBody(2, 'y'));
    expect(second).not.toBe(first);
    expect(bench.approvals.all.size).toBe(2);
    bench.approvals.decide('approve', 'bob');
    expect(await endOf(bench, second)).toMatchObject({ status: 'completed' });
    expect(await ask(bench, 'tasks/get', first)).toMatchObject({ result: { status: 'working' } });
    expect(toolCalls(bench)).toEqual([callBody(2, 'y', { extensions: {} })]);
  });

  test('does not run when the policies have changed meanwhile', async () => {
    let content: string | undefined;
    const bench = await start({ inForce: (policy) => (content === undefined ? policy : { ...policy, content }) });
    const taskId = await held(bench);
    content = 'f'.repeat(64);
    bench.approvals.decide('approve', 'bob');
    expect(JSON.stringify(await endOf(bench, taskId))).toContain('the policies have changed since');
    expect(toolCalls(bench)).toEqual([]);
  });

  test('runs with the token that it was asked about with', async () => {
    const bench = await start();
    const old = await bench.issuer.sign({ email: 'alice@example.com', exp: Math.floor(Date.now() / 1000) + 2 });
    const body = callBody(1);
    const headers = { ...headersOf('tools/call', 'echo'), authorization: `Bearer ${old}` };
    const { result } = await lastOf(await post(`${bench.harness.url}/mcp`, body, headers));
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    bench.approvals.decide('approve', 'bob');
    expect(await endOf(bench, String(toJsonObject(result)['taskId']))).toMatchObject({
      status: 'completed',
      result: { content: [{ text: 'done' }] },
    });
  });

  test('gets what the server answers on a stream, numbers as they were written', async () => {
    const bench = await start({}, ({ body }, res) => {
      const { id } = JSON.parse(body);
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(
        'data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"on it"}}\n\n',
      );
      const result = '{"content":[{"type":"text","text":"streamed"}],"structuredContent":{"n":1.0}}';
      res.end(`data: {"jsonrpc":"2.0","id":${id},"result":${result}}\n\n`);
    });
    const taskId = await held(bench);
    bench.approvals.decide('approve', 'bob');
    await endOf(bench, taskId);
    const text = await (await send(bench, 'tasks/get', taskId)).text();
    expect(text).toContain('"result":{"content":[{"type":"text","text":"streamed"}],"structuredContent":{"n":1.0}}');
    expect(bench.drafts('mcp.notification').map(({ body }) => body)).toEqual([expect.stringContaining('on it')]);
  });

  test.each([
    ['the server answers with an error', 200, { error: { code: -32001, message: 'no such table' } }, 'no such table'],
    ['the server fails', 500, undefined, 'HTTP status 500'],
  ])('fails when %s', async (_what, status, answer, said) => {
    const bench = await start({}, ({ body }, res) => {
      const { id } = JSON.parse(body);
      if (answer === undefined) res.writeHead(status, { 'content-type': 'text/html' }).end('<p>sorry</p>');
      else
        res
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
    });
    const taskId = await held(bench);
    bench.approvals.decide('approve', 'bob');
    const ended = await endOf(bench, taskId);
    expect(ended).toMatchObject({ status: 'failed', error: { code: expect.any(Number) } });
    expect(JSON.stringify(ended)).toContain(said);
  });

  test('shows the masked result only', async () => {
    const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
    const bench = await start({}, ({ body }, res) => {
      const { id } = JSON.parse(body);
      const result = { content: [{ type: 'text', text: `token ${secret}` }] };
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
    const taskId = await held(bench);
    bench.approvals.decide('approve', 'bob');
    const ended = await endOf(bench, taskId);
    expect(ended).toMatchObject({ status: 'completed' });
    expect(JSON.stringify([ended, bench.harness.recorder.drafts])).not.toContain(secret);
  });
});

describe('a task is never for', () => {
  test.each([
    ['a request that does not declare tasks', callBody(1, 'x', {}), headersOf('tools/call', 'echo')],
    [
      'a request that declares them wrongly',
      callBody(1, 'x', { extensions: { 'io.modelcontextprotocol/tasks': null } }),
      headersOf('tools/call', 'echo'),
    ],
    ['a client of the sessions era', callBody(1).replaceAll('2026-07-28', '2025-11-25'), {}],
  ])('%s: it waits on a stream', async (_what, body, headers) => {
    const bench = await start();
    const answering = bench.call(body, headers);
    await eventually(() => bench.approvals.asked.includes('wait'), 'waiting');
    bench.approvals.decide('approve', 'bob');
    expect(await lastOf(await answering)).toMatchObject({ result: { content: [{ text: 'done' }] } });
    expect(toolCalls(bench)).toEqual([body]);
    expect(bench.drafts('hold.open')[0]?.detail).toMatchObject({ form: 'stream' });
  });

  test('what is no tool call', async () => {
    const bench = await start();
    const params = { uri: 'file:///x', _meta: metaOf(tasks) };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'resources/read', params });
    const answering = bench.call(body, headersOf('resources/read', 'file:///x'));
    await eventually(() => bench.approvals.asked.includes('wait'), 'waiting');
    expect(bench.drafts('hold.open')[0]?.detail).toMatchObject({ form: 'stream' });
    bench.approvals.decide('deny', 'bob');
    await answering;
  });
});

const decide = ({ method }: { readonly method: string }): Decision =>
  method === 'tools/call' ? risky : { verdict: 'deny', rule: 'no-tasks' };

const listen = (ids: readonly string[]): string => {
  const params = { notifications: { toolsListChanged: true, taskIds: ids }, _meta: metaOf(tasks) };
  return JSON.stringify({ jsonrpc: '2.0', id: 9, method: 'subscriptions/listen', params });
};

const unknown = { error: { code: -32602, message: 'unknown task: call again with identical arguments' } };

describe('who asks about a task', () => {
  test('and is somebody else finds none, and can end none', async () => {
    const bench = await start();
    const taskId = await held(bench);
    const mallory = await bench.issuer.sign({ sub: 'mallory' });
    bench.approvals.decide('approve', 'bob');
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel'])
      expect(await ask(bench, method, taskId, { as: mallory, inputResponses: {} })).toMatchObject(unknown);
    expect(bench.approvals.asked).not.toContain('consume');
    expect(await endOf(bench, taskId)).toMatchObject({ status: 'completed' });
  });

  test('without declaring tasks is told what is missing', async () => {
    const bench = await start();
    const taskId = await held(bench);
    const answer = await send(bench, 'tasks/get', taskId, { declares: false });
    expect(answer.status).toBe(400);
    expect(await lastOf(answer)).toMatchObject({ error: { code: -32021, data: { requiredCapabilities: tasks } } });
  });

  test('by a method that there is not for it is told so, and the server hears of none', async () => {
    const bench = await start();
    const taskId = await held(bench);
    expect(await ask(bench, 'tasks/result', taskId)).toMatchObject({ error: { code: -32601 } });
    expect(await ask(bench, 'tasks/update', taskId, { inputResponses: {} })).toMatchObject({
      result: { resultType: 'complete' },
    });
    expect(await ask(bench, 'tasks/get', 'tachograph-task.1.from-before')).toMatchObject(unknown);
    expect(toolCalls(bench)).toEqual([]);
  });

  test('is answered whatever the policy says about methods, and tasks of the server are judged as ever', async () => {
    const bench = await start({ decide });
    const taskId = await held(bench);
    expect(await ask(bench, 'tasks/get', taskId)).toMatchObject({ result: { status: 'working' } });
    expect(JSON.stringify(await ask(bench, 'tasks/get', 'of-the-server'))).toContain('no-tasks');
  });

  test('on a subscription names no task of ours to the server', async () => {
    const bench = await start({ decide: ({ method }) => (method === 'tools/call' ? risky : { verdict: 'allow' }) });
    const taskId = await held(bench);
    await bench.call(listen([taskId, 'theirs']), { ...headersOf('subscriptions/listen', ''), 'mcp-name': '' });
    expect(toolCalls(bench)).toEqual([listen(['theirs'])]);
  });
});

describe('a task is cancelled', () => {
  test('while it waits: it never runs, and the approval ends', async () => {
    const bench = await start();
    const taskId = await held(bench);
    expect(await ask(bench, 'tasks/cancel', taskId)).toMatchObject({ result: { resultType: 'complete' } });
    await eventually(() => bench.approvals.last().state === 'cancelled', 'cancelled');
    expect(await ask(bench, 'tasks/get', taskId)).toMatchObject({ result: { status: 'cancelled' } });
    expect(bench.drafts('hold.decision')[0]?.detail).toMatchObject({ runs: false, why: 'cancelled' });
    const [{ exchange } = {}] = bench.drafts('mcp.request');
    await eventually(() => bench.drafts('http.exchange').length > 0, 'the end of the call');
    expect(bench.drafts('http.exchange')[0]).toMatchObject({ exchange, outcome: 'cancelled' });
    expect(toolCalls(bench)).toEqual([]);
  });

  test('between the consent and the run: the grant is gone, and nothing runs', async () => {
    const bench = await start();
    const taskId = await held(bench);
    const { promise, resolve: confirm } = Promise.withResolvers<void>();
    bench.approvals.consuming = promise;
    bench.approvals.decide('approve', 'bob');
    await eventually(() => bench.approvals.asked.length > 1, 'decided');
    for (let tries = 0; tries < 500 && !bench.approvals.asked.includes('consume'); tries += 1)
      await ask(bench, 'tasks/get', taskId);
    await ask(bench, 'tasks/cancel', taskId);
    confirm();
    await eventually(() => bench.drafts('hold.decision').length > 0, 'decided');
    expect(bench.drafts('hold.decision')[0]?.detail).toMatchObject({ state: 'consumed', runs: false });
    expect(await ask(bench, 'tasks/get', taskId)).toMatchObject({ result: { status: 'cancelled' } });
    expect(toolCalls(bench)).toEqual([]);
  });

  test('while it runs: the server sees its client leave', async () => {
    const bench = await start({}, () => undefined);
    const taskId = await held(bench);
    bench.approvals.decide('approve', 'bob');
    for (let tries = 0; tries < 500 && toolCalls(bench).length === 0; tries += 1) await ask(bench, 'tasks/get', taskId);
    await ask(bench, 'tasks/cancel', taskId);
    await eventually(() => bench.upstream.closedEarly() === 1, 'closed towards the server');
    await eventually(() => bench.drafts('http.exchange').some(({ outcome }) => outcome === 'cancelled'), 'recorded');
    expect(await ask(bench, 'tasks/get', taskId)).toMatchObject({ result: { status: 'cancelled' } });
  });

  test('when its client left before it was told of it', async () => {
    const bench = await start();
    const { promise, resolve } = Promise.withResolvers<void>();
    const leaving = new AbortController();
    const answering = bench.call(callBody(1), headersOf('tools/call', 'echo'), leaving.signal).catch(() => undefined);
    await bench.approvals.held();
    bench.harness.recorder.gate = promise;
    leaving.abort();
    await answering;
    for (let trips = 0; trips < 3; trips += 1) await post(`${bench.harness.url}/other`, '');
    bench.harness.recorder.gate = undefined;
    resolve();
    await eventually(() => bench.approvals.last().state === 'cancelled', 'cancelled');
    expect(toolCalls(bench)).toEqual([]);
  });

  test('by nothing else: not by notifications/cancelled, nor when the connection closes', async () => {
    const bench = await start();
    const taskId = await held(bench);
    const params = { requestId: 1 };
    await bench.call(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params }));
    bench.approvals.decide('approve', 'bob');
    expect(await endOf(bench, taskId)).toMatchObject({ status: 'completed' });
  });
});

describe('a task is forgotten', () => {
  test('when nobody has asked about it for its time; the approval stays, and the same call joins it', async () => {
    const bench = await start();
    const taskId = await held(bench);
    bench.timers.advance(900_000);
    expect(await ask(bench, 'tasks/get', taskId)).toMatchObject(unknown);
    expect(bench.approvals.last().state).toBe('pending');
    bench.approvals.decide('approve', 'bob');
    expect(await callTool(bench, callBody(2))).toMatchObject({ result: { content: [{ text: 'done' }] } });
    expect(bench.approvals.all.size).toBe(1);
    expect(toolCalls(bench)).toEqual([callBody(2)]);
  });

  test('a minute after its result has been fetched', async () => {
    const bench = await start();
    const taskId = await held(bench);
    bench.approvals.decide('approve', 'bob');
    await endOf(bench, taskId);
    bench.timers.advance(59_000);
    expect(await ask(bench, 'tasks/get', taskId)).toMatchObject({ result: { status: 'completed' } });
    bench.timers.advance(1_000);
    expect(await ask(bench, 'tasks/get', taskId)).toMatchObject(unknown);
  });

  test('when the sidecar stops; the approval stays', async () => {
    const bench = await start();
    const taskId = await held(bench);
    bench.harness.sidecar.drain();
    await eventually(() => bench.approvals.asked.includes('wait'), 'waited');
    expect(bench.approvals.last().state).toBe('pending');
    expect(taskId).not.toBe('');
    expect(toolCalls(bench)).toEqual([]);
  });
});

describe('there are no more', () => {
  test('tasks than may be: further calls wait on streams', async () => {
    const bench = await start({ environment: { TACHO_MAX_TASKS: '1' } });
    await held(bench);
    const answering = bench.call(callBody(2, 'y'), headersOf('tools/call', 'echo'));
    await eventually(() => bench.drafts('hold.open').length === 2, 'held');
    expect(bench.drafts('hold.open').map(({ detail }) => detail?.['form'])).toEqual(['task', 'stream']);
    bench.approvals.decide('approve', 'bob');
    expect(await lastOf(await answering)).toMatchObject({ result: { content: [{ text: 'done' }] } });
  });

  test('calls of one caller held than may be: further ones are denied', async () => {
    const bench = await start({ environment: { TACHO_MAX_HOLDS_PER_CALLER: '1' } });
    await held(bench);
    expect(JSON.stringify(await callTool(bench, callBody(2, 'y')))).toContain(
      '1 calls of this caller are held already',
    );
  });

  test('bytes of results kept than may be', async () => {
    const bench = await start({ environment: { TACHO_TASK_BYTES: '30' } });
    const taskId = await held(bench);
    bench.approvals.decide('approve', 'bob');
    expect(await endOf(bench, taskId)).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('too large to be kept') },
    });
    expect(toolCalls(bench)).toHaveLength(1);
  });
});

describe('server/discover', () => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta: metaOf({}) } });
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'server/discover' };
  const discovering = async (
    options: Partial<HarnessOptions>,
    capabilities: Json,
  ): Promise<readonly [Json, HoldBench]> => {
    const bench = await start({ decide: () => ({ verdict: 'allow' }), ...options }, ({ body: text }, res) => {
      const result = { resultType: 'complete', capabilities, supportedVersions: ['2026-07-28'] };
      const answer = JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(text).id, result });
      res.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    });
    return [await lastOf(await bench.call(body, headers)), bench];
  };

  test.each([
    [{ tools: {} }, { tools: {}, ...tasks }],
    [{ extensions: { other: {} } }, { extensions: { other: {}, ...tasks.extensions } }],
    [tasks, tasks],
    [{ extensions: 7 }, { extensions: 7 }],
  ])('of a server that says %j announces tasks, again and again', async (said, seen) => {
    const [answer, bench] = await discovering({}, said);
    expect(answer['result']).toEqual({ resultType: 'complete', capabilities: seen, supportedVersions: ['2026-07-28'] });
    expect(await lastOf(await bench.call(body, headers))).toEqual(answer);
    expect(bench.drafts('mcp.response')[0]?.body).toContain(JSON.stringify(said));
  });

  test('announces none where nobody can be asked', async () => {
    const [{ result }] = await discovering({ approvals: undefined }, {});
    expect(toJsonObject(result)['capabilities']).toEqual({});
  });
});
