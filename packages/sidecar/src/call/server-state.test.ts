import { afterEach, describe, expect, test } from '@jest/globals';
import { toJsonObject } from '@tachograph/protocol';
import { post } from '../testing/client.ts';
import { startHarness, type Harness, type HarnessOptions } from '../testing/harness.ts';
import { messagesOf } from '../testing/hold-bench.ts';
import { createTestIssuer, type TestIssuer } from '../testing/issuer.ts';
import { startUpstream, type Handler, type Upstream } from '../testing/upstream.ts';

/** Not one character of it may change: a server may have signed it. */
const serverState = 'c3RhdGU=.é\\"\u2028 ghp_16C7e42F292c6912E7710c838347Ae178B4a';
const modern = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'confirm' };

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

type Params = Readonly<Record<string, unknown>>;

function body(id: number, more: Params = {}): string {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { name: 'confirm', arguments: { id: 7 }, _meta: meta, ...more };
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
}

/** Asks back at the first call, and is content with the second. */
function asking(more: Params, send: 'json' | 'sse'): Handler {
  return ({ body: text }, res) => {
    const { id, params } = JSON.parse(text);
    const inputRequests = { sure: { method: 'elicitation/create', params: { mode: 'form', message: 'Sure?' } } };
    const result =
      params.requestState === undefined
        ? { resultType: 'input_required', inputRequests, requestState: serverState, ...more }
        : { resultType: 'complete', content: [{ type: 'text', text: 'confirmed' }] };
    const answer = JSON.stringify({ jsonrpc: '2.0', id, result });
    res.writeHead(200, { 'content-type': send === 'json' ? 'application/json' : 'text/event-stream' });
    res.end(send === 'json' ? answer : `data: ${answer}\n\n`);
  };
}

interface Bench {
  readonly harness: Harness;
  readonly upstream: Upstream;
  readonly issuer: TestIssuer;
  /** The result, or the error. */
  readonly call: (text: string, sub?: string, headers?: Record<string, string>) => Promise<Params>;
}

async function start(
  options: Partial<HarnessOptions> = {},
  more: Params = {},
  send: 'json' | 'sse' = 'json',
): Promise<Bench> {
  const upstream = await startUpstream(asking(more, send));
  const issuer = await createTestIssuer();
  const harness = await startHarness({ upstream: upstream.url, issuers: issuer.payload, ...options });
  open.push(
    async () => harness.close(),
    async () => upstream.close(),
  );
  const call: Bench['call'] = async (text, sub = 'alice', headers = modern) => {
    const authorization = `Bearer ${await issuer.sign({ sub })}`;
    const answer = await post(`${harness.url}/mcp`, text, { authorization, ...headers });
    const { result, error } = (await messagesOf(answer)).at(-1) ?? {};
    return toJsonObject(result ?? error);
  };
  return { harness, upstream, issuer, call };
}

const received = ({ upstream }: Bench): unknown[] =>
  upstream.received.map((one) => JSON.parse(one.body).params.requestState);

describe("a server's own request state", () => {
  test.each([
    ['in JSON', {}, 'json'],
    ['in a stream', {}, 'sse'],
    ['in a long answer', { content: [{ type: 'text', text: 'x'.repeat(100_000) }] }, 'json'],
    ['in a long event', { content: [{ type: 'text', text: 'x'.repeat(100_000) }] }, 'sse'],
  ] as const)(
    '%s is sealed towards the client, and comes back to the server byte for byte',
    async (_name, more, send) => {
      const bench = await start({}, more, send);
      const asked = await bench.call(body(1));
      expect(asked).toMatchObject({ resultType: 'input_required', inputRequests: { sure: {} } });
      const { requestState } = asked;
      expect(requestState).toMatch(/^tachograph\.3\./);
      const inputResponses = { sure: { action: 'accept', content: {} } };
      expect(await bench.call(body(2, { requestState, inputResponses }))).toMatchObject({
        content: [{ text: 'confirmed' }],
      });
      expect(received(bench)).toEqual([undefined, serverState]);
      // Nothing else of the message is touched.
      expect(bench.upstream.received[1]?.body).toBe(body(2, { requestState: serverState, inputResponses }));
      const answer = bench.harness.recorder.drafts.find(({ kind }) => kind === 'mcp.response');
      expect(JSON.parse(answer?.body ?? '').result.requestState).toBe(serverState);
    },
  );

  test.each<[string, (bench: Bench, state: unknown) => Promise<Params>]>([
    [
      'of another tool',
      async ({ call }, requestState) =>
        call(body(2, { requestState, name: 'other' }), 'alice', { ...modern, 'mcp-name': 'other' }),
    ],
    [
      'that was changed',
      async ({ call }, state) => call(body(2, { requestState: `${String(state).slice(0, -3)}AAA` })),
    ],
    ['that nobody sealed', async ({ call }) => call(body(2, { requestState: serverState }))],
    ['that is no text', async ({ call }) => call(body(2, { requestState: { a: 1 } }))],
  ])('%s never reaches the server', async (_name, retry) => {
    const bench = await start();
    const { requestState } = await bench.call(body(1));
    const result = await retry(bench, requestState);
    // No result: a client must not take the refusal for an answer.
    expect(result).toMatchObject({ code: -32602, message: expect.stringContaining('begin the call anew') });
    expect(received(bench)).toEqual([undefined]);
    const denied = bench.harness.recorder.drafts.filter(({ decision }) => decision?.rule === 'request-state');
    expect(denied).toMatchObject([{ kind: 'mcp.request', decision: { verdict: 'deny' } }]);
  });

  test('of another caller never reaches the server, and is as if it were not there', async () => {
    const bench = await start();
    const { requestState } = await bench.call(body(1));
    const authorization = `Bearer ${await bench.issuer.sign({ sub: 'mallory' })}`;
    const answer = await post(`${bench.harness.url}/mcp`, body(2, { requestState }), { authorization, ...modern });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      jsonrpc: '2.0',
      id: 2,
      error: { code: -32602, message: 'there is no such handle' },
    });
    expect(received(bench)).toEqual([undefined]);
    const denied = bench.harness.recorder.drafts.filter(({ decision }) => decision?.rule === 'foreign-handle');
    expect(denied).toMatchObject([{ kind: 'mcp.request', principal: { sub: 'mallory' } }]);
  });

  test('of a long call comes back too', async () => {
    const bench = await start();
    const { requestState } = await bench.call(body(1));
    const text = 'y'.repeat(100_000);
    const retry = body(2, { arguments: { text }, requestState });
    expect(await bench.call(retry)).toMatchObject({ content: [{ text: 'confirmed' }] });
    expect(bench.upstream.received[1]?.body).toBe(body(2, { arguments: { text }, requestState: serverState }));
  });

  test('in clients of the sessions era, and in what is no request for input, is nothing of ours', async () => {
    const bench = await start({}, { resultType: 'complete', content: [] });
    expect(await bench.call(body(1))).toMatchObject({ requestState: serverState });
    const legacy = { 'mcp-protocol-version': '2025-11-25' };
    const text = body(2, { requestState: 'x' }).replaceAll('2026-07-28', '2025-11-25');
    await bench.call(text, 'alice', legacy);
    expect(received(bench)).toEqual([undefined, 'x']);
  });
});
