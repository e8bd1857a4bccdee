/**
 * Parser differentials: the same bytes mean different things to different servers. For each row, what the client gets
 * and what reaches the server. What passes must reach the server as the very bytes that were judged.
 */
import { gzipSync, brotliCompressSync, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { exchangeRaw } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import { startUpstream, type Upstream } from '../testing/upstream.ts';

let upstream: Upstream;
let harness: Harness;
let bodies: Buffer[];

beforeAll(async () => {
  upstream = await startUpstream((_, res) => {
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc":"2.0","id":1,"result":{}}');
  });
  // What was received, byte for byte: the helper keeps text.
  upstream.server.prependListener('request', (req) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => bodies.push(Buffer.concat(chunks)));
  });
  harness = await startHarness({ upstream: upstream.url });
});

beforeEach(() => {
  bodies = [];
  upstream.received.length = 0;
  harness.recorder.drafts.length = 0;
  harness.recorder.counted.length = 0;
});

afterAll(async () => {
  await harness.close();
  await upstream.close();
});

type Headers = Readonly<Record<string, string>>;

interface Sent {
  readonly body: Buffer;
  readonly headers?: Headers;
  readonly path?: string;
}

/** Nothing of the request is any library's idea of a request. */
async function send({ body, headers = {}, path = '/mcp' }: Sent): Promise<number> {
  const all = { host: 'localhost', 'content-type': 'application/json', 'content-length': body.length, ...headers };
  const head = Object.entries({ ...all, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  const bytes = Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${head.join('')}\r\n`), body]);
  const answer = await exchangeRaw(harness.url, bytes);
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}

const text = (value: string): Buffer => Buffer.from(value, 'utf8');
const call = '"jsonrpc":"2.0","id":1,"method":"tools/call"';
const plain = `{${call},"params":{"name":"echo","arguments":{}}}`;
const utf16 = Buffer.from(plain, 'utf16le');
const many = (count: number, one: string): string => one.repeat(count);

const refused: readonly (readonly [string, Sent])[] = [
  ['duplicate method', { body: text(`{${call},"method":"ping"}`) }],
  ['duplicate name', { body: text(`{${call},"params":{"name":"safe","name":"unsafe"}}`) }],
  ['duplicate key, once escaped', { body: text(`{${call},"params":{"name":"safe","n\\u0061me":"unsafe"}}`) }],
  ['UTF-8 byte order mark', { body: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), text(plain)]) }],
  ['UTF-16 by charset', { body: utf16, headers: { 'content-type': 'application/json; charset=utf-16le' } }],
  ['UTF-16 with a byte order mark', { body: Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]) }],
  ['UTF-16 that says nothing', { body: utf16 }],
  ['latin1 by charset', { body: text(plain), headers: { 'content-type': 'application/json; charset=iso-8859-1' } }],
  ['gzip', { body: gzipSync(plain), headers: { 'content-encoding': 'gzip' } }],
  ['deflate', { body: deflateSync(plain), headers: { 'content-encoding': 'deflate' } }],
  ['br', { body: brotliCompressSync(plain), headers: { 'content-encoding': 'br' } }],
  ['gzip over identity', { body: text(plain), headers: { 'content-encoding': 'identity, gzip' } }],
  ['method and result', { body: text(`{${call},"result":{}}`) }],
  ['NaN', { body: text(`{${call},"params":{"a":NaN}}`) }],
  ['Infinity', { body: text(`{${call},"params":{"a":-Infinity}}`) }],
  ['id 1.5', { body: text('{"jsonrpc":"2.0","id":1.5,"method":"ping"}') }],
  ['id null', { body: text('{"jsonrpc":"2.0","id":null,"method":"ping"}') }],
  ['id true', { body: text('{"jsonrpc":"2.0","id":true,"method":"ping"}') }],
  ['id over 2^53', { body: text('{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}') }],
  ['invalid UTF-8', { body: Buffer.concat([text(`{${call},"params":{"name":"`), Buffer.from([0xff]), text('"}}')]) }],
  [
    'overlong UTF-8',
    { body: Buffer.concat([text(`{${call},"params":{"name":"`), Buffer.from([0xc0, 0xaf]), text('"}}')]) },
  ],
  ['5,000 levels', { body: text(`{${call},"params":${many(5000, '[')}${many(5000, ']')}}`) }],
  ['wrong-case Method key', { body: text('{"jsonrpc":"2.0","id":1,"Method":"tools/call"}') }],
  ['wrong-case jsonrpc key', { body: text(plain.replace('jsonrpc', 'JsonRpc')) }],
  ['comment', { body: text(`${plain}// done`) }],
  ['trailing comma', { body: text(`{${call},}`) }],
  ['two messages in a row', { body: text(`${plain}${plain}`) }],
  ['nothing', { body: text('') }],
  ['batch with a duplicate key', { body: text(`[${plain},{${call},"id":2}]`) }],
  ['empty batch', { body: text('[]') }],
];

const passed: readonly (readonly [string, Sent, string])[] = [
  [
    'escapes in keys and values',
    { body: text(plain.replace('name', 'n\\u0061me').replace('echo', '\\u0065cho')) },
    'echo',
  ],
  [
    'text/plain; x=application/json',
    { body: text(plain), headers: { 'content-type': 'text/plain; x=application/json' } },
    'echo',
  ],
  ['application/json-rpc', { body: text(plain), headers: { 'content-type': 'application/json-rpc' } }, 'echo'],
  ['no content type that says JSON', { body: text(plain), headers: { 'content-type': 'image/png' } }, 'echo'],
  ['extra top-level keys', { body: text(`{"more":[1],${call},"params":{"name":"echo"}}`) }, 'echo'],
  [
    '__proto__',
    { body: text(`{"__proto__":{"method":"ping"},${call},"params":{"name":"echo","__proto__":{"name":"x"}}}`) },
    'echo',
  ],
  [
    'wrong-case params beside the real one',
    { body: text(`{${call},"Params":{"name":"x"},"params":{"name":"echo"}}`) },
    'echo',
  ],
  ['white space around', { body: text(` \r\n\t${plain}\n`) }, 'echo'],
  [
    'big numbers and their lexemes',
    { body: text(`{${call},"params":{"name":"echo","arguments":{"n":12345678901234567890,"f":1.0e+2}}}`) },
    'echo',
  ],
  ['batch of one', { body: text(`[${plain}]`) }, 'echo'],
  ['trailing slash', { body: text(plain), path: '/mcp/' }, 'echo'],
  ['another case of the path', { body: text(plain), path: '/MCP' }, 'echo'],
  ['escaped path', { body: text(plain), path: '/%6dcp' }, 'echo'],
  ['path that nobody knows', { body: text(plain), path: '/anything?x=%2e%2e' }, 'echo'],
];

describe('bytes that servers read differently', () => {
  test.each(refused)('are refused with 400, recorded or counted, and reach nobody: %s', async (_name, sent) => {
    expect(await send(sent)).toBe(400);
    expect(bodies).toEqual([]);
    const recorded = harness.recorder.drafts.filter(({ outcome }) => outcome === 'refused');
    expect(recorded.length + harness.recorder.counted.length).toBe(1);
  });

  test.each(passed)('pass as the bytes that were judged: %s', async (_name, sent, tool) => {
    expect(await send(sent)).toBe(200);
    expect(bodies).toEqual([sent.body]);
    expect(upstream.received[0]?.url).toBe(sent.path ?? '/mcp');
    const requests = harness.recorder.drafts.filter(({ kind }) => kind === 'mcp.request');
    expect(requests.map((one) => one.gen_ai_tool_name)).toEqual([tool]);
  });

  test('are one message each in a batch, which reaches the server whole', async () => {
    const body = text(`[${plain}, {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}]`);
    expect(await send({ body })).toBe(200);
    expect(bodies).toEqual([body]);
    const kinds = harness.recorder.drafts.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'mcp.request' || kind === 'mcp.notification')).toHaveLength(2);
  });

  test.each([
    ['both lengths', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
    ['a length with a sign', 'Content-Length: +2\r\n\r\n{}'],
    ['a coding that is not the last', 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
    ['a bare line feed in a header', 'X-A: b\n\tTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}'],
    ['a space before the colon', 'Content-Length : 2\r\n\r\n{}'],
  ])('framed in two ways are refused and counted: %s', async (_name, rest) => {
    const answer = await exchangeRaw(
      harness.url,
      `POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${rest}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(bodies).toEqual([]);
    expect(harness.recorder.counted).toHaveLength(1);
  });
});
