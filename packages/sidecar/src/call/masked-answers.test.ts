import { afterEach, describe, expect, test } from '@jest/globals';
import { createMasker, type Masker } from '@tachograph/masking';
import type { ServerResponse } from 'node:http';
import type { MaskingSpec } from '@tachograph/protocol';
import { nodeMaskCrypto } from '../masking/node-crypto.ts';
import { post } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import { startUpstream, type Upstream } from '../testing/upstream.ts';

const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
let upstream: Upstream;
let harness: Harness;

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

const span = { rule: 'email', path: '/result/a', transform: 'redact' };

interface Call {
  readonly id: unknown;
  readonly method: string;
}

async function start(
  answer: (call: Call, res: ServerResponse) => void,
  masking: MaskingSpec = {},
  masker?: Masker,
): Promise<void> {
  upstream = await startUpstream(({ body }, res) => {
    const asked: Call = JSON.parse(body);
    answer(asked, res);
  });
  harness = await startHarness({ upstream: upstream.url, masking, ...(masker === undefined ? {} : { masker }) });
}

async function call(method: string, params: object, id = 1): Promise<string> {
  return (await post(`${harness.url}/mcp`, JSON.stringify({ jsonrpc: '2.0', id, method, params }))).text();
}

function reply(res: ServerResponse, { id }: Call, result: unknown): void {
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

function listTool(res: ServerResponse, asked: Call, password: object): void {
  const properties = { password, note: { type: 'string' } };
  reply(res, asked, { tools: [{ name: 'get', inputSchema: {}, outputSchema: { type: 'object', properties } }] });
}

function noteOf(data: string): object {
  return { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data } };
}

function noteEvent(data: string): string {
  return `data: ${JSON.stringify(noteOf(data))}\n\n`;
}

describe('a masked answer', () => {
  test("keeps to the tool's output schema, as it was listed", async () => {
    await start((asked, res) => {
      if (asked.method === 'tools/list') return listTool(res, asked, { type: 'string', maxLength: 8 });
      const structuredContent = { password: 'hunter2x', note: 'n' };
      return reply(res, asked, { content: [], structuredContent });
    });
    await call('tools/list', {});
    expect(JSON.parse(await call('tools/call', { name: 'get' }))).toMatchObject({
      result: { structuredContent: { password: '********', note: 'n' } },
    });
  });

  test('that cannot keep to it gives way to an error that names rule and place, and the record says so', async () => {
    await start((asked, res) => {
      if (asked.method === 'tools/list') return listTool(res, asked, { enum: ['hunter2x', 'b'] });
      return reply(res, asked, { content: [], structuredContent: { password: 'hunter2x' } });
    });
    await call('tools/list', {});
    const text = await call('tools/call', { name: 'get' });
    expect(JSON.parse(text)).toMatchObject({
      id: 1,
      result: {
        isError: true,
        content: [{ text: expect.stringContaining('password at /result/structuredContent/password') }],
      },
    });
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ outcome: 'withheld', detail: { reason: 'output_schema' } });
    expect(text + JSON.stringify(harness.recorder.drafts.at(-1))).not.toContain('hunter2x');
  });

  test('in events too', async () => {
    await start((asked, res) => {
      if (asked.method === 'tools/list') return listTool(res, asked, { const: 'hunter2x' });
      const result = { content: [], structuredContent: { password: 'hunter2x' } };
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      return void res.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id: asked.id, result })}\n\n`);
    });
    await call('tools/list', {});
    const text = await call('tools/call', { name: 'get' });
    expect(text).toContain('"isError":true');
    expect(text).not.toContain('hunter2x');
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ outcome: 'withheld', detail: { reason: 'output_schema' } });
  });

  test('has a secret masked that two events share, for record and client', async () => {
    await start((asked, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(noteEvent(`use ${secret.slice(0, 20)}`));
      res.write(noteEvent(`${secret.slice(20)} now`));
      res.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id: asked.id, result: {} })}\n\n`);
    });
    const all = (await call('tools/call', { name: 'get' })) + JSON.stringify(harness.recorder.drafts);
    expect(all).not.toContain(secret.slice(20));
    expect(all).not.toContain(secret.slice(4, 20));
  });

  test.each([
    ['all', undefined, 3],
    ['a part', { text: '{"for":"client"}', hits: 2, spans: [{ ...span, count: 2 }] }, 1],
  ])('of which the client sees %s is masked in the record, which says what the client saw', async (_, client, seen) => {
    const record = { text: '{"for":"record"}', hits: 3, spans: [{ ...span, count: 3 }] };
    const real = createMasker({}, nodeMaskCrypto);
    const maskJson: Masker['maskJson'] = (text) =>
      text.includes('"result"') ? { kind: 'masked', record, client } : { kind: 'clean' };
    await start((asked, res) => reply(res, asked, { content: [] }), {}, { ...real, maskJson });
    const answer = await call('tools/call', { name: 'get' });
    expect(answer).toBe(client?.text ?? '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
    expect(harness.recorder.drafts.at(-1)).toMatchObject({
      body: record.text,
      mask: { hits: 3, spans: record.spans, client_saw: [{ ...span, count: seen }] },
    });
  });

  test('of bytes that are no text passes, and the record counts them', async () => {
    const data = Buffer.from(Array.from({ length: 300 }, (_, n) => (n * 7919) % 256)).toString('base64');
    await start((asked, res) => reply(res, asked, { content: [{ type: 'image', mimeType: 'image/png', data }] }));
    expect(await call('tools/call', { name: 'get' })).toContain(data);
    expect(harness.recorder.drafts.at(-1)?.mask).toMatchObject({ uninspected: 1 });
  });
});

