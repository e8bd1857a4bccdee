import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually, post, toolCall } from '../testing/client.ts';
import { startHarness, type Harness, type HarnessOptions } from '../testing/harness.ts';
import { answerJson, startUpstream, type Upstream } from '../testing/upstream.ts';

let upstream: Upstream;
let harness: Harness;
const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';

async function start(options: Partial<HarnessOptions> = {}): Promise<void> {
  upstream = await startUpstream(answerJson({ text: `found ${secret}` }));
  harness = await startHarness({ upstream: upstream.url, ...options });
}

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

/** Holds back durability until it is released. */
function holdDurability(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  harness.recorder.gate = promise;
  return () => {
    harness.recorder.gate = undefined;
    resolve();
  };
}

const settle = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

describe('promise 1, no unrecorded call', () => {
  test('nothing is forwarded before its record is durable', async () => {
    await start();
    await post(`${harness.url}/mcp`, toolCall(0));
    const release = holdDurability();
    const answer = post(`${harness.url}/mcp`, toolCall(1));
    await eventually(() => harness.recorder.drafts.some((draft) => draft.jsonrpc_request_id === '1'), 'append');
    await settle();
    expect(upstream.received).toHaveLength(1);
    release();
    expect((await answer).status).toBe(200);
    expect(upstream.received).toHaveLength(2);
  });

  test('nothing is released before its record is durable', async () => {
    await start();
    await post(`${harness.url}/mcp`, toolCall(0));
    let answered = false;
    const held: { release?: () => void } = {};
    upstream.server.prependListener('request', () => {
      held.release = holdDurability();
    });
    const answer = post(`${harness.url}/mcp`, toolCall(1)).then((response) => {
      answered = true;
      return response;
    });
    await eventually(
      () => harness.recorder.drafts.filter(({ kind }) => kind === 'mcp.response').length === 2,
      'append',
    );
    await settle();
    expect(answered).toBe(false);
    held.release?.();
    expect((await answer).status).toBe(200);
  });

  test('what the recorder cannot take is refused and not forwarded', async () => {
    await start();
    harness.recorder.fail = true;
    const answer = await post(`${harness.url}/mcp`, toolCall(5));
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: 1503 } });
    expect(upstream.received).toEqual([]);
  });

  test('what the recorder cannot take is counted, so that a gap can say so', async () => {
    await start();
    await post(`${harness.url}/mcp`, toolCall(0));
    harness.recorder.fail = true;
    await post(`${harness.url}/mcp`, toolCall(5));
    expect(harness.recorder.counted).toContainEqual(expect.objectContaining({ reason: 'recorder' }));
  });

  test('an answer that cannot be recorded is not released', async () => {
    await start();
    await post(`${harness.url}/mcp`, toolCall(0));
    upstream.server.prependListener('request', () => {
      harness.recorder.fail = true;
    });
    const answer = await post(`${harness.url}/mcp`, toolCall(5));
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain('found');
  });

  test('a recorder that is full refuses before anything is read, and is counted by its reason', async () => {
    await start();
    harness.recorder.refuses = 'spool_full';
    const answer = await post(`${harness.url}/mcp`, toolCall(5));
    expect(answer.status).toBe(503);
    expect(harness.recorder.counted).toContainEqual(expect.objectContaining({ reason: 'spool_full' }));
    expect(harness.sidecar.reasons()).toEqual({ recorder: 'spool_full' });
  });
});

describe('promise 3, fail closed', () => {
  test('without a valid policy every call is refused', async () => {
    await start({ noPolicy: true });
    const answer = await post(`${harness.url}/mcp`, toolCall());
    expect(answer.status).toBe(503);
    expect(upstream.received).toEqual([]);
    expect(harness.sidecar.reasons()).toEqual({ policy: 'no valid bundle' });
  });

  test('a policy that throws refuses the call', async () => {
    await start({
      decide: () => {
        throw new Error('broken rule');
      },
    });
    const answer = await post(`${harness.url}/mcp`, toolCall());
    expect(answer.status).toBe(503);
    expect(upstream.received).toEqual([]);
    expect(harness.recorder.counted).toContainEqual(expect.objectContaining({ reason: 'internal' }));
  });
});

describe('promise 4, masked before rest', () => {
  test('a secret reaches the application, but neither record nor client', async () => {
    await start();
    const answer = await post(`${harness.url}/mcp?key=${secret}`, toolCall(1, secret), {
      'user-agent': `agent ${secret}`,
    });
    expect(await answer.text()).not.toContain(secret);
    expect(upstream.received[0]?.body).toContain(secret);
    expect(JSON.stringify(harness.recorder.drafts)).not.toContain(secret);
    expect(harness.recorder.drafts.at(-1)?.mask).toMatchObject({ hits: 1, spans: [{ path: '/result/text' }] });
  });

  test('a secret in a tool name or in the name of the client is masked in the record', async () => {
    await start();
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: secret } };
    await post(`${harness.url}/mcp`, JSON.stringify(call));
    const params = { clientInfo: { name: secret, version: secret }, protocolVersion: secret };
    await post(`${harness.url}/mcp`, JSON.stringify({ ...call, method: 'initialize', params }));
    expect(harness.recorder.drafts.filter(({ kind }) => kind === 'session.open')).toHaveLength(2);
    expect(JSON.stringify(harness.recorder.drafts)).not.toContain(secret);
  });
});

