import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createDirectoryStore } from '@tachograph/store';
import { ArchiveBuilder } from '../testing/archive-builder.ts';
import { type CliResult, runCli } from '../testing/run-cli.ts';

const session = '01932b00-0000-7000-8000-0000000000a1';
let root = '';
let server: Server;
let url = '';
let seen: { readonly method: string; readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];
let secret = 'as recorded';

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tacho-replay-'));
  await record();
  server = createServer((request, response) => {
    void text(request).then((body) => {
      seen.push({ method: request.method ?? '', headers: request.headers, body });
      const { status = 200, headers = {}, content = '' } = sandbox(body);
      return response.writeHead(status, headers).end(content);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
});

beforeEach(() => {
  seen = [];
  secret = 'as recorded';
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(root, { recursive: true, force: true });
});

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: string;
}

/** A server that opens a session, answers one call as JSON and one as events. */
function sandbox(body: string): Reply {
  const json = { 'content-type': 'application/json' };
  if (body === '') return { status: 204 };
  const { id, method, params } = JSON.parse(body) as { id?: unknown; method: string; params?: { name?: string } };
  if (id === undefined) return { status: 202 };
  const answer = (result: object): string => JSON.stringify({ jsonrpc: '2.0', id, result });
  if (method === 'initialize') {
    return { headers: { ...json, 'mcp-session-id': 'sandbox-1' }, content: answer({ serverInfo: { name: 'files' } }) };
  }
  if (params?.name === 'stream') {
    const events = `event: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress"}\n\ndata: ${answer({ n: 2 })}\n\n`;
    return { headers: { 'content-type': 'text/event-stream' }, content: events };
  }
  return { headers: json, content: answer({ text: secret, masked: 'the real one' }) };
}

async function record(): Promise<void> {
  const archive = new ArchiveBuilder(createDirectoryStore(root));
  const stream = archive.openStream();
  const principal = { iss: 'i', sub: 'alice\u001b[31m', type: 'human' } as const;
  let exchange = 0;
  const ask = (method: string, params: object, draft: object = {}): void => {
    exchange += 1;
    const isCall = !method.startsWith('notifications/');
    const body = JSON.stringify({ jsonrpc: '2.0', ...(isCall ? { id: exchange } : {}), method, params });
    stream.add({
      kind: isCall ? 'mcp.request' : 'mcp.notification',
      dir: 'c2s',
      exchange,
      mcp_method_name: method,
      mcp_protocol_version: '2025-11-25',
      principal,
      ...(isCall ? { jsonrpc_request_id: String(exchange) } : {}),
      ...(method === 'initialize' ? {} : { session }),
      body,
      ...draft,
    });
  };
  const answer = (result: object, draft: object = {}): void => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: exchange, result });
    stream.add({
      kind: 'mcp.response',
      session,
      dir: 's2c',
      exchange,
      jsonrpc_request_id: String(exchange),
      body,
      ...draft,
    });
  };
  ask('initialize', { clientInfo: { name: 'inspector' } });
  stream.add({ kind: 'session.open', session, exchange, principal });
  answer({ serverInfo: { name: 'files' } });
  ask('notifications/initialized', {});
  await stream.seal();
  ask('tools/call', { name: 'read' }, { gen_ai_tool_name: 'read', http: { headers: { 'mcp-name': 'read' } } });
  const span = { rule: 'password', path: '/result/masked', count: 1, transform: 'redact' };
  answer({ text: 'as recorded', masked: '[REDACTED:password]' }, { mask: { rules: 'r', hits: 1, spans: [span] } });
  ask('tools/call', { name: 'stream' }, { gen_ai_tool_name: 'stream' });
  const blob = await stream.blob(`{"jsonrpc":"2.0","id":${exchange},"result":{"n":2}}`);
  answer({}, { body: undefined, blob });
  const denied = { verdict: 'deny', rule: 'no-drop', policy: 'p', reason: 'never' } as const;
  ask('tools/call', { name: 'drop', note: '\u009b31mred\u202e' }, { gen_ai_tool_name: 'drop', decision: denied });
  answer({ isError: true }, { outcome: 'denied' });
  ask('tools/call', { name: 'held' }, { gen_ai_tool_name: 'held', decision: { verdict: 'approve', rule: 'ask' } });
  stream.add({ kind: 'hold.open', session, exchange, detail: { approval: 'a1', expires_at: 't' } });
  stream.add({ kind: 'hold.decision', session, exchange, detail: { approval: 'a1', state: 'expired', runs: false } });
  stream.add({ kind: 'heartbeat' });
  await stream.close(session);
  await archive.publish();
}

