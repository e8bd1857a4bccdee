import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { dial, eventually, exchangeRaw, post, readAll, toolCall } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import { answerJson, startUpstream, type Upstream } from '../testing/upstream.ts';

let upstream: Upstream;
let harness: Harness;

beforeEach(async () => {
  upstream = await startUpstream(answerJson({ ok: true }));
  await start({});
});

async function start(environment: Readonly<Record<string, string>>): Promise<void> {
  harness = await startHarness({
    upstream: upstream.url,
    environment: { TACHO_MAX_BODY_BYTES: '1Mi', ...environment },
  });
}

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

const lastDetail = (): unknown => harness.recorder.drafts.at(-1)?.detail;

const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'latin1'));

describe('a body that servers read differently', () => {
  const call = '"jsonrpc":"2.0","id":1,"method":"tools/call"';
  test.each([
    ['malformed JSON', bytes('{"jsonrpc":'), -32700],
    ['a duplicate key', bytes(`{${call},"method":"ping"}`), -32700],
    ['a duplicate key, escaped', bytes(`{${call},"\\u006dethod":"ping"}`), -32700],
    ['a duplicate key, nested', bytes(`{${call},"params":{"arguments":{"a":1,"a":2}}}`), -32700],
    ['invalid UTF-8', bytes(`{${call},"params":{"name":"\xff"}}`), -32700],
    ['a byte order mark', bytes(`\xef\xbb\xbf{${call}}`), -32700],
    ['a lone surrogate', bytes(`{${call},"params":{"name":"\\ud800"}}`), -32700],
    ['NaN', bytes(`{${call},"params":{"a":NaN}}`), -32700],
    ['5,000 levels', bytes(`{${call},"params":${'['.repeat(5000)}${']'.repeat(5000)}}`), -32700],
    ['an id of 1.5', bytes('{"jsonrpc":"2.0","id":1.5,"method":"ping"}'), -32600],
    ['an id of null', bytes('{"jsonrpc":"2.0","id":null,"method":"ping"}'), -32600],
    ['an id over 2^53', bytes('{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}'), -32600],
    ['method and result', bytes(`{${call},"result":{}}`), -32600],
    ['a wrong-case jsonrpc key', bytes('{"JSONRPC":"2.0","id":1,"method":"ping"}'), -32600],
    ['a batch with one bad message', bytes(`[{${call}},{"jsonrpc":"1.0","id":2,"method":"ping"}]`), -32600],
  ])('is refused with 400 and recorded: %s', async (_name, body, code) => {
    const answer = await post(`${harness.url}/mcp`, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code } });
    expect(upstream.received).toEqual([]);
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ kind: 'http.exchange', outcome: 'refused' });
  });

  test.each([
    ['UTF-16', { 'content-type': 'application/json; charset=utf-16' }, 'charset'],
    ['gzip', { 'content-encoding': 'gzip' }, 'content_encoding'],
  ])('is refused when its encoding hides it: %s', async (_name, headers, reason) => {
    const answer = await post(`${harness.url}/mcp`, toolCall(), headers);
    expect(answer.status).toBe(400);
    expect(lastDetail()).toEqual({ reason });
    expect(upstream.received).toEqual([]);
  });

  test('is judged on any path and content type', async () => {
    const answer = await post(`${harness.url}/elsewhere`, toolCall(), { 'content-type': 'text/plain' });
    expect(answer.status).toBe(200);
    expect(harness.recorder.drafts.find(({ kind }) => kind === 'mcp.request')?.gen_ai_tool_name).toBe('echo');
  });

  test('passes byte for byte with its number lexemes and key order', async () => {
    const body =
      '{"jsonrpc":"2.0", "id":1,"method":"ping","params":{"n":12345678901234567890,"f":1.0,"\\u0061":"\\u00fc"}}';
    await post(`${harness.url}/mcp`, body);
    expect(upstream.received[0]?.body).toBe(body);
    expect(harness.recorder.drafts.find(({ kind }) => kind === 'mcp.request')?.body).toBe(body);
  });
});

describe('a request that is no proper request', () => {
  test('is refused when it is larger than the limit, announced or not', async () => {
    const big = toolCall(1, 'x'.repeat(1024 * 1024));
    const announced = await post(`${harness.url}/mcp`, big).catch(() => undefined);
    expect([413, undefined]).toContain(announced?.status);
    await eventually(() => harness.recorder.drafts.some(({ detail }) => detail?.['reason'] === 'too_large'), 'record');
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const raw = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(17)}0\r\n\r\n`;
    const answer = await exchangeRaw(harness.url, raw);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(upstream.received).toEqual([]);
  });

  test('keeps its connection when its megabytes are refused unread: a reset would end a port-forward', async () => {
    const socket = await dial(harness.url);
    const body = toolCall(1, 'x'.repeat(2_000_000));
    const head = `POST /mcp HTTP/1.1\r\nhost: evil.example\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    socket.write(`${head}${body}GET /elsewhere HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    const answers = await readAll(socket);
    expect(answers.match(/HTTP\/1\.1 403/g)).toHaveLength(2);
  });

  test('is recorded as disconnected when only half of it comes', async () => {
    const socket = await dial(harness.url);
    socket.write('POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"half"');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await eventually(() => harness.recorder.drafts.some(({ outcome }) => outcome === 'disconnected'), 'record');
    expect(lastDetail()).toEqual({ reason: 'half_request' });
    expect(upstream.received).toEqual([]);
  });

  test('gets 408 when its headers trickle in', async () => {
    await harness.close();
    await start({ TACHO_HEADERS_TIMEOUT: '300ms', TACHO_REQUEST_TIMEOUT: '600ms' });
    const socket = await dial(harness.url);
    socket.write('POST /mcp HTTP/1.1\r\nHost: localhost\r\n');
    const trickle = setInterval(() => socket.write('X-A: b\r\n'), 60);
    const answer = await readAll(socket);
    clearInterval(trickle);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(harness.recorder.counted).toContainEqual(expect.objectContaining({ reason: 'request_timeout' }));
  });

  test('gets 431 with 10,000 headers, short or long', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `x-${index}: y\r\n`).join('');
    expect(await exchangeRaw(harness.url, `GET /mcp HTTP/1.1\r\nHost: localhost\r\n${many}\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    );
    expect(harness.recorder.counted).toContainEqual(expect.objectContaining({ reason: 'headers_too_large' }));
    const short = 'a:\r\n'.repeat(2500);
    const raw = `GET /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${short}\r\n`;
    expect(await exchangeRaw(harness.url, raw)).toMatch(/^HTTP\/1.1 431 /);
    expect(harness.recorder.counted).toContainEqual(expect.objectContaining({ reason: 'header_count' }));
  });

  test.each([
    [
      'both lengths',
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['no HTTP', 'HELLO\r\n\r\n', 400],
    ['an absolute target', 'GET http://evil/mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 400],
    [
      'a GET with a body',
      'GET /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}',
      400,
    ],
    ['a foreign host', 'GET /mcp HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n', 403],
    [
      'a foreign origin',
      'GET /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n',
      403,
    ],
    ['an origin of null', 'GET /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\nConnection: close\r\n\r\n', 403],
    ['a page', 'GET /index.html HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 403],
  ])('is refused and counted: %s', async (_name, raw, status) => {
    expect(await exchangeRaw(harness.url, raw)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(harness.recorder.counted).toHaveLength(1);
    expect(upstream.received).toEqual([]);
  });
});