test('an id that holds a secret is refused, because ids are never changed', async () => {
  await start();
  const answer = await post(`${harness.url}/mcp`, toolCall(secret));
  expect(answer.status).toBe(400);
  expect(upstream.received).toEqual([]);
  expect(JSON.stringify(harness.recorder.drafts)).not.toContain(secret);
});

const denyEcho: HarnessOptions['decide'] = ({ tool, method }) =>
  tool === 'echo' || method === 'resources/read'
    ? { verdict: 'deny', rule: 'no-echo', policy: 'p', message: 'not here' }
    : { verdict: 'allow', rule: 'rest' };

describe('a decision', () => {
  test('to deny a tool call is a tool error with status 200, recorded before it is sent', async () => {
    await start({ decide: denyEcho });
    const answer = await post(`${harness.url}/mcp`, toolCall(7));
    expect(answer.status).toBe(200);
    const body: unknown = await answer.json();
    expect(body).toMatchObject({ id: 7, result: { isError: true, resultType: 'complete' } });
    expect(JSON.stringify(body)).toMatch(/no-echo.*not here/);
    expect(upstream.received).toEqual([]);
    const [request, response] = harness.recorder.drafts.slice(-2);
    expect(request).toMatchObject({
      kind: 'mcp.request',
      decision: { verdict: 'deny', rule: 'no-echo', reason: 'not here' },
    });
    expect(response).toMatchObject({ kind: 'mcp.response', outcome: 'denied', jsonrpc_request_id: '7' });
  });

  test('to deny anything else is a JSON-RPC error with a positive code', async () => {
    await start({ decide: denyEcho });
    const body = JSON.stringify({ jsonrpc: '2.0', id: 8, method: 'resources/read', params: { uri: 'file:///etc' } });
    const answer = await post(`${harness.url}/mcp`, body);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: 8, error: { code: 1403 } });
  });

  test('to ask for approval is a denial that says so', async () => {
    await start({ decide: () => ({ verdict: 'approve', rule: 'ask' }) });
    const answer = await post(`${harness.url}/mcp`, toolCall(1));
    expect(JSON.stringify(await answer.json())).toContain('needs approval');
    expect(upstream.received).toEqual([]);
  });

  test('is made for each message of a batch, and one denial holds back all', async () => {
    await start({ decide: denyEcho });
    const batch = `[{"jsonrpc":"2.0","id":1,"method":"ping"}, ${toolCall(2)}]`;
    const answer = await post(`${harness.url}/mcp`, batch);
    expect(await answer.json()).toMatchObject([
      { id: 1, error: { code: 1424 } },
      { id: 2, result: { isError: true } },
    ]);
    expect(upstream.received).toEqual([]);
    const requests = harness.recorder.drafts.filter(({ kind }) => kind === 'mcp.request');
    expect(requests.map(({ decision }) => decision?.verdict)).toEqual(['allow', 'deny']);
    expect(requests[0]?.body).toBe('{"jsonrpc":"2.0","id":1,"method":"ping"}');
  });
});

describe('the stateless era', () => {
  const modern = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'echo' };
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'echo', _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } },
  });

  test.each([
    ['Mcp-Method', { ...modern, 'mcp-method': 'tools/list' }],
    ['Mcp-Name', { ...modern, 'mcp-name': 'other' }],
    ['MCP-Protocol-Version', { ...modern, 'mcp-protocol-version': '2025-11-25' }],
  ])('refuses a %s that does not say what the body says', async (name, headers) => {
    await start();
    const answer = await post(`${harness.url}/mcp`, body, headers);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ id: 1, error: { code: -32020 } });
    expect(harness.recorder.drafts.at(-1)?.detail).toEqual({ reason: 'header_mismatch', detail: name });
    expect(upstream.received).toEqual([]);
  });

  test('passes headers that agree, the name coded where it must be', async () => {
    await start();
    expect((await post(`${harness.url}/mcp`, body, { ...modern, 'mcp-name': '=?base64?ZWNobw==?=' })).status).toBe(200);
    expect(upstream.received[0]?.headers['mcp-method']).toBe('tools/call');
  });
});

describe('what is forwarded', () => {
  test('keeps Host, path and query, and loses Authorization and hop-by-hop headers', async () => {
    await start();
    await post(`${harness.url}//mcp//x?a=1&b=%2F`, toolCall(), { te: 'trailers', 'x-own': '1' });
    const [received] = upstream.received;
    expect(received?.url).toBe('//mcp//x?a=1&b=%2F');
    expect(received?.headers).toMatchObject({
      host: new URL(harness.url).host,
      'x-own': '1',
      'accept-encoding': 'identity',
    });
    expect(received?.headers).not.toHaveProperty('te');
  });
});
