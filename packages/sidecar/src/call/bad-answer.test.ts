import { afterEach, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { dial, eventually, post, toolCall } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import { startUpstream, type Handler, type Upstream } from '../testing/upstream.ts';

let upstream: Upstream;
let harness: Harness;

async function start(handler: Handler): Promise<void> {
  upstream = await startUpstream(handler);
  harness = await startHarness({ upstream: upstream.url, environment: { TACHO_MAX_BODY_BYTES: '1Mi' } });
}

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

describe('an answer', () => {
  const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
  test.each<[string, Handler, string]>([
    ['no JSON', (_, res) => res.writeHead(200, { 'content-type': 'application/json' }).end(`<p>${secret}`), 'not_json'],
    ['a page', (_, res) => res.writeHead(200, { 'content-type': 'text/html' }).end(`<p>${secret}`), 'not_json'],
    [
      'invalid UTF-8',
      (_, res) => res.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from([0x22, 0xff, 0x22])),
      'not_utf8',
    ],
    [
      'an unknown coding',
      (_, res) => res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'x' }).end(secret),
      'content_encoding',
    ],
    [
      'over the limit',
      (_, res) => res.writeHead(200, { 'content-type': 'application/json' }).end(`"${'x'.repeat(1024 * 1024)}"`),
      'too_large',
    ],
    [
      'too deep to inspect',
      (_, res) => res.writeHead(200, { 'content-type': 'application/json' }).end('['.repeat(200) + ']'.repeat(200)),
      'too_deep',
    ],
  ])('that cannot be inspected is withheld with the id: %s', async (_name, handler, reason) => {
    await start(handler);
    const answer = await post(`${harness.url}/mcp`, toolCall('a-7'));
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ id: 'a-7', error: { code: 1502 } });
    expect(text).not.toContain(secret);
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ outcome: 'withheld', detail: { reason } });
  });

  test('that is compressed all the same is decoded, masked and recorded', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { text: secret } });
    await start((_, res) =>
      res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync(body)),
    );
    const answer = await post(`${harness.url}/mcp`, toolCall());
    expect(await answer.text()).not.toContain(secret);
    expect(answer.headers.get('content-encoding')).toBeNull();
    expect(upstream.received[0]?.headers['accept-encoding']).toBe('identity');
    expect(JSON.stringify(harness.recorder.drafts)).not.toContain(secret);
  });

  test.each([404, 405, 500])('of status %d without JSON keeps its status and masked text', async (status) => {
    await start((_, res) => res.writeHead(status, { 'content-type': 'text/plain' }).end(`no ${secret}`));
    const answer = await post(`${harness.url}/mcp`, toolCall());
    expect(answer.status).toBe(status);
    expect(await answer.text()).toMatch(/^no \[/);
    expect(JSON.stringify(harness.recorder.drafts)).not.toContain(secret);
  });

  test('that breaks off before its end becomes an error, and the record says so', async () => {
    await start((_, res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      res.write('{"jsonrpc"', () => res.destroy());
    });
    const answer = await post(`${harness.url}/mcp`, toolCall(9));
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ id: 9, error: { code: 1502 } });
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ outcome: 'upstream_error', jsonrpc_request_id: '9' });
  });

  test('that never comes because nobody listens becomes an error', async () => {
    await start(() => undefined);
    await upstream.close();
    const answer = await post(`${harness.url}/mcp`, toolCall(3));
    expect(answer.status).toBe(502);
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ outcome: 'upstream_error', jsonrpc_request_id: '3' });
  });

  test('that nobody waits for any more is not computed: the application sees the client leave', async () => {
    await start(() => undefined);
    const socket = await dial(harness.url);
    const body = toolCall(4);
    socket.write(`POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await eventually(() => upstream.received.length === 1, 'request at the application');
    socket.destroy();
    await eventually(() => upstream.closedEarly() === 1, 'application sees the close');
    await eventually(() => harness.recorder.drafts.at(-1)?.outcome === 'disconnected', 'record');
    expect(harness.recorder.drafts.at(-1)?.jsonrpc_request_id).toBe('4');
  });
});
