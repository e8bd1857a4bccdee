import { afterEach, describe, expect, test } from '@jest/globals';
import { isJsonObject, toJsonObject } from '@tachograph/protocol';
import { eventually, post } from '../testing/client.ts';
import { messagesOf, startHoldBench, type HoldBench } from '../testing/hold-bench.ts';

const benches: HoldBench[] = [];

afterEach(async () => {
  await Promise.all(benches.splice(0).map(async ({ close }) => close()));
});

async function start(): Promise<HoldBench> {
  const bench = await startHoldBench();
  benches.push(bench);
  return bench;
}

const modern = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'echo' };
const pages = { elicitation: { form: {}, url: {} } };

function body(id: number, more: Readonly<Record<string, unknown>> = {}, capabilities: unknown = pages): string {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
  const params = { name: 'echo', arguments: { text: 'x' }, _meta: meta, ...more };
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
}

/** The client's answer to the page: it has nothing to say. */
const inputResponses = { tachograph_approval: { action: 'cancel' } };

async function resultOf(answer: Promise<Response>): Promise<Readonly<Record<string, unknown>>> {
  return toJsonObject((await messagesOf(await answer)).at(-1)?.['result']);
}

/** Calls once, and gets the state to come back with. */
async function firstRound(bench: HoldBench): Promise<string> {
  const { requestState } = await resultOf(bench.call(body(1), modern));
  return String(requestState);
}

describe('a client that opens pages', () => {
  test('is sent to the page at once, and its retry runs after the consent, without anything of ours', async () => {
    const bench = await start();
    const result = await resultOf(bench.call(body(1), modern));
    const { id, url } = bench.approvals.last();
    expect(result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { tachograph_approval: { method: 'elicitation/create', params: { mode: 'url', url } } },
    });
    expect(bench.drafts('hold.open')[0]?.detail).toMatchObject({ approval: id, form: 'elicitation' });
    const state = String(result['requestState']);
    expect(state).not.toContain(id);
    const retry = bench.call(body(2, { requestState: state, inputResponses }), modern);
    await eventually(() => bench.approvals.asked.includes('wait'), 'waiting: a cancelled page is still pending');
    bench.approvals.decide('approve', 'bob');
    expect(await resultOf(retry)).toMatchObject({ content: [{ text: 'done' }] });
    expect(bench.upstream.received.map((one) => one.body)).toEqual([body(2)]);
    expect(bench.approvals.all.size).toBe(1);
  });

  test('comes back by itself while nobody decides, is asked once only, and in the end is told to call again', async () => {
    const bench = await start();
    let state: unknown = await firstRound(bench);
    const results: Readonly<Record<string, unknown>>[] = [];
    for (let round = 1; round <= 9; round += 1) {
      const waits = bench.approvals.asked.filter((one) => one === 'wait').length;
      const answering = bench.call(body(round + 1, { requestState: state, inputResponses }), modern);
      await eventually(() => bench.approvals.asked.filter((one) => one === 'wait').length > waits, 'waiting');
      bench.timers.advance(50_000);
      const result = await resultOf(answering);
      state = result['requestState'];
      results.push(result);
    }
    expect(results.map(({ inputRequests }) => inputRequests)).toEqual(Array(9).fill(undefined));
    expect(results.map(({ resultType }) => resultType)).toEqual([...Array(8).fill('input_required'), 'complete']);
    expect(JSON.stringify(results.at(-1))).toContain('call again with identical arguments');
    expect(bench.approvals.all.size).toBe(1);
  });

  test.each([
    ['other arguments', { arguments: { text: 'y' } }],
    ['a changed state', {}],
  ])('with %s begins anew, and the state goes nowhere', async (what, more) => {
    const bench = await start();
    const state = await firstRound(bench);
    const sent = what === 'a changed state' ? `${state.slice(0, -2)}AA` : state;
    const result = await resultOf(bench.call(body(2, { requestState: sent, inputResponses, ...more }), modern));
    expect(isJsonObject(result['inputRequests'])).toBe(true);
    expect(bench.approvals.all.size).toBe(what === 'other arguments' ? 2 : 1);
    expect(bench.upstream.received).toHaveLength(0);
  });

  test("gets nothing from another caller's state", async () => {
    const bench = await start();
    const state = await firstRound(bench);
    bench.approvals.decide('approve', 'bob');
    const mallory = { ...modern, authorization: `Bearer ${await bench.issuer.sign({ sub: 'mallory' })}` };
    const stolen = post(`${bench.harness.url}/mcp`, body(2, { requestState: state, inputResponses }), mallory);
    expect(isJsonObject((await resultOf(stolen))['inputRequests'])).toBe(true);
    expect(bench.approvals.all.size).toBe(2);
    expect(bench.upstream.received).toHaveLength(0);
  });

  test('keeps a state of ours to itself even where the policy allows the call by now', async () => {
    let verdict: 'approve' | 'allow' = 'approve';
    const bench = await startHoldBench({ decide: () => ({ verdict, rule: 'r', policy: 'p' }) });
    benches.push(bench);
    const state = await firstRound(bench);
    verdict = 'allow';
    expect(await resultOf(bench.call(body(2, { requestState: state, inputResponses }), modern))).toMatchObject({
      content: [{ text: 'done' }],
    });
    expect(bench.upstream.received.map((one) => one.body)).toEqual([body(2)]);
  });
});

