import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createMcpSender, type McpSender } from './mcp-sender.ts';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
});

async function senderTo(answer: RequestListener, timeoutMs: number): Promise<McpSender> {
  const listening = createServer(answer);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  return createMcpSender({ url: `http://127.0.0.1:${port}/mcp`, headers: {}, timeoutMs, fetch });
}

const ping = { body: '{"jsonrpc":"2.0","id":1,"method":"ping"}', id: '1', headers: {} };

test('gives up on a server that does not answer the end of its session', async () => {
  const sender = await senderTo((request, response) => {
    if (request.method === 'DELETE') return;
    response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's' });
    response.end('{"jsonrpc":"2.0","id":1,"result":{}}');
  }, 300);
  expect(await sender.send(ping)).toMatchObject({ kind: 'answered' });
  await sender.close();
});

test('takes no more of an answer than fits', async () => {
  const sender = await senderTo((_request, response) => {
    const piece = Buffer.alloc(1024 * 1024, ' ');
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = (): void => {
      while (!response.destroyed && response.write(piece));
    };
    response.on('drain', more);
    more();
  }, 60_000);
  expect(await sender.send(ping)).toEqual({ kind: 'failed', reason: 'the answer is longer than 67108864 bytes' });
});