describe('a request over a limit', () => {
  const nested = `${'['.repeat(200)}${']'.repeat(200)}`;
  const wide = `{${Array.from({ length: 100_001 }, (_, n) => `"k${n}":0`).join(',')}}`;
  test.each([
    ['depth', nested],
    ['keys', wide],
  ])('of %s is refused with a JSON-RPC error and recorded', async (_, value) => {
    await start((asked, res) => reply(res, asked, {}));
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"a":${value}}}}`;
    const answer: unknown = JSON.parse(await (await post(`${harness.url}/mcp`, body)).text());
    expect(answer).toMatchObject({ jsonrpc: '2.0', error: { code: -32700 } });
    expect(upstream.received).toHaveLength(0);
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ outcome: 'refused' });
  });

  test.each([
    ['depth', nested, 'too_deep'],
    ['keys', wide, 'too_many_keys'],
    ['bytes', `"${'x'.repeat(16 * 1024 * 1024)}"`, 'too_large'],
  ])('of %s in an answer is withheld with a JSON-RPC error and recorded', async (_, value, reason) => {
    await start(({ id }, res) => {
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(`{"jsonrpc":"2.0","id":${String(id)},"result":{"a":${value}}}`);
    });
    const answer: unknown = JSON.parse(await call('tools/call', { name: 't' }));
    expect(answer).toMatchObject({ id: 1, error: { message: expect.stringContaining(reason) } });
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ outcome: 'withheld', detail: { reason } });
  });
});

describe('a batch', () => {
  test('lets other calls pass while it is masked, and hides a secret that two of its messages share', async () => {
    await start((asked, res) => reply(res, asked, {}));
    const bulk = Array.from({ length: 400 }, () => noteOf('many words, '.repeat(800)));
    const batch = JSON.stringify([...bulk, noteOf(`use ${secret.slice(0, 20)}`), noteOf(`${secret.slice(20)} now`)]);
    const order: string[] = [];
    const long = post(`${harness.url}/mcp`, batch).then(() => order.push('batch'));
    await harness.recorder.seen(({ kind }) => kind === 'session.open');
    await call('ping', {}).then(() => order.push('ping'));
    await long;
    expect(order).toEqual(['ping', 'batch']);
    const drafts = JSON.stringify(harness.recorder.drafts);
    expect(drafts).toContain('many words');
    expect(drafts).not.toContain(secret.slice(20));
  });
});