async function replay(...argv: readonly string[]): Promise<CliResult> {
  return await runCli(['replay', root, '--session', session, ...argv]);
}

describe('a shown session', () => {
  test('has the exact messages in order, from the request that opened it', async () => {
    const { code, out } = await replay();
    expect(code).toBe(0);
    const bodies = out.split('\n').filter((line) => line.startsWith('  {"jsonrpc"'));
    expect(bodies.slice(0, 4)).toEqual([
      '  {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"clientInfo":{"name":"inspector"}}}',
      '  {"jsonrpc":"2.0","id":1,"result":{"serverInfo":{"name":"files"}}}',
      '  {"jsonrpc":"2.0","method":"notifications/initialized","params":{}}',
      '  {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"read"}}',
    ]);
  });

  test('marks what was masked, denied and held', async () => {
    const { out } = await replay();
    expect(out).toContain('  masked    password x1 at /result/masked (redact)\n');
    expect(out).toContain('  DENIED  by rule no-drop of p: never\n');
    expect(out).toContain('  HELD  by rule ask\n');
    expect(out).toContain('  {"approval":"a1","state":"expired","runs":false}\n');
  });

  test('lets no recorded byte steer the terminal, and loses none', async () => {
    const { out } = await replay();
    // oxlint-disable-next-line no-control-regex -- exactly these must not come out
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(out).toContain('"note":"\\u009b31mred\\u202e"');
    expect(out).toContain('by alice\\u001b[31m');
  });

  test('comes as JSON lines of the same value', async () => {
    const { out } = await replay('--json');
    const records = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { seq: number; body?: string });
    const seqs = records.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(records.some(({ body }) => body?.includes('\u009b31mred\u202e') === true)).toBe(true);
  });

  test('takes its time with --speed', async () => {
    // Records stand a millisecond apart.
    expect((await replay('--speed', '1')).out).toBe((await replay()).out);
    expect((await replay('--speed', '0')).code).toBe(64);
  });

  test('exits 3 for a session that is not there', async () => {
    const result = await runCli(['replay', root, '--session', 'x']);
    expect(result).toMatchObject({ code: 3, err: 'tacho: no session x in this archive\n' });
  });
});

describe('a session against a sandbox', () => {
  test('is sent as recorded, with the session that the sandbox opened, and answered the same', async () => {
    const { code, out } = await replay('--against', url, '--header', 'Authorization: Bearer sandbox');
    expect(out).toContain('3 answers are the same, 0 differ, 0 failed; 1 notifications sent, 2 not sent');
    expect(code).toBe(0);
    expect(seen.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST', 'POST', 'DELETE']);
    expect(seen[0]?.body).toBe(
      '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"clientInfo":{"name":"inspector"}}}',
    );
    expect(seen[0]?.headers['mcp-session-id']).toBeUndefined();
    expect(seen[2]?.headers).toMatchObject({
      'mcp-session-id': 'sandbox-1',
      'mcp-protocol-version': '2025-11-25',
      'mcp-name': 'read',
      authorization: 'Bearer sandbox',
    });
  });

  test('shows where an answer differs, and exits 1', async () => {
    secret = 'changed\u001b[2J';
    const { code, out } = await replay('--against', url);
    expect([code, out]).toEqual([1, expect.stringContaining('differs    #')]);
    expect(out).toContain('  /result/text\n    recorded  "as recorded"\n    now       "changed\\u001b[2J"\n');
    expect(out).not.toContain('the real one');
  });

  test('stops where the sandbox does not open the session', async () => {
    const { code, out } = await replay('--against', 'http://127.0.0.1:1/mcp', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ counts: { failed: 1, skipped: 5 } });
  });

  test.each([
    ['http://example.com/mcp', 'example.com is another machine: recorded messages are sent there only with --yes-send'],
    ['http://127.0.0.1.example.com/mcp', '127.0.0.1.example.com is another machine'],
    ['http://10.0.0.1/mcp', '10.0.0.1 is another machine'],
    ['file:///etc/passwd', 'expected --against http(s)'],
    ['nonsense', 'expected --against http(s)'],
  ])('refuses %s', async (address, sentence) => {
    const { code, err } = await replay('--against', address);
    expect([code, err]).toEqual([64, expect.stringContaining(sentence)]);
    expect(seen).toEqual([]);
  });
});