function hello(elicitation: object, protocolVersion = '2025-11-25'): string {
  const params = { protocolVersion, capabilities: { elicitation }, clientInfo: { name: 'desk', version: '1' } };
  return JSON.stringify({ jsonrpc: '2.0', id: 'i', method: 'initialize', params });
}

describe('error -32042', () => {
  const legacy = { 'mcp-protocol-version': '2025-11-25', 'user-agent': 'desk/1' };

  async function afterItsTime(hellos: string, named = 'desk'): Promise<Readonly<Record<string, unknown>>> {
    const bench = await startHoldBench({ environment: { TACHO_HOLD_PAGE_CLIENTS: named } });
    benches.push(bench);
    await (await bench.call(hellos, legacy)).text();
    const answering = bench.call(body(1).replaceAll('2026-07-28', '2025-11-25'), legacy);
    await eventually(() => bench.approvals.asked.includes('wait'), 'waiting');
    bench.timers.advance(50_000);
    const message = (await messagesOf(await answering)).at(-1) ?? {};
    return { ...message, page: bench.approvals.last().url, id: bench.approvals.last().id };
  }

  test('with the page is what a client that asked for it gets when it has waited', async () => {
    const { error, page, id } = await afterItsTime(hello({ url: {} }));
    expect(error).toMatchObject({
      code: -32042,
      message: expect.stringContaining('call again with identical arguments'),
      data: {
        elicitations: [{ mode: 'url', elicitationId: id, url: page, message: expect.stringContaining('risky') }],
      },
    });
  });

  test.each([
    ['nobody named it', hello({ url: {} }), 'others'],
    ['it opens no pages', hello({ form: {} }), 'desk'],
    ['it is older', hello({ url: {} }, '2025-06-18'), 'desk'],
  ])('is not for a client where %s', async (_why, hellos, named) => {
    expect(await afterItsTime(hellos, named)).toMatchObject({ result: { isError: true } });
  });
});

describe('a stream, not a page, is for', () => {
  test.each([
    ['a client that did not declare pages on this request', body(1, {}, { elicitation: { form: {} } }), modern],
    ['a client of the sessions era', body(1, {}, pages), {}],
    ['a call that carries answers for the server', body(1, { inputResponses: { sure: {} } }), modern],
  ])('%s', async (_, text, headers) => {
    const bench = await start();
    const usable = Object.keys(headers).length === 0 ? text.replaceAll('2026-07-28', '2025-11-25') : text;
    const answering = bench.call(usable, headers);
    await eventually(() => bench.approvals.asked.includes('wait'), 'waiting');
    bench.approvals.decide('approve', 'bob');
    expect(await resultOf(answering)).toMatchObject({ content: [{ text: 'done' }] });
    expect(bench.upstream.received.map((one) => one.body)).toEqual([usable]);
  });
});

test("a server's own state is part of what is approved, and a call with it waits on a stream", async () => {
  let verdict: 'approve' | 'allow' = 'allow';
  const given: string[] = [];
  const bench = await startHoldBench({ decide: () => ({ verdict, rule: 'r', policy: 'p' }) }, ({ body: text }, res) => {
    const { id, params } = JSON.parse(text);
    const requestState = `state ${id}`;
    const asked = { resultType: 'input_required', inputRequests: {}, requestState };
    const result = params.requestState === undefined ? asked : { content: [{ type: 'text', text: 'done' }] };
    given.push(params.requestState);
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  });
  benches.push(bench);
  const states = [(await resultOf(bench.call(body(1), modern)))['requestState']];
  states.push((await resultOf(bench.call(body(2), modern)))['requestState']);
  verdict = 'approve';
  const calls = states.map(async (requestState, at) => bench.call(body(at + 3, { requestState }), modern));
  await bench.approvals.held(2);
  const shown = [...bench.approvals.all.values()].map(({ arguments: text }) => JSON.parse(text));
  const one = { arguments: { text: 'x' }, requestState: expect.stringMatching(/^tachograph\.3\./) };
  expect(shown).toEqual([one, one]);
  for (const id of bench.approvals.all.keys()) bench.approvals.decide('approve', 'bob', id);
  for (const answering of calls) expect(await resultOf(answering)).toMatchObject({ content: [{ text: 'done' }] });
  expect(given.slice(2).toSorted()).toEqual(['state 1', 'state 2']);
});
